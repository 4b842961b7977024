"""Checks of the claims in rationales against the signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.scoring.models import EpochScore, Scoring
from psg.claims import ClaimVerdict, MeasuredEpoch, ReadText, check_epoch, read_claims
from psg.events.measures import measures_from
from psg.signalstore import SignalStore
from recordings.candidates import stored_candidates
from recordings.models import EpochCandidates


@dataclass(frozen=True)
class CheckedRationale:
    """The rationale of an epoch, with a verdict on each of its claims."""

    epoch: int
    version: int
    read: ReadText
    verdicts: tuple[ClaimVerdict, ...]


def checked_rationales(scoring: Scoring, epochs: Sequence[int]) -> list[CheckedRationale] | None:
    """Check the saved rationales of `epochs`; None until events of the night are detected."""
    measured = stored_candidates(recording=scoring.recording, epochs=epochs)
    if measured is None:
        return None
    evidence = {candidates.epoch: candidates for candidates in measured}
    scores = scoring.scores.filter(epoch__in=epochs).exclude(rationale="").order_by("epoch")
    with SignalStore.open(scoring.recording.signals_file.open("rb")) as store:
        return [
            _checked(
                score,
                evidence[score.epoch],
                store,
                is_simulated=scoring.recording.is_simulated,
            )
            for score in scores
            if score.epoch in evidence
        ]


def _checked(
    score: EpochScore, evidence: EpochCandidates, store: SignalStore, *, is_simulated: bool
) -> CheckedRationale:
    read = read_claims(score.rationale)
    measured = MeasuredEpoch(
        measures_from(evidence.events),
        store.derivations,
        lambda: store.for_people().read_uv(score.epoch, 1)[0],
        is_simulated=is_simulated,
    )
    verdicts = tuple(check_epoch(claim, measured) for claim in read.claims)
    return CheckedRationale(score.epoch, score.version, read, verdicts)
