"""Run readers over nights and add up what they got right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.data import LabelledNight
from inference.training.evaluation.answers import Answers, ask
from inference.training.evaluation.judgement import Judgement
from inference.training.evaluation.readers import MAJORITY, Baselines, Reader
from inference.training.evaluation.reference import ReferenceNight, reference_of
from psg.claims import MeasuredNight, measure_night
from psg.rules.editions import RuleEdition

JUDGED = "judged"
"""The name, among readers, of the bundle that is judged."""
LONGEST_WHY = 300


@dataclass(frozen=True)
class JudgedNight:
    """A night with the answers of each reader, and why others gave none, by the reader's name."""

    reference: ReferenceNight
    answers: Mapping[str, Answers]
    left_out: Mapping[str, str]

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


class Judge:
    """Has every reader answer the same epochs of the same nights.

    A baseline may fail on a night, since others made them for other nights than ours: it goes on
    with the next, and both its figures and those of the judged bundle are told of the nights that
    it has read. What the judged bundle cannot read ends the evaluation.
    """

    def __init__(
        self, reader: Reader, baselines: Baselines, *, edition: RuleEdition, every: int = 1
    ) -> None:
        """``every`` is the step between epochs that are asked for; 1 asks for all."""
        self._edition = edition
        self._every = every
        self._answered: _AnsweredNight | None = None
        self._readers = {JUDGED: reader, **baselines.readers}
        self._left_out: dict[str, dict[str, str]] = {name: {} for name in self._readers}
        self.judgements = {
            name: Judgement(edition, one.gives_words) for name, one in self._readers.items()
        }

    def see(self, labelled: LabelledNight) -> JudgedNight:
        """Judge the answers to one night by one scorer's labels of it."""
        reference = reference_of(labelled)
        night = self._answers(reference)
        for name, one in night.answers.items():
            self.judgements[name].add(reference, one, night.measured)
        for name, why in night.left_out.items():
            self._left_out[name][night.key] = why
        return JudgedNight(reference, night.answers, night.left_out)

    def figures(self) -> dict[str, Any]:
        """Figures of every reader, those of the commonest stage among them."""
        judged = self.judgements[JUDGED]
        found = {name: self._figures(name) for name in self._readers}
        return {**found, MAJORITY: judged.commonest_stage()}

    def _figures(self, name: str) -> dict[str, Any]:
        left_out = self._left_out[name]
        told = {"left_out": [{"night": night, "why": why} for night, why in left_out.items()]}
        judgement = self.judgements[name]
        if not judgement.sums:
            why = next(iter(left_out.values()))
            return {"missing": f"it can read none of these nights: {why}", "nights": 0, **told}
        found = {**judgement.figures(), **told}
        if left_out:
            same = self.judgements[JUDGED].agreement(without=left_out)
            found["judged_on_same_nights"] = same
        return found

    def _answers(self, reference: ReferenceNight) -> _AnsweredNight:
        """The answers to a recording, asked for once however many scorers labelled it."""
        night = reference.night
        if self._answered is None or self._answered.key != night.key:
            epochs = range(0, reference.epoch_count, self._every)
            answers: dict[str, Answers] = {}
            left_out: dict[str, str] = {}
            for name, reader in self._readers.items():
                try:
                    answers[name] = ask(
                        reader.adapter, night, epochs, rule_ids=self._edition.rule_ids
                    )
                except Exception as error:
                    if name == JUDGED:
                        raise
                    left_out[name] = _why(error)
            measured = measure_night(night.signals)
            self._answered = _AnsweredNight(night.key, answers, left_out, measured)
        return self._answered


@dataclass(frozen=True)
class _AnsweredNight:
    key: str
    answers: Mapping[str, Answers]
    left_out: Mapping[str, str]
    measured: MeasuredNight


def _why(error: Exception) -> str:
    """The words of an error in one line, without the full stop of a sentence."""
    words = " ".join(str(error).split()).rstrip(".")
    return words[:LONGEST_WHY] or type(error).__name__
