"""Permissions: who may see, score, rate, adjudicate and download which rows, and get which help.

Modes of scoring and blindness are decided in this module alone; every page, API view, export,
design and assignment uses it. The querysets that it returns hold the rows that a person may open.
For that person other rows do not exist: a request for them gets a 404.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.adjudication.models import Adjudication, AdjudicationSide
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.rating.models import (
    RatingItem,
    RatingRater,
    RatingSlot,
    RatingStudy,
    RatingStudyQuerySet,
)
from annotations.scoring.models import (
    FINISHED,
    EpochComment,
    EpochRevision,
    EpochScore,
    Scoring,
)
from psg.errors import RefusedError
from recordings.models import Recording
from studies.models import Mode, Role, Study, User

# People with these roles see every scoring of their study; annotators see their own.
OVERSEERS = (Role.LEAD, Role.ADJUDICATOR, Role.VIEWER)

# Modes in which the scorer's own answer comes first, so nothing else of the night is shown.
UNAIDED = (Mode.BLIND, Mode.REVEAL)

# Changes of a score whose text a person typed.
Why = EpochRevision.Why
WRITTEN_BY_HAND = (Why.EDIT, Why.UNDO, Why.REDO, Why.CONSENSUS)


# Nights that are scored without help


def unaided_scorings() -> QuerySet[Scoring]:
    """Return the open scorings whose scorer must see nothing else of the night."""
    return Scoring.objects.filter(state=Scoring.State.OPEN, mode__in=UNAIDED)


def unaided_recordings(user: User) -> QuerySet[Scoring, int]:
    """Return the ids of the recordings that `user` still scores without help."""
    return unaided_scorings().filter(scorer__user_id=user.pk).values_list("recording_id", flat=True)


# Scorings and comments


def visible_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings that `user` may open: their own, and all of studies they oversee.

    An overseer who still scores a recording without help sees nothing but their own scoring of it
    until they have submitted.
    """
    overseen = Q(recording__study__in=Study.objects.of(user, *OVERSEERS))
    return Scoring.objects.filter(
        _is_own(user) | (overseen & ~Q(recording_id__in=unaided_recordings(user)))
    )


def own_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings of `user` in studies of which they are still a member."""
    return Scoring.objects.filter(_is_own(user))


def _is_own(user: User) -> Q:
    return Q(scorer__user_id=user.pk, recording__study__in=Study.objects.of(user))


def readers_of(scoring: Scoring) -> list[User]:
    """Return the people who may open this scoring: its scorer, and overseers not kept blind."""
    unaided = unaided_scorings().filter(recording=scoring.recording_id).exclude(scorer__user=None)
    study = scoring.recording.study_id
    members = User.objects.filter(memberships__study=study)
    overseers = User.objects.filter(
        memberships__study=study, memberships__role__in=OVERSEERS
    ).exclude(pk__in=unaided.values("scorer__user"))
    allowed = Q(pk__in=overseers.values("pk")) | Q(pk=scoring.scorer.user_id)
    return list(User.objects.filter(allowed, pk__in=members.values("pk")).order_by("username"))


def visible_comments(user: User) -> QuerySet[EpochComment]:
    """Return the comments on scorings that `user` may open, and on no others."""
    return EpochComment.objects.filter(scoring__in=visible_scorings(user))


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
    """Return whether the scorer still makes another scoring of the same night without help.

    Help with the first would then be help with the second.
    """
    others = unaided_scorings().filter(recording=scoring.recording_id, scorer=scoring.scorer_id)
    return others.exclude(pk=scoring.pk).exists()


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
    other = unaided_recordings(user).filter(recording_id=scoring.recording_id)
    is_own_blind = scoring.scorer.user_id == user.pk and not shows_another(scoring.mode)
    if is_own_blind or other.exclude(pk=scoring.pk).exists():
        return "Not available in blind mode: the rationale is not checked against the signal."
    slots = RatingSlot.objects.filter(
        rater_id=user.pk,
        item__recording_id=scoring.recording_id,
        item__rating_study__state=RatingStudy.State.OPEN,
    )
    if slots.exists():
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


def suggestible_scorings(recording: Recording) -> QuerySet[Scoring]:
    """Return the finished scorings of a night, any of which may be suggested to a scorer."""
    finished = Scoring.objects.filter(recording=recording, state__in=FINISHED)
    return finished.select_related("scorer")


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


# Adjudication


def adjudications_to_settle(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may settle: none of nights that they scored or score."""
    own_sides = AdjudicationSide.objects.filter(scoring__scorer__user_id=user.pk)
    return (
        Adjudication.objects.filter(recording__study__in=Study.objects.of(user, Role.ADJUDICATOR))
        .exclude(recording_id__in=unaided_recordings(user))
        .exclude(pk__in=own_sides.values("adjudication_id"))
    )


