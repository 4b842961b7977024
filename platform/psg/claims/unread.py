"""Claims about what is not read in an epoch: nothing is decided there.

The reason names the derivation that a claim is about. A claim that names none is about those in
which its kind is searched.
"""

from __future__ import annotations

from collections.abc import Sequence

from psg.claims import claim as claims
from psg.claims.aspects import ABOUT_S, NEAR_S, is_upper_bound
from psg.claims.claim import Claim
from psg.claims.measured import MeasuredEpoch
from psg.claims.verdict import CANNOT_TELL, CONTRADICTED, SUPPORTED, ClaimVerdict
from psg.claims.vocabulary import LAMF
from psg.events import EventKind, event_kind, movement
from psg.events.measures import COMES_WITH_MOVEMENT
from psg.events.unread import Span, fault_sentence, gap_sentence, joined
from psg.montage import Derivation
from psg.stages import EPOCH_S

HIDDEN = "Movement artefact lies there."
BACKGROUND_IN = (Derivation.F4, Derivation.C4, Derivation.O2)


def not_read(claim: Claim, epoch: MeasuredEpoch) -> str:
    """Say which derivations of a claim are not read in this epoch; or nothing."""
    faults = epoch.measures.faults
    if claim.kind == movement.KIND:
        return ""
    lost = [place for place in _about(claim, epoch) if place in faults]
    if lost:
        return " ".join(fault_sentence([place], faults[place]) for place in lost)
    return _alone(claim) if any(place in faults for place in _needed(claim, epoch)) else ""


def gap_in(claim: Claim, verdict: ClaimVerdict, epoch: MeasuredEpoch) -> str:
    """Say what is not read where the findings of a claim lie or are missing; or nothing."""
    if claim.kind == movement.KIND:
        return ""
    hidden = [] if claim.kind in COMES_WITH_MOVEMENT else epoch.measures.hidden
    if verdict.outcome is SUPPORTED and any(
        _touch((event.start_s, event.end_s), stretch)
        for event in verdict.events
        for stretch in hidden
    ):
        return HIDDEN
    for place in _needed(claim, epoch):
        gaps = epoch.measures.gaps.get(place, ())
        decisive = _decisive(claim, verdict, [(gap.start_s, gap.end_s) for gap in gaps])
        if decisive:
            there = [gap for gap in gaps if (gap.start_s, gap.end_s) in decisive]
            return gap_sentence(place, there) if place in _about(claim, epoch) else _alone(claim)
    # That movement takes the place of a background is seen.
    return HIDDEN if claim.kind != LAMF and _decisive(claim, verdict, hidden) else ""


def _needed(claim: Claim, epoch: MeasuredEpoch) -> tuple[Derivation, ...]:
    """The derivations by which a claim is judged in this epoch."""
    searched: tuple[Derivation, ...] = BACKGROUND_IN if claim.kind == LAMF else ()
    if kind := event_kind(claim.kind):
        kind = searched_kind(claim, kind, epoch)
        searched = (*kind.searched, *kind.derivations)
    return tuple(dict.fromkeys((*searched, *claim.derivations)))


def searched_kind(claim: Claim, kind: EventKind, epoch: MeasuredEpoch) -> EventKind:
    """Return a kind as it is searched in an epoch: elsewhere where its derivation is not read.

    Only a claim about that other derivation, or with waves there, is judged there.
    """
    home, other = kind.derivations[:1], kind.else_in
    found = [event for kind_id in kind.event_ids for event in epoch.measures.of(kind_id)]
    is_elsewhere = other in claim.derivations and home[0] not in claim.derivations
    if (
        home
        and home[0] in epoch.measures.faults
        and (is_elsewhere or any(event.derivation is other for event in found))
    ):
        return kind.in_derivations([name for name in epoch.derivations if name not in home])
    return kind.in_derivations(epoch.derivations)


def _about(claim: Claim, epoch: MeasuredEpoch) -> tuple[Derivation, ...]:
    return claim.derivations or _needed(claim, epoch)


def _alone(claim: Claim) -> str:
    return f"From {' and '.join(claim.derivations)} alone this cannot be told."


def _decisive(claim: Claim, verdict: ClaimVerdict, unread: Sequence[Span]) -> list[Span]:
    """Return the unread stretches that may hold what a claim states and was not found.

    What is said to be absent, or to be a level or an upper bound, is judged by the rest as long as
    that is the larger part.
    """
    if verdict.outcome is CANNOT_TELL and not claim.spans:
        return []
    reach = [_reach(span) for span in claim.spans]
    there = [gap for gap in unread if not reach or any(_touch(gap, span) for span in reach)]
    is_level = claim.level in ("low", "high") or claim.kind == LAMF
    if not (claim.absent or is_level or is_upper_bound(claim)):
        return [] if verdict.outcome is SUPPORTED else there
    if claim.absent and verdict.outcome is CONTRADICTED:
        return []  # by what is there
    looked_at = joined(reach) or [(0.0, EPOCH_S)]
    lost_s = sum(_shared_s(gap, span) for gap in there for span in looked_at)
    return there if 2 * lost_s > sum(end_s - start_s for start_s, end_s in looked_at) else []


def _reach(span: claims.Span) -> Span:
    slack_s = ABOUT_S if span.about else NEAR_S
    return max(span.start_s - slack_s, 0.0), min(span.end_s + slack_s, EPOCH_S)


def _touch(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _shared_s(first: Span, second: Span) -> float:
    return max(min(first[1], second[1]) - max(first[0], second[0]), 0.0)
