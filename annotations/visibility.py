"""Permissions: who may see, score, rate, adjudicate and download which rows, and get which help.

Modes of scoring and blindness are decided in this module alone; every page, API view, export,
design and assignment uses it. The querysets that it returns hold the rows that a person may open.
For that person other rows do not exist: a request for them gets a 404.

Blindness applies in both directions. A night is *closed* to a person who still scores it without
help, or who has texts of it to rate: nothing of anybody else's scoring of it is shown to them. A
person who knows a text from elsewhere (see `annotations.exposure`) does not rate it.
Recordings of the same file are a single night, in whichever studies they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations import exposure
from annotations.adjudication.models import Adjudication, AdjudicationSide
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.exposure import (
    known_items,
    launched_recordings,
    nights_of,
    overseen_studies,
    people_rating,
    rated_recordings,
    recordings_to_rate,
    same_nights,
    settled_recordings,
)
from annotations.rating.models import (
    RatingItem,
    RatingRater,
    RatingSlot,
    RatingStudy,
    RatingStudyQuerySet,
)
from annotations.scoring.models import FINISHED, EpochComment, EpochScore, ScoredEvent, Scoring
from psg.errors import RefusedError
from recordings.models import Recording
from studies.models import Mode, Role, Study, User

OVERSEERS = exposure.OVERSEERS

# Modes in which the scorer's own answer comes first, so nothing else of the night is shown.
UNAIDED = (Mode.BLIND, Mode.REVEAL)


# Nights that are closed to a person


def unaided_scorings() -> QuerySet[Scoring]:
    """Return the open scorings whose scorer must see nothing else of the night."""
    return Scoring.objects.filter(state=Scoring.State.OPEN, mode__in=UNAIDED)


def unaided_recordings(user: User) -> set[int]:
    """Return the ids of the recordings that `user` still scores without help, in any study."""
    return same_nights(_recordings_of(_unaided_by(user)))


def closed_recordings(user: User) -> set[int]:
    """Return the ids of the recordings that are closed to `user`."""
    return same_nights(_recordings_of(_unaided_by(user)).union(recordings_to_rate(user)))


def _unaided_by(user: User) -> QuerySet[Scoring]:
    return unaided_scorings().filter(scorer__user_id=user.pk)


def _recordings_of(scorings: QuerySet[Scoring]) -> QuerySet[Scoring, int]:
    return scorings.order_by().values_list("recording_id", flat=True)


# Scorings and comments


def visible_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings that `user` may open: their own, and all of studies they oversee.

    Of a recording that is closed to an overseer they see nothing but their own scoring: until
    they have submitted it, or until the rating study with its texts is closed.
    """
    return _own_or_overseen(user, closed_recordings)


def checkable_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings whose claims `user` may request: `why_claims_withheld` may refuse them.

    Overseers get the reason, instead of an empty answer, if they rate texts of the recording.
    """
    return _own_or_overseen(user, unaided_recordings)


def own_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings of `user` in studies of which they are still a member."""
    return Scoring.objects.filter(_is_own(user))


def _is_own(user: User) -> Q:
    return Q(scorer__user_id=user.pk, recording__study__in=Study.objects.of(user))


def _own_or_overseen(user: User, closed: Callable[[User], set[int]]) -> QuerySet[Scoring]:
    """Return own scorings, and those that `user` oversees of recordings not `closed` to them.

    Most people oversee no study; of them nothing more is asked.
    """
    studies = list(Study.objects.of(user, *OVERSEERS).order_by().values_list("pk", flat=True))
    if not studies:
        return own_scorings(user)
    overseen = Q(recording__study__in=studies) & ~Q(recording__in=closed(user))
    return Scoring.objects.filter(_is_own(user) | overseen)


def readers_of(scoring: Scoring) -> list[User]:
    """Return the people who may open this scoring: its scorer, and overseers not kept blind."""
    nights = same_nights([scoring.recording_id])
    unaided = unaided_scorings().filter(recording__in=nights).exclude(scorer__user=None)
    study = scoring.recording.study_id
    members = User.objects.filter(memberships__study=study)
    overseers = (
        User.objects.filter(memberships__study=study, memberships__role__in=OVERSEERS)
        .exclude(pk__in=unaided.values("scorer__user"))
        .exclude(pk__in=people_rating(nights))
    )
    allowed = Q(pk__in=overseers.values("pk")) | Q(pk=scoring.scorer.user_id)
    return list(User.objects.filter(allowed, pk__in=members.values("pk")).order_by("username"))