def adjudications_to_discard(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may discard: those they settle, and those they lead.

    A lead sees every scoring of the night anyway, unless they still score it without help.
    """
    led = Q(recording__study__in=Study.objects.of(user, Role.LEAD))
    return Adjudication.objects.filter(
        Q(pk__in=adjudications_to_settle(user).values("pk"))
        | led & ~Q(recording_id__in=unaided_recordings(user))
    )


# Rating


def rating_studies_led_by(user: User) -> RatingStudyQuerySet:
    return RatingStudy.objects.filter(study__in=Study.objects.of(user, Role.LEAD))


def rating_studies_rated_by(user: User) -> RatingStudyQuerySet:
    """Return the open studies in which `user` is a rater and still blind.

    Whoever has come to oversee the study since its launch is not blind any more, and rates no
    more.
    """
    own_seats = RatingRater.objects.filter(rater_id=user.pk).values("rating_study_id")
    return RatingStudy.objects.filter(
        state=RatingStudy.State.OPEN,
        study__in=Study.objects.of(user, Role.RATER),
        pk__in=own_seats,
    ).exclude(study__in=Study.objects.of(user, *OVERSEERS))


def rating_slots_of(user: User) -> QuerySet[RatingSlot]:
    """Return the queue of `user`: their own slots of the studies they may rate now.

    The main round opens when the calibration round is passed, or when the lead admits the rater.
    """
    slots = RatingSlot.objects.filter(
        rater_id=user.pk, item__rating_study__in=rating_studies_rated_by(user)
    )
    admitted = RatingRater.objects.admitted().filter(
        rater_id=user.pk, rating_study=OuterRef("item__rating_study")
    )
    first_round = RatingSlot.objects.calibration().filter(
        rater_id=user.pk, item__rating_study=OuterRef("item__rating_study")
    )
    is_first = Q(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)
    return slots.filter(is_first | Exists(admitted) | ~Exists(first_round))


def eligible_raters(study: Study) -> list[User]:
    """Return the raters who cannot look sources up: whoever oversees scorings is not blind."""
    raters = User.objects.filter(
        is_active=True, memberships__study=study, memberships__role=Role.RATER
    )
    overseers = User.objects.filter(memberships__study=study, memberships__role__in=OVERSEERS)
    return list(raters.exclude(pk__in=overseers.values("pk")).order_by("username"))


def blind_rating_studies() -> QuerySet[RatingStudy]:
    """Return the studies whose raters must not learn yet who wrote what, nor will in a moment."""
    launched = RatingStudy.objects.exclude(state=RatingStudy.State.DRAFT)
    return launched.filter(unblinded_at__isnull=True)


def writers_of(items: Sequence[RatingItem], *, among: Sequence[User]) -> dict[int, set[int]]:
    """Return those `among` users, by item, who scored its source, changed it, or wrote the same.

    The last covers texts that were carried over: into a consensus, or into a copy for review.
    Items come with their `source__scoring__scorer`.
    """
    users = {user.pk for user in among}
    edited, same = _editors_of(items, users), _writers_of_same_text(items, users)
    return {
        item.pk: users.intersection([item.source.scoring.scorer.user_id or 0])
        .union(edited[item.source.scoring_id, item.source.epoch])
        .union(same[item.recording_id, item.source.epoch, _normalized(item.rationale)])
        for item in items
    }


def _editors_of(items: Sequence[RatingItem], users: set[int]) -> dict[tuple[int, int], set[int]]:
    editors: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows = EpochRevision.objects.filter(
        scoring__in={item.source.scoring_id for item in items},
        epoch__in={item.source.epoch for item in items},
        why__in=WRITTEN_BY_HAND,
        user__in=users,
    ).order_by()
    for scoring_id, epoch, user_id in rows.values_list("scoring_id", "epoch", "user_id"):
        editors[scoring_id, epoch].add(user_id or 0)
    return editors


def _writers_of_same_text(
    items: Sequence[RatingItem], users: set[int]
) -> dict[tuple[int, int, str], set[int]]:
    writers: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    rows = EpochScore.objects.filter(
        scoring__recording__in={item.recording_id for item in items},
        epoch__in={item.source.epoch for item in items},
        scoring__scorer__user__in=users,
    ).exclude(rationale="")
    fields = ("scoring__recording_id", "epoch", "rationale", "scoring__scorer__user_id")
    for recording_id, epoch, rationale, user_id in rows.order_by().values_list(*fields):
        writers[recording_id, epoch, _normalized(rationale)].add(user_id or 0)
    return writers


def _normalized(text: str) -> str:
    return " ".join(text.split()).casefold()


# Downloads


class UnaidedNightsError(RefusedError):
    """Somebody who still scores a night without help may not download other scorings of it."""

    code = "unaided"
    status = 403


def refuse_unaided_nights(recording_ids: Iterable[int], user: User) -> None:
    """Refuse if `user` still scores any of these nights without help.

    Raises
    ------
    UnaidedNightsError
    """
    own = unaided_scorings().filter(scorer__user_id=user.pk, recording_id__in=list(recording_ids))
    if names := sorted(own.values_list("recording__name", flat=True)):
        raise UnaidedNightsError(
            f"You still score {', '.join(names)} blind. Submit it first, or exclude it."
        )


# The audit trail


def withheld_from_audit(user: User) -> tuple[set[int], set[int]]:
    """Return ids of recordings and of studies about whose events `user` may not read reasons.

    A reason is free text, and may tell of stages or sources: nothing of nights that the person
    scores without help, nor of studies whose rationales they rate now.
    """
    rated = RatingStudy.objects.filter(state=RatingStudy.State.OPEN, panel__rater_id=user.pk)
    return set(unaided_recordings(user)), set(rated.values_list("study_id", flat=True))
