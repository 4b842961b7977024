"""Run readers over nights, one night at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.data import LabelledNight
from inference.training.evaluation.answers import Answer, Answers, ask
from inference.training.evaluation.judgement import NightJudgement, judge_night
from inference.training.evaluation.readers import Baselines, Reader, load_baselines, load_reader
from inference.training.evaluation.reference import ReferenceNight, reference_of
from psg.claims import MeasuredNight, measure_night
from psg.rules.editions import RuleEdition, get_edition

JUDGED = "judged"
"""The name, among readers, of the bundle that is judged."""
LONGEST_WHY = 300


@dataclass(frozen=True)
class NightStages:
    """Stage codes of a night, by the reference and by each reader with the epochs it was asked."""

    name: str
    reference: NDArray[np.int8]
    readers: Mapping[str, tuple[NDArray[np.int8], NDArray[np.bool_]]]


@dataclass(frozen=True)
class JudgedNight:
    """What is kept of a night, without its signals: small enough to pass between processes."""

    stages: NightStages
    rules: Sequence[Sequence[str]] | None
    """Rules that the reference cites, by epoch."""
    replies: Mapping[int, Answer]
    """Of the judged bundle, by epoch."""
    judgements: Mapping[str, NightJudgement]
    """By the reader's name."""
    left_out: Mapping[str, str]
    """Why other readers gave no answers."""


@dataclass(frozen=True)
class Roll:
    """Who reads, told without the models: small enough to pass between processes."""

    judged: Mapping[str, Any]
    names: tuple[str, ...]
    missing: Mapping[str, str]
    """Why a baseline that belongs here is not there."""


@dataclass(frozen=True)
class Task:
    """Which readers answer which epochs: all that a process must know to judge nights.

    ``every`` is the step between epochs that are asked for; 1 asks for all.
    """

    bundle: str
    baselines: Sequence[str]
    rule_edition: str
    every: int = 1

    def judge(self) -> Judge:
        """Load the readers; raises BundleError where one cannot be loaded."""
        reader = load_reader(self.bundle)
        baselines = load_baselines(self.baselines, besides=reader)
        return Judge(reader, baselines, edition=get_edition(self.rule_edition), every=self.every)


class Judge:
    """Has every reader answer the same epochs of the same nights.

    A baseline may fail on a night, since others made them for other nights than ours: it goes on
    with the next, and both its figures and those of the judged bundle are told of the nights that
    it has read. What the judged bundle cannot read ends the evaluation.
    """

    def __init__(
        self, reader: Reader, baselines: Baselines, *, edition: RuleEdition, every: int
    ) -> None:
        self._edition = edition
        self._every = every
        self._answered: _AnsweredNight | None = None
        self._readers = {JUDGED: reader, **baselines.readers}
        self.roll = Roll(reader.as_json(), tuple(self._readers), baselines.missing)

    def see(self, labelled: LabelledNight) -> JudgedNight:
        """Judge the answers to one night by one scorer's labels of it."""
        reference = reference_of(labelled)
        night = self._answers(reference)
        return JudgedNight(
            stages=NightStages(
                night.key,
                reference.codes,
                {name: (one.codes, one.asked) for name, one in night.answers.items()},
            ),
            rules=reference.rules,
            replies=night.answers[JUDGED].by_epoch,
            judgements={
                name: judge_night(
                    reference,
                    one,
                    night.measured,
                    edition=self._edition,
                    gives_words=self._readers[name].gives_words,
                )
                for name, one in night.answers.items()
            },
            left_out=night.left_out,
        )

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
