"""Checks of the claims in rationales against the signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.scoring.models import Scoring
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
            _checked(score.epoch, score.version, score.rationale, evidence[score.epoch], store)
            for score in scores
            if score.epoch in evidence
        ]


def _checked(
    epoch: int, version: int, rationale: str, evidence: EpochCandidates, store: SignalStore
) -> CheckedRationale:
    read = read_claims(rationale)
    measured = MeasuredEpoch(
        measures_from(evidence.events),
        store.derivations,
        lambda: store.for_people().read_uv(epoch, 1)[0],
        is_real=True,
    )
    verdicts = tuple(check_epoch(claim, measured) for claim in read.claims)
    return CheckedRationale(epoch, version, read, verdicts)
