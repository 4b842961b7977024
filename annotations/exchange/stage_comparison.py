"""A file of an import beside the scorings of its recording that a person may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.agreement.one_night import ScoredNight, agreement, scored_nights
from annotations.agreement.recording_scorings import (
    Dissent,
    Hypnogram,
    Tick,
    dissent_runs,
    hypnogram,
    time_ticks,
)
from annotations.exchange.stage_plan import ScorerPreview, StageFilePreview
from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import visible_scorings
from psg.stages import Stage
from recordings.models import Recording
from studies.models import Study, User


@dataclass(frozen=True)
class Difference:
    """How a scoring of the recording differs from the file; kappa is None where undefined."""

    hypnogram: Hypnogram
    kappa: float | None
    agreement: float | None
    epochs: int
    differing: int
    runs: list[Dissent]

    @property
    def label(self) -> str:
        return self.hypnogram.night.label


@dataclass(frozen=True)
class Comparison:
    """A scorer of the file, and the scorings beside it."""

    recording: Recording
    scorer: ScorerPreview
    hypnogram: Hypnogram
    differences: list[Difference]
    ticks: list[Tick]


def comparisons(file: StageFilePreview, *, study: Study, user: User) -> list[Comparison]:
    """Compare each scorer of a file with every scoring of the recording that `user` may open."""
    recording = _recording_of(file, study)
    if recording is None or not file.scorers:
        return []
    # A recording that is still to be made has no key, and no scorings.
    visible = visible_scorings(user).filter(recording_id=recording.pk or 0).order_by("pk")
    others = scored_nights(recording, visible.select_related("scorer", "recording"))
    others = [night for night in others if night.scored_count]
    return [_comparison(recording, scorer, others) for scorer in file.scorers if scorer.hypnogram]


def _recording_of(file: StageFilePreview, study: Study) -> Recording | None:
    """Return the recording of a file, or one as it would be made."""
    if file.recording_id is not None:
        found = study.recordings.filter(pk=file.recording_id).first()
        return found if found and found.epoch_count == file.epochs else None
    return Recording(study=study, name=file.recording, epoch_count=file.epochs)


def _comparison(
    recording: Recording, scorer: ScorerPreview, others: Sequence[ScoredNight]
) -> Comparison:
    author = Scorer(kind=Scorer.Kind.IMPORT, label=scorer.scorer)
    night = ScoredNight(Scoring(recording=recording, scorer=author), scorer.stages)
    return Comparison(
        recording=recording,
        scorer=scorer,
        hypnogram=hypnogram(night),
        differences=[_difference(night, other) for other in others],
        ticks=time_ticks(recording),
    )


def _difference(night: ScoredNight, other: ScoredNight) -> Difference:
    (pair,) = agreement([night, other]).pairs
    return Difference(
        hypnogram=hypnogram(other),
        kappa=pair.kappa,
        agreement=pair.agreement,
        epochs=pair.epoch_count,
        differing=_differing(night.stages, other.stages),
        runs=dissent_runs([night, other]),
    )


def _differing(first: Sequence[Stage | None], second: Sequence[Stage | None]) -> int:
    """Count the epochs that both scored, with different stages."""
    both = ((a, b) for a, b in zip(first, second, strict=True) if a and b)
    return sum(a is not b for a, b in both)