def visible_comments(user: User) -> QuerySet[EpochComment]:
    """Return the comments on scorings that `user` may open, and on no others.

    While they rate texts of a recording they see no comment of others on it: a comment may quote.
    """
    quoting = Q(scoring__recording__in=rated_recordings(user)) & ~Q(author_id=user.pk)
    return EpochComment.objects.filter(scoring__in=visible_scorings(user)).exclude(quoting)


# Help while scoring: suggestions, detected waves, verdicts on claims


def shows_another(mode: Mode | str) -> bool:
    """Return whether a mode ever shows something of another scoring or of the detectors."""
    return mode != Mode.BLIND


def is_review(mode: Mode | str) -> bool:
    """Return whether a mode begins with a copy of the suggested scoring."""
    return mode == Mode.REVIEW


def locks_answers(mode: Mode | str) -> bool:
    """Return whether a mode fixes the own answer of an epoch before its suggestion is shown."""
    return mode == Mode.REVEAL


def is_kept_blind_by_another(scoring: Scoring) -> bool:
    """Return whether help with this scoring would be help with other work of its scorer.

    With another scoring of the same night that they still make without help, or with ratings of
    texts of the night.
    """
    others = unaided_scorings().filter(scorer=scoring.scorer_id).exclude(pk=scoring.pk)
    if scoring.recording_id in same_nights(_recordings_of(others)):
        return True
    scorer = scoring.scorer.user
    return scorer is not None and rates_texts_of(scoring.recording_id, scorer)


def rates_texts_of(recording_id: int, user: User) -> bool:
    """Return whether `user` has texts of a recording in an open rating study."""
    return recording_id in rated_recordings(user)


def locked_epochs(scoring: Scoring) -> list[int]:
    """Return the epochs whose own answer is locked."""
    if not locks_answers(scoring.mode):
        return []
    return list(RevealLock.objects.filter(scoring=scoring).values_list("epoch", flat=True))


def assisted_epochs(scoring: Scoring, epochs: range) -> list[int]:
    """Return those of `epochs` in which the mode allows help of any kind now."""
    if not shows_another(scoring.mode) or is_kept_blind_by_another(scoring):
        return []
    if locks_answers(scoring.mode):
        return sorted(set(locked_epochs(scoring)).intersection(epochs))
    return list(epochs)


def allowed_suggestions(scoring: Scoring, epochs: range) -> QuerySet[EpochScore]:
    """Return the suggested scores of those of `epochs` that the mode allows to be seen now."""
    if not shows_another(scoring.mode) or scoring.suggestion_id is None:
        return EpochScore.objects.none()
    if is_kept_blind_by_another(scoring):
        return EpochScore.objects.none()
    scores = EpochScore.objects.filter(
        scoring_id=scoring.suggestion_id, epoch__gte=epochs.start, epoch__lt=epochs.stop
    )
    if locks_answers(scoring.mode):
        locks = RevealLock.objects.filter(scoring=scoring)
        scores = scores.filter(epoch__in=locks.values("epoch"))
    return scores.select_related("scoring__scorer").order_by("epoch")


def visible_events(scoring: Scoring, user: User) -> list[ScoredEvent]:
    """Return the events of imported files that `user` may see beside a scoring, by onset.

    Those of the scorings of the recording that they may open, and those of the suggestion that
    their own mode shows: of these only events within epochs in which it is shown.
    """
    readable = visible_scorings(user).filter(recording=scoring.recording_id)
    events = ScoredEvent.objects.order_by("onset_s", "pk")
    seen = list(events.filter(scoring__in=readable))
    if scoring.suggestion_id is None or scoring.scorer.user_id != user.pk:
        return seen
    shown = set(assisted_epochs(scoring, range(scoring.recording.epoch_count)))
    suggested = events.filter(scoring=scoring.suggestion_id).exclude(scoring__in=readable)
    epoch0_s = scoring.recording.epoch0_s
    return seen + [event for event in suggested if shown.issuperset(event.epochs(epoch0_s))]


