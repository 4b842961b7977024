"""The nights of an evaluation, and the readers that answer them, night by night.

A night of eight hours takes 70 MB of memory, so each is opened only when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.bundles.reading import Grid
from inference.training.data.loading import data_in
from inference.training.data.nights import LabelledNight
from inference.training.data.simulated import COHORTS, simulated_night
from inference.training.errors import TrainingError
from inference.training.evaluation.counting import (
    NightCounts,
    ReferenceNight,
    count_night,
    reference_of,
)
from inference.training.evaluation.readers import (
    Baselines,
    EpochAnswer,
    NightAnswers,
    Reader,
    answer_night,
    load_baselines,
    load_reader,
)
from inference.training.evaluation.results import ReaderDescription, VerdictsBy
from psg.claims import MeasuredNight, measure_night
from psg.rules.editions import DEFAULT_EDITION, RuleEdition, get_edition
from psg.simulate import Difficulty, cohort_seeds

RecordingNights = Callable[[], Sequence[LabelledNight]]
"""Opens the nights of a recording, a night for each scorer. The same process evaluates all of them,
since readers answer for a recording once."""


def in_memory(nights: Sequence[LabelledNight]) -> RecordingNights:
    """Return a function that gives nights that are open already."""
    return partial(tuple, nights)


JUDGED = "judged"
"""The name, among readers, of the bundle that is evaluated."""
LONGEST_WHY = 300


@dataclass(frozen=True)
class NightStages:
    """Stage codes of a night by the reference and by each reader, with its answered epochs."""

    name: str
    reference: NDArray[np.int8]
    readers: Mapping[str, tuple[NDArray[np.int8], NDArray[np.bool_]]]


@dataclass(frozen=True)
class EvaluatedNight:
    """The counts and replies of a night without its signals, small enough to be sent between
    processes."""

    stages: NightStages
    rules: Sequence[Sequence[str]] | None
    """Rules that the reference cites, by epoch."""
    replies: Mapping[int, EpochAnswer]
    """Of the evaluated bundle, by epoch."""
    counts: Mapping[str, NightCounts]
    """By the reader's name."""
    left_out: Mapping[str, str]
    """Why other readers gave no answers."""


@dataclass(frozen=True)
class ReaderNames:
    """The readers without their models, small enough to be sent between processes."""

    evaluated: ReaderDescription
    names: tuple[str, ...]
    missing: Mapping[str, str]
    """Reasons why baselines are missing."""


@dataclass(frozen=True)
class EvaluationTask:
    """The readers and the epochs to answer: all that a process needs to evaluate nights.

    ``every`` is the step between epochs to answer; 1 takes all.
    """

    bundle: str
    baselines: Sequence[str]
    rule_edition: str
    every: int = 1

    def load(self) -> Evaluator:
        """Load the readers; raises BundleError where a reader cannot be loaded."""
        reader = load_reader(self.bundle)
        baselines = load_baselines(self.baselines, besides=reader)
        return Evaluator(
            reader, baselines, edition=get_edition(self.rule_edition), every=self.every
        )


