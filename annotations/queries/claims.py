"""What the signal says of the claims in a scoring's rationales, and who may know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.models import RatingSlot, RatingStudy, Scoring
from annotations.queries.suggestions import assisted_epochs
from psg.claims import ClaimVerdict, MeasuredEpoch, ReadText, check_epoch, read_claims
from psg.events.measures import measures_from
from psg.signalstore import SignalStore
from recordings.models import EpochCandidates
from recordings.services.candidates import stored_candidates
from studies.models import Mode, User


@dataclass(frozen=True)
class CheckedRationale:
    """The rationale of one epoch, read, with a verdict for each of its claims."""

    epoch: int
    version: int
    read: ReadText
    verdicts: tuple[ClaimVerdict, ...]


def why_withheld(scoring: Scoring, user: User) -> str | None:
    """Say why a person must not be told what the signal says; None where they may.

    A verdict tells what detectors found, so it is help: none for whoever scores the night blind,
    under this scoring or another of theirs, and none for a rater of rationales of the night,
    who is to judge the same claims.
    """
    own = Scoring.objects.own(user).filter(recording_id=scoring.recording_id)
    is_own_blind = scoring.scorer.user_id == user.pk and scoring.mode == Mode.BLIND
    if is_own_blind or own.filter(mode=Mode.BLIND, state=Scoring.State.OPEN).exists():
        return "In blind mode nothing is checked by the signal."
    slots = RatingSlot.objects.filter(
        rater_id=user.pk,
        item__recording_id=scoring.recording_id,
        item__rating_study__state=RatingStudy.State.OPEN,
    )
    if slots.exists():
        return "You rate rationales of this night: their claims are yours to judge."
    return None


def allowed_epochs(scoring: Scoring, user: User, epochs: range) -> list[int]:
    """Those of `epochs` whose claims may be checked for a person who is told at all.

    To their own scoring the rule of detected waves applies: in reveal the answer is locked first.
    """
    if scoring.scorer.user_id == user.pk and scoring.is_open:
        return assisted_epochs(scoring, epochs)
    return list(epochs)


def checked_rationales(scoring: Scoring, epochs: Sequence[int]) -> list[CheckedRationale] | None:
    """Check the rationales of `epochs` as they stand; None while the night is not searched."""
    measured = stored_candidates(recording=scoring.recording, epochs=epochs)
    if measured is None:
        return None
    evidence = {one.epoch: one for one in measured}
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
        lambda: store.read_uv(epoch, 1)[0],
    )
    verdicts = tuple(check_epoch(claim, measured) for claim in read.claims)
    return CheckedRationale(epoch, version, read, verdicts)