def may_have_events(scoring: Scoring, user: User) -> bool:
    """Whether events of imported files may be shown beside a scoring, now or after an answer."""
    may_see = Q(scoring__in=visible_scorings(user).filter(recording=scoring.recording_id))
    if scoring.scorer.user_id == user.pk and shows_another(scoring.mode):
        may_see |= Q(scoring=scoring.suggestion_id)
    return ScoredEvent.objects.filter(may_see).exists()


class ShownByServer(TypedDict):
    """The mode of a scoring, and a suggestion that was sent to its scorer."""

    mode: str
    suggestion: Mapping[str, object] | None


def shown_by_server(scoring: Scoring, epoch: int) -> ShownByServer:
    """Return the mode of a scoring and the suggestion that was last sent for `epoch`."""
    if scoring.suggestion_id is None:  # it is set when the scoring is made, and never later
        return {"mode": scoring.mode, "suggestion": None}
    sent = SentSuggestion.objects.filter(scoring=scoring, epoch=epoch).order_by("version").last()
    return {"mode": scoring.mode, "suggestion": sent.as_json() if sent else None}


def why_claims_withheld(scoring: Scoring, user: User) -> str | None:
    """Return why a person must not see verdicts on the claims of a scoring; None if they may.

    A verdict repeats what detectors measured, so it is help: none for whoever scores the night
    blind, none while another scoring of the night by the same person is still made without help,
    and none for a rater of rationales of the night, who judges the same claims.
    """
    others = _unaided_by(user).exclude(pk=scoring.pk)
    is_own_blind = scoring.scorer.user_id == user.pk and not shows_another(scoring.mode)
    if is_own_blind or scoring.recording_id in same_nights(_recordings_of(others)):
        return "Not available in blind mode: the rationale is not checked against the signal."
    if rates_texts_of(scoring.recording_id, user):
        return "Not available: you rate rationales of this recording."
    return None


def checkable_epochs(scoring: Scoring, user: User, epochs: range) -> list[int]:
    """Return those of `epochs` whose claims may be checked for a person who may see verdicts.

    To a person's own scoring the rule of detected waves applies: in reveal the answer is locked
    first.
    """
    if scoring.scorer.user_id == user.pk and scoring.is_open:
        return assisted_epochs(scoring, epochs)
    return list(epochs)


# Assignment


def assignable_annotators(recording: Recording) -> QuerySet[User]:
    """Return the annotators of the study who do not have this night yet."""
    return User.objects.filter(
        is_active=True,
        memberships__study=recording.study,
        memberships__role=Role.ANNOTATOR,
    ).exclude(scorer__scorings__recording=recording)


def suggestible_scorings(recording: Recording, *, by: User | None = None) -> QuerySet[Scoring]:
    """Return the finished scorings of a night, any of which may be suggested to a scorer.

    With `by`, those that this lead may open.
    """
    known = visible_scorings(by) if by else Scoring.objects.all()
    return known.filter(recording=recording, state__in=FINISHED).select_related("scorer")


def why_not_assigned(recording: Recording, annotator: User, mode: Mode | str) -> str | None:
    """Return why a person cannot score a recording in this mode now; None if they can."""
    return why_none_assigned([recording.pk], annotator, mode).get(recording.pk)


def why_none_assigned(
    recordings: Collection[int], annotator: User, mode: Mode | str
) -> dict[int, str]:
    """Return why a person cannot score recordings in this mode now; those they can are left out.

    The number of queries does not depend on the number of recordings.
    """
    unaided = mode in UNAIDED
    nights = nights_of(recordings)
    rated = rated_recordings(annotator)
    elsewhere = _own_against(annotator, unaided=unaided, among=set().union(*nights.values()))
    shown = _what_was_shown(annotator, nights) if unaided else {}
    reasons = {}
    for pk, same in nights.items():
        if pk in rated:
            reasons[pk] = (
                f"{annotator} rates texts of this recording in an open rating study, and scoring"
                " it would not be independent of them. Close the rating study first, or choose"
                " another annotator."
            )
        elif not elsewhere.isdisjoint(same - {pk}):
            reasons[pk] = _WHY_ELSEWHERE[unaided].format(annotator=annotator)
        elif pk in shown:
            reasons[pk] = (
                f"{annotator} {shown[pk]}, and cannot score it without help any more."
                " Choose another annotator."
            )
    return reasons