class Evaluator:
    """Gets the answers of every reader for the same epochs of the same nights.

    A baseline may fail on a night, for example on an unusual montage. It then continues with the
    next night, and its figures, and those of the evaluated bundle beside them, are of the nights
    that it could read. A night that the evaluated bundle cannot read ends the evaluation.
    """

    def __init__(
        self, reader: Reader, baselines: Baselines, *, edition: RuleEdition, every: int
    ) -> None:
        self._edition = edition
        self._every = every
        self._answered: _AnsweredRecording | None = None
        self._readers = {JUDGED: reader, **baselines.readers}
        self.names = ReaderNames(reader.description, tuple(self._readers), baselines.missing)

    def evaluate(self, labelled: LabelledNight) -> EvaluatedNight:
        """Compare the answers to a night with the labels of a scorer."""
        reference = reference_of(labelled)
        night = self._answers(reference)
        return EvaluatedNight(
            stages=NightStages(
                night.key,
                reference.codes,
                {name: (its.codes, its.covered) for name, its in night.answers.items()},
            ),
            rules=reference.rules,
            replies=night.answers[JUDGED].by_epoch,
            counts={
                name: count_night(
                    reference,
                    its,
                    night.measured,
                    edition=self._edition,
                    gives_words=self._readers[name].gives_words,
                )
                for name, its in night.answers.items()
            },
            left_out=night.left_out,
        )

    def _answers(self, reference: ReferenceNight) -> _AnsweredRecording:
        """Get the answers to a recording, only once for all of its scorers."""
        night = reference.night
        if self._answered is None or self._answered.key != night.key:
            epochs = range(0, reference.epoch_count, self._every)
            answers: dict[str, NightAnswers] = {}
            left_out: dict[str, str] = {}
            for name, reader in self._readers.items():
                try:
                    answers[name] = answer_night(
                        reader.adapter, night, epochs, rule_ids=self._edition.rule_ids
                    )
                except Exception as error:
                    if name == JUDGED:
                        raise
                    left_out[name] = _why(error)
            measured = measure_night(night.signals, is_simulated=reference.is_simulated)
            self._answered = _AnsweredRecording(night.key, answers, left_out, measured)
        return self._answered


@dataclass(frozen=True)
class _AnsweredRecording:
    key: str
    answers: Mapping[str, NightAnswers]
    left_out: Mapping[str, str]
    measured: MeasuredNight


def _why(error: Exception) -> str:
    """Return the text of an error in a line, without a full stop."""
    words = " ".join(str(error).split()).rstrip(".")
    return words[:LONGEST_WHY] or type(error).__name__


@dataclass(frozen=True)
class NightSource:
    """The origin of nights, and functions that open them.

    ``verdicts_by`` says where the errors of the detectors were measured by which claims are judged.
    """

    about: str
    part: str
    night_count: int
    rule_edition: str
    recordings: Sequence[RecordingNights]
    verdicts_by: VerdictsBy = "real recordings"


def simulated_source(
    part: str, *, nights: int, hours: float, difficulty: Difficulty, cache: Path | None
) -> NightSource:
    """Return simulated nights of a part; test subjects differ from all training subjects."""
    seeds = cohort_seeds(COHORTS[part], nights)
    how = "" if difficulty is Difficulty.PLAIN else f" ({difficulty})"
    prepared = partial(
        _simulated_recording, part=part, hours=hours, difficulty=difficulty, cache=cache
    )
    return NightSource(
        about=f"{nights} simulated nights of {hours:g} h{how}, {COHORTS[part]} subjects",
        part=part,
        night_count=nights,
        rule_edition=DEFAULT_EDITION,
        recordings=[partial(prepared, seed) for seed in seeds],
        verdicts_by="simulated nights",
    )


def _simulated_recording(
    seed: int, *, part: str, hours: float, difficulty: Difficulty, cache: Path | None
) -> Sequence[LabelledNight]:
    return [simulated_night(seed, part=part, hours=hours, difficulty=difficulty, cache=cache)]


def folder_source(
    folder: Path | None,
    part: str,
    *,
    recordings: Path,
    cache: Path | None,
    codes: str = "",
    grid: Grid = Grid.NIGHT,
) -> NightSource:
    """Return the nights of a part of a release or a MASS-EX folder, or all with stage files.

    Without a folder of labels, the nights have none.

    Raises
    ------
    TrainingError
        When the data is not whole, or has no night of that part.
    """
    data = data_in(folder, recordings=recordings, cache=cache, codes=codes, grid=grid)
    nights = sorted(data.part(part), key=attrgetter("recording"))
    if not nights:
        parts = sorted({night.part for night in data.nights})
        raise TrainingError(
            f"The data has no night for {part}",
            where=str(folder),
            advice=f"It has {', '.join(parts)}: release it with a split, or name another part.",
        )
    by_recording = (tuple(its) for _, its in groupby(nights, attrgetter("recording")))
    return NightSource(
        about=data.about,
        part=part,
        night_count=len(nights),
        rule_edition=data.rule_edition,
        recordings=[in_memory(its) for its in by_recording],
    )
