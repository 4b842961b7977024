"""Starting, finishing and discarding adjudications."""

import random
import secrets
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from annotations.adjudication.decisions import fullest_place
from annotations.adjudication.errors import (
    AdjudicationFinishedError,
    AdjudicationRefusedError,
    AlreadyOpenError,
    GapsError,
    UndecidedError,
)
from annotations.adjudication.majority import MajorityRule
from annotations.adjudication.models import (
    SIDE_LETTERS,
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.adjudication.notices import tell_open
from annotations.adjudication.reading import (
    SideScores,
    all_agree,
    epochs_with_gaps,
    scores_by_epoch,
    sides_of,
    standing_decisions,
    undecided_epochs,
)
from annotations.exposure import lock_people
from annotations.scoring.lights import bring_lights, shared_lights
from annotations.scoring.models import (
    FINISHED,
    EpochRevision,
    LightsRevision,
    Scorer,
    Scoring,
    ScoringEvent,
    label_of,
)
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, consensus_scorer, create_scoring
from annotations.visibility import why_not_adjudicated
from recordings.models import Recording
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Track, User

LARGEST_SEED = 2**31 - 1


@transaction.atomic
def start_adjudication(
    *, scorings: Sequence[Scoring], user: User | None, seed: int | None = None
) -> Adjudication:
    """Start an adjudication of finished scorings of a recording.

    The scorings get letters in a random order given by `seed`. They are locked, and the epochs on
    which all agree are settled at once.

    Raises
    ------
    ArchivedError, AdjudicationRefusedError
    AlreadyOpenError
        When an open adjudication has the same scorings.
    """
    if scorings:
        lock_unarchived(scorings[0].recording.study_id)
    wanted = [scoring.pk for scoring in scorings]
    locked = Scoring.objects.select_for_update(of=("self",)).order_by("pk")
    originals = list(locked.filter(pk__in=wanted).select_related("recording__study", "scorer"))
    _check(originals, user)
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    adjudication = Adjudication.objects.create(
        recording=originals[0].recording,
        seed=seed,
        rule_edition=originals[0].recording.study.rule_edition,
        created_by=user,
    )
    random.Random(seed).shuffle(originals)
    sides = AdjudicationSide.objects.bulk_create(
        AdjudicationSide(adjudication=adjudication, scoring=scoring, place=place)
        for place, scoring in enumerate(originals)
    )
    Scoring.objects.filter(pk__in=wanted).update(state=Scoring.State.LOCKED)
    _settle_unanimous(adjudication, sides)
    tell_open(adjudication)
    return adjudication


def _check(scorings: Sequence[Scoring], user: User | None) -> None:
    if len(scorings) < 2:
        raise AdjudicationRefusedError("Choose at least two finished scorings.")
    if len(scorings) > len(SIDE_LETTERS):
        raise AdjudicationRefusedError(
            f"{len(scorings)} scorings are too many; there are letters for {len(SIDE_LETTERS)}."
        )
    if len({scoring.recording_id for scoring in scorings}) > 1:
        raise AdjudicationRefusedError(
            "The scorings belong to different recordings. Choose scorings of one recording."
        )
    if any(scoring.state not in FINISHED for scoring in scorings):
        raise AdjudicationRefusedError("A chosen scoring was reopened. It must be submitted first.")
    if any(scoring.scorer.kind == Scorer.Kind.CONSENSUS for scoring in scorings):
        raise AdjudicationRefusedError(
            "A consensus cannot be adjudicated. Choose original scorings."
        )
    if copies := [label_of(scoring) for scoring in scorings if scoring.is_copy]:
        raise AdjudicationRefusedError(
            f"{', '.join(copies)}: a copy of another scoring cannot be adjudicated."
            " Choose original scorings."
        )
    if user and any(scoring.scorer.user_id == user.pk for scoring in scorings):
        raise AdjudicationRefusedError(
            "You scored this recording, so another adjudicator must settle it."
        )
    if user:
        lock_people([user])
        if reason := why_not_adjudicated(scorings[0].recording, user):
            raise AdjudicationRefusedError(reason)
    if begun := _open_with_sides({scoring.pk for scoring in scorings}):
        raise AlreadyOpenError(begun)


def _open_with_sides(scorings: set[int]) -> Adjudication | None:
    """Return the open adjudication of exactly these scorings; they are locked by the caller.

    Two adjudicators may answer the same notice, or one may press the button twice.
    """
    sides = AdjudicationSide.objects.filter(
        adjudication__state=Adjudication.State.OPEN,
        adjudication__sides__scoring__in=scorings,
    )
    found: dict[int, set[int]] = {}
    for adjudication, scoring in sides.values_list("adjudication_id", "scoring_id").order_by():
        found.setdefault(adjudication, set()).add(scoring)
    same = [pk for pk, of in found.items() if of == scorings]
    return Adjudication.objects.filter(pk__in=same).order_by("pk").first()


def _settle_unanimous(adjudication: Adjudication, sides: Sequence[AdjudicationSide]) -> None:
    epoch_count = adjudication.recording.epoch_count
    scores = scores_by_epoch([side.scoring for side in sides], epoch_count)
    AdjudicationDecision.objects.bulk_create(
        _unanimous(adjudication, sides, epoch, scores[epoch])
        for epoch in range(epoch_count)
        if all_agree(scores[epoch])
    )


def _unanimous(
    adjudication: Adjudication, sides: Sequence[AdjudicationSide], epoch: int, scores: SideScores
) -> AdjudicationDecision:
    """Settle an epoch on which all agree, with the most complete score of the sides."""
    places = range(len(scores))
    place = fullest_place(scores, places, seed=adjudication.seed, epoch=epoch)
    score = scores[place]
    return AdjudicationDecision(
        adjudication=adjudication,
        epoch=epoch,
        version=1,
        choice=AdjudicationDecision.Choice.UNANIMOUS,
        side=sides[place] if score else None,
        stage=score.stage if score else None,
        rules=score.rules if score else [],
        rationale=score.rationale if score else "",
    )


@transaction.atomic
def finish_adjudication(*, adjudication: Adjudication, user: User) -> Adjudication:
    """Make the consensus scoring from the decisions, once every epoch is settled.

    Raises
    ------
    ArchivedError, UndecidedError, GapsError, AdjudicationFinishedError
    """
    lock_unarchived(adjudication.recording.study_id)
    adjudication = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    if undecided := undecided_epochs(adjudication):
        raise UndecidedError(undecided)
    if gaps := epochs_with_gaps(adjudication):
        raise GapsError(gaps)
    adjudication.consensus = _consensus(adjudication, user)
    adjudication.state = Adjudication.State.FINISHED
    adjudication.finished_at = timezone.now()
    adjudication.save(update_fields=["consensus", "state", "finished_at"])
    return adjudication


def _consensus(adjudication: Adjudication, user: User) -> Scoring:
    recording = Recording.objects.select_related("study").get(pk=adjudication.recording_id)
    sides = sides_of(adjudication)
    is_fine = any(side.scoring.track == Track.FINE for side in sides)
    scoring = create_scoring(
        recording=recording,
        scorer=consensus_scorer(study=recording.study),
        track=Track.FINE if is_fine else Track.COARSE,
        assigned_by=user,
    )
    scores = scores_by_epoch([side.scoring for side in sides], recording.epoch_count)
    rules = {row.pk: MajorityRule(**row.rule).words for row in adjudication.settlements.all()}
    standing = sorted(standing_decisions(adjudication).items())
    decided = [(epoch, decision) for epoch, decision in standing if decision.stage]
    add_scores(
        scoring=scoring,
        contents=[(epoch, _content(decision, scores[epoch])) for epoch, decision in decided],
        why=EpochRevision.Why.CONSENSUS,
        user=user,
        shown={epoch: {"settled": _how_settled(decision, rules)} for epoch, decision in decided},
    )
    lights = shared_lights(side.scoring for side in sides)
    bring_lights(scoring=scoring, lights=lights, why=LightsRevision.Why.CONSENSUS, user=user)
    return close_scoring(scoring=scoring)


def _how_settled(decision: AdjudicationDecision, rules: Mapping[int, str]) -> str:
    """Return how an epoch was settled, as its history in the consensus tells it."""
    if decision.settlement_id and decision.choice == AdjudicationDecision.Choice.MAJORITY:
        return f"settled by rule: {rules[decision.settlement_id]}"
    if decision.choice == AdjudicationDecision.Choice.UNANIMOUS:
        return "agreed by all scorings"
    return f"settled by hand: {decision.get_reason_display().lower() or 'no reason'}"


def _content(decision: AdjudicationDecision, scores: SideScores) -> ScoreContent:
    """Return stage, rules and rationale as decided; evidence and flags of the accepted side."""
    taken = scores[decision.side.place] if decision.side else None
    return ScoreContent(
        stage=decision.stage,
        rules=list(decision.rules),
        rationale=decision.rationale,
        flags=list(taken.flags) if taken else (),
        evidence=taken.evidence if taken else [],
    )


@transaction.atomic
def discard_adjudication(*, adjudication: Adjudication, user: User, reason: str) -> Adjudication:
    """End an adjudication without a consensus. Its decisions are kept.

    Original scorings that no other adjudication locks are unlocked.

    Raises
    ------
    ArchivedError, AdjudicationFinishedError, AdjudicationRefusedError
    """
    lock_unarchived(adjudication.recording.study_id)
    adjudication = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    if not reason.strip():
        raise AdjudicationRefusedError("Enter a reason. It is stored with the adjudication.")
    adjudication.state = Adjudication.State.DISCARDED
    adjudication.finished_at = timezone.now()
    adjudication.discarded_by = user
    adjudication.discard_reason = reason.strip()
    adjudication.save(update_fields=["state", "finished_at", "discarded_by", "discard_reason"])
    _unlock(adjudication)
    record(
        Act.ADJUDICATION_DISCARDED,
        user=user,
        study=adjudication.recording.study,
        about=f"of recording {adjudication.recording_id}",
        why=adjudication.discard_reason,
        details={"recording": adjudication.recording_id},
    )
    return adjudication


def _unlock(adjudication: Adjudication) -> None:
    """Unlock the originals that no other adjudication needs, and record it in their history."""
    originals = (
        Scoring.objects.select_for_update(of=("self",))
        .filter(adjudicated_as__adjudication=adjudication, state=Scoring.State.LOCKED)
        .order_by("pk")
    )
    ids = [scoring.pk for scoring in originals]
    needed = AdjudicationSide.objects.filter(scoring__in=ids).exclude(
        adjudication__state=Adjudication.State.DISCARDED
    )
    freed = set(ids).difference(needed.values_list("scoring_id", flat=True))
    Scoring.objects.filter(pk__in=freed).update(state=Scoring.State.SUBMITTED)
    ScoringEvent.objects.bulk_create(
        ScoringEvent(
            scoring_id=scoring_id,
            kind=ScoringEvent.Kind.UNLOCKED,
            user=adjudication.discarded_by,
            reason=adjudication.discard_reason,
        )
        for scoring_id in sorted(freed)
    )