_WHY_ELSEWHERE = {
    True: (
        "{annotator} is shown another scoring of the same file in another study, and cannot"
        " score it without help. Choose another annotator."
    ),
    False: (
        "{annotator} still scores the same file without help in another study. Choose another"
        " annotator, or assign it when that scoring is submitted."
    ),
}


def _own_against(user: User, *, unaided: bool, among: set[int]) -> set[int]:
    """Return those of the recordings whose own scoring forbids one with, or without, help."""
    own = Scoring.objects.filter(recording__in=among, scorer__user_id=user.pk)
    helped = own.filter(suggestion__isnull=False)
    against = helped if unaided else own.filter(pk__in=unaided_scorings().values("pk"))
    return set(_recordings_of(against))


def _what_was_shown(user: User, nights: Mapping[int, set[int]]) -> dict[int, str]:
    """Return by which act `user` could know others' answers, of the nights where they could."""
    could_read = _could_read_others(user, nights, Scoring.objects.filter(state__in=FINISHED))
    acts = (
        (settled_recordings(user), "adjudicated this recording"),
        (launched_recordings(user), "has rated rationales of this recording"),
        (
            could_read,
            "could read other scorings of this recording, as lead, adjudicator or viewer of"
            " the study",
        ),
    )
    return {
        pk: words
        for known, words in reversed(acts)  # the first act is named
        for pk, same in nights.items()
        if not known.isdisjoint(same)
    }


def _could_read_others(
    user: User, nights: Mapping[int, set[int]], among: QuerySet[Scoring]
) -> set[int]:
    """Return the nights of which `user` may, or could, read scores of others as an overseer."""
    others = among.filter(
        Exists(EpochScore.objects.filter(scoring=OuterRef("pk"))),
        recording__in=set().union(*nights.values()),
        recording__study__in=overseen_studies(user),
    )
    return set(_recordings_of(others.exclude(scorer__user_id=user.pk)).distinct())


def assignable_modes(*, has_source: bool) -> list[Mode]:
    """Return all modes; blind alone while there is no finished scoring of the night to show."""
    return [mode for mode in Mode if has_source or not shows_another(mode)]


def why_not_suggested(recording: Recording, annotator: User, source: Scoring | None) -> str | None:
    """Return why `source` cannot be suggested to an annotator; None if it can."""
    if source is None:
        return "This mode shows another scoring. Choose a scoring to show."
    if not suggestible_scorings(recording).filter(pk=source.pk).exists():
        return "Choose a finished scoring of the same recording."
    if source.scorer.user_id == annotator.pk:
        return "A scorer cannot get their own scoring as suggestion. Choose another one."
    return None


def why_not_opened_again(scoring: Scoring) -> str | None:
    """Return why a finished or withdrawn scoring cannot be open again; None if it can.

    An overseer could read everything of the night once their scoring was not open.
    """
    scorer = scoring.scorer.user
    if scorer is None:
        return None
    if reason := why_not_assigned(scoring.recording, scorer, scoring.mode):
        return reason
    nights = nights_of([scoring.recording_id])
    unaided = scoring.mode in UNAIDED
    if unaided and _could_read_others(scorer, nights, Scoring.objects.all()):
        return (
            f"{scorer} could read the other scorings of this recording in the meantime, as lead,"
            " adjudicator or viewer. Scoring it without help is not possible any more."
        )
    return None


def could_oversee(user: User, study: Study) -> bool:
    """Return whether `user` may read all scorings of a study, or once could."""
    return study.pk in overseen_studies(user)


# Adjudication


