"""Who can be assigned to a recording, in which mode and with which suggestion."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef, QuerySet

from annotations.exposure import (
    launched_recordings,
    nights_of,
    overseen_studies,
    rated_recordings,
    settled_recordings,
)
from annotations.scoring.models import FINISHED, EpochScore, Scoring
from annotations.visibility.modes import UNAIDED
from annotations.visibility.nights import recordings_of, unaided_scorings
from annotations.visibility.scorings import visible_scorings
from recordings.models import Recording
from studies.models import Mode, Role, User


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
    return set(recordings_of(against))


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
    return set(recordings_of(others.exclude(scorer__user_id=user.pk)).distinct())


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
