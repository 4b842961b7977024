"""Run readers over nights and add up what they got right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.data import LabelledNight
from inference.training.evaluation.answers import Answers, ask
from inference.training.evaluation.events import EventSums, event_sums
from inference.training.evaluation.figures import (
    event_figures,
    majority_sums,
    number,
    rule_figures,
    stage_figures,
)
from inference.training.evaluation.readers import MAJORITY, Baselines, Reader
from inference.training.evaluation.reference import ReferenceNight, reference_of
from inference.training.evaluation.tally import RuleSums, StageSums, rule_sums, stage_sums
from inference.training.evaluation.verdicts import verdict_counts
from psg.claims import MeasuredNight, measure_night
from psg.rules.editions import RuleEdition

JUDGED = "judged"
"""The name, among readers, of the bundle that is judged."""


@dataclass(frozen=True)
class JudgedNight:
    """A night with the answers of each reader, by the reader's name."""

    reference: ReferenceNight
    answers: Mapping[str, Answers]

    def stages(self) -> NightStages:
        """What a report draws of it; the signals need not be kept for that."""
        return NightStages(
            self.reference.night.key,
            self.reference.codes,
            {name: (answers.codes, answers.asked) for name, answers in self.answers.items()},
        )


@dataclass(frozen=True)
class NightStages:
    """Stage codes of a night, by the reference and by each reader with the epochs it was asked."""

    name: str
    reference: NDArray[np.int8]
    readers: Mapping[str, tuple[NDArray[np.int8], NDArray[np.bool_]]]


@dataclass
class Judgement:
    """All that adds up of one reader; a night goes in with ``add`` and need not be kept."""

    edition: RuleEdition
    gives_words: bool
    stages: dict[str, list[StageSums]] = field(default_factory=dict)
    rules: dict[str, list[RuleSums]] = field(default_factory=dict)
    events: dict[str, list[EventSums]] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    answered: int = 0

    def add(self, night: ReferenceNight, answers: Answers, measured: MeasuredNight) -> None:
        self.stages.setdefault(night.subject, []).append(stage_sums(night, answers))
        if self.gives_words:
            self.rules.setdefault(night.subject, []).append(rule_sums(night, answers, self.edition))
            self.verdicts += verdict_counts(measured, answers)
            known = event_sums(night, answers)
            if known is not None:
                self.events.setdefault(night.subject, []).append(known)
        self.said += Counter(reply.stage.value for reply in answers.parsed.values())
        self.faults += answers.faults
        self.seconds += answers.seconds
        self.answered += len(answers.by_epoch)

    def figures(self) -> dict[str, Any]:
        """Every figure of this reader, ready for JSON."""
        found = stage_figures(by_subject(self.stages))
        if not found["epochs"] and self.answered:  # nights without stages: the replies are known
            found["unparsed"] = number(self.faults.total() / self.answered)
        for figures_of, sums in ((rule_figures, self.rules), (event_figures, self.events)):
            more = figures_of(by_subject(sums)) if sums else {}
            found["intervals"] |= more.pop("intervals", {})
            found |= more
        return {
            "rule_iou": None,
            **found,
            "subjects": len(self.stages),
            "replies": self.answered,
            "said": dict(self.said),
            "claims": dict(self.verdicts),
            "faults": dict(self.faults),
            "epochs_per_s": round(self.answered / self.seconds, 2) if self.seconds else None,
        }


class Judge:
    """Has every reader answer the same epochs of the same nights."""

    def __init__(
        self, reader: Reader, baselines: Baselines, *, edition: RuleEdition, every: int = 1
    ) -> None:
        """``every`` is the step between epochs that are asked for; 1 asks for all."""
        self._edition = edition
        self._every = every
        self._answered: tuple[str, dict[str, Answers], MeasuredNight] | None = None
        self._readers = {JUDGED: reader, **baselines.readers}
        self.judgements = {
            name: Judgement(edition, one.gives_words) for name, one in self._readers.items()
        }

    def see(self, labelled: LabelledNight) -> JudgedNight:
        """Judge the answers to one night by one scorer's labels of it."""
        reference = reference_of(labelled)
        answers, measured = self._answers(reference)
        for name, one in answers.items():
            self.judgements[name].add(reference, one, measured)
        return JudgedNight(reference, answers)

    def figures(self) -> dict[str, Any]:
        """Figures of every reader, those of the commonest stage among them."""
        found = {name: one.figures() for name, one in self.judgements.items()}
        stages = by_subject(self.judgements[JUDGED].stages)
        return {**found, MAJORITY: stage_figures(majority_sums(stages))}

    def _answers(self, reference: ReferenceNight) -> tuple[dict[str, Answers], MeasuredNight]:
        """The answers to a recording, asked for once however many scorers labelled it."""
        night = reference.night
        if self._answered is None or self._answered[0] != night.key:
            epochs = range(0, reference.epoch_count, self._every)
            found = {
                name: ask(reader.adapter, night, epochs, rule_ids=self._edition.rule_ids)
                for name, reader in self._readers.items()
            }
            self._answered = (night.key, found, measure_night(night.signals))
        return self._answered[1:]


def by_subject(sums: Mapping[str, Sequence[Any]]) -> list[Any]:
    """Add up the nights of each subject."""
    return [type(nights[0]).stack(nights).drawn(np.ones(len(nights))) for nights in sums.values()]