def adjudications_to_settle(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may settle.

    None of nights that are closed to them, and none in which they are a side.
    """
    own_sides = AdjudicationSide.objects.filter(scoring__scorer__user_id=user.pk)
    return (
        Adjudication.objects.filter(recording__study__in=Study.objects.of(user, Role.ADJUDICATOR))
        .exclude(recording__in=closed_recordings(user))
        .exclude(pk__in=own_sides.values("adjudication_id"))
    )


def why_not_adjudicated(recording: Recording, user: User) -> str | None:
    """Return why a person cannot settle the scorings of a recording; None if they can."""
    if recording.pk in unaided_recordings(user):
        return "You still score this recording without help, so another adjudicator must settle it."
    if rates_texts_of(recording.pk, user):
        return "You rate texts of this recording, so another adjudicator must settle it."
    return None


def adjudications_to_discard(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may discard: those they settle, and those they lead.

    A lead sees every scoring of the night anyway, unless it is closed to them.
    """
    led = Q(recording__study__in=Study.objects.of(user, Role.LEAD))
    settled = Q(pk__in=adjudications_to_settle(user).values("pk"))
    return Adjudication.objects.filter(led | settled).exclude(recording__in=closed_recordings(user))


# Rating


def rating_studies_led_by(user: User) -> RatingStudyQuerySet:
    return RatingStudy.objects.filter(study__in=Study.objects.of(user, Role.LEAD))


def recordings_of_items(rating_study: RatingStudy) -> QuerySet[RatingItem, int]:
    """Return the ids of the recordings of a rating study: whoever reads its texts reads theirs."""
    return rating_study.items.order_by().values_list("recording_id", flat=True).distinct()


def rating_studies_rated_by(user: User) -> RatingStudyQuerySet:
    """Return the open studies in which `user` is a rater and still blind.

    Whoever has come to oversee the study since its launch is not blind any more, and rates no
    more, also after that role has ended.
    """
    own_seats = RatingRater.objects.filter(rater_id=user.pk).values("rating_study_id")
    return RatingStudy.objects.filter(
        state=RatingStudy.State.OPEN,
        study__in=Study.objects.of(user, Role.RATER),
        pk__in=own_seats,
    ).exclude(study__in=overseen_studies(user))


def rating_slots_of(user: User, *, code: UUID | str | None = None) -> QuerySet[RatingSlot]:
    """Return the queue of `user`, or its slot with this code: of the studies they may rate now.

    The main round opens when the calibration round is passed, or when the lead admits the rater.
    Left out are items that they may not rate (any more), whenever that came about.
    """
    mine = slots_in_rated_studies(user)
    slots = mine.filter(code=code) if code else mine
    barred = _barred(user, slots, _waiting_calibration(user))
    admitted = RatingRater.objects.admitted().filter(
        rater_id=user.pk, rating_study=OuterRef("item__rating_study")
    )
    first_round = _calibration_slots(user, barred).filter(
        item__rating_study=OuterRef("item__rating_study")
    )
    is_first = Q(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)
    open_now = is_first | Exists(admitted) | ~Exists(first_round)
    return slots.exclude(item__in=barred).filter(open_now)


def slots_in_rated_studies(user: User) -> QuerySet[RatingSlot]:
    """Return all slots of `user` in the studies that they may rate now, withheld ones as well."""
    # As ids, because the slots stand in other queries, for every item that is opened.
    studies = list(rating_studies_rated_by(user).values_list("pk", flat=True))
    return RatingSlot.objects.filter(rater_id=user.pk, item__rating_study__in=studies)


def barred_items(user: User, among: QuerySet[RatingItem]) -> set[int]:
    """Return the ids of the rating items that `user` must not rate.

    Those whose text they know from elsewhere, and those of recordings that they still score
    without help.
    """
    unaided = among.filter(recording__in=unaided_recordings(user))
    return known_items(user, among).union(unaided.values_list("pk", flat=True))


def without_barred(slots: QuerySet[RatingSlot], user: User) -> QuerySet[RatingSlot]:
    """Return those of the slots of `user` whose items they may rate."""
    return slots.exclude(item__in=_barred(user, slots))


def _barred(user: User, *queues: QuerySet[RatingSlot]) -> set[int]:
    items: set[int] = set()
    for slots in queues:
        items.update(slots.order_by().values_list("item_id", flat=True))
    return barred_items(user, RatingItem.objects.filter(pk__in=items)) if items else set()


def calibration_slots_of(user: User) -> QuerySet[RatingSlot]:
    """Return the calibration rounds of `user`, without items that are withheld before they end."""
    return _calibration_slots(user, _barred(user, _waiting_calibration(user)))


def _calibration_slots(user: User, barred: set[int]) -> QuerySet[RatingSlot]:
    slots = RatingSlot.objects.calibration().filter(rater_id=user.pk)
    return slots.exclude(gold_shown_at__isnull=True, item__in=barred)


def _waiting_calibration(user: User) -> QuerySet[RatingSlot]:
    return RatingSlot.objects.calibration().filter(rater_id=user.pk, gold_shown_at__isnull=True)


@dataclass(frozen=True)
class WithheldItems:
    """Items of a rating study that are withheld from a rater, by reason."""

    rater: User
    scored: int
    """Because the rater still scores their recordings without help."""
    known: int
    """Because the rater knows their texts from elsewhere."""


def withheld_items(rating_study: RatingStudy, raters: Iterable[User]) -> list[WithheldItems]:
    """Return what is withheld from each of `raters` who has items that are."""
    slots = RatingSlot.objects.filter(item__rating_study=rating_study).order_by()
    seated = set(slots.values_list("rater_id", flat=True).distinct())
    withheld = (_withheld_from(rater, rating_study) for rater in raters if rater.pk in seated)
    return [items for items in withheld if items.scored or items.known]


def _withheld_from(rater: User, rating_study: RatingStudy) -> WithheldItems:
    items = rating_study.items.filter(slots__rater_id=rater.pk).distinct()
    unaided = items.filter(recording__in=unaided_recordings(rater))
    scored = set(unaided.values_list("pk", flat=True))
    known = known_items(rater, items) - scored
    return WithheldItems(rater, scored=len(scored), known=len(known))


def eligible_raters(study: Study) -> list[User]:
    """Return the raters who cannot look sources up, and never could.

    Whoever oversees the scorings of a study, or once did, is not blind.
    """
    raters = User.objects.filter(
        is_active=True, memberships__study=study, memberships__role=Role.RATER
    )
    return [user for user in raters.order_by("username") if not could_oversee(user, study)]


def blind_rating_studies() -> QuerySet[RatingStudy]:
    """Return the studies whose raters must not learn yet who wrote what, nor will in a moment."""
    launched = RatingStudy.objects.exclude(state=RatingStudy.State.DRAFT)
    return launched.filter(unblinded_at__isnull=True)


# Reading many nights at once: designs, results, exports, releases


class UnaidedNightsError(RefusedError):
    """Recordings that are closed to a person may not be read by another way."""

    code = "unaided"
    status = 403


def refuse_unaided_nights(recording_ids: Iterable[int], user: User) -> None:
    """Refuse if any of these nights is closed to `user`.

    Nights of which they rate texts are not named: that would tell where the texts are from.

    Raises
    ------
    UnaidedNightsError
    """
    ids = set(recording_ids)
    own = Recording.objects.filter(pk__in=ids & unaided_recordings(user))
    if names := sorted(own.values_list("name", flat=True)):
        raise UnaidedNightsError(
            f"You still score {', '.join(names)} blind. Submit it first, or exclude it."
        )
    if ids & rated_recordings(user):
        raise UnaidedNightsError(
            "You rate texts of these recordings in an open rating study, and this would show more"
            " of them. Open this page again when the rating study is closed."
        )


def open_recordings(user: User, study: Study) -> QuerySet[Recording]:
    """Return the recordings of a study that are not closed to `user`."""
    return Recording.objects.filter(study=study).exclude(pk__in=closed_recordings(user))


# The audit trail


def withheld_from_audit(user: User) -> tuple[set[int], set[int]]:
    """Return ids of recordings and of studies about whose events `user` may not read reasons.

    A reason is free text, and details are of every kind: either may tell of stages or sources.
    So none of a study is shown while a night of it is closed to the person, or while they are to
    rate in it, whatever recording it names.
    """
    closed = Recording.objects.filter(pk__in=closed_recordings(user))
    nights = dict(closed.values_list("pk", "study_id"))
    rated = RatingStudy.objects.filter(state=RatingStudy.State.OPEN, panel__rater_id=user.pk)
    return set(nights), set(nights.values()).union(rated.values_list("study_id", flat=True))
