"""Who can be assigned to a recording, in which mode and with which suggestion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

from django.db.models import Exists, OuterRef, QuerySet

from annotations.exposure import launched_by, nights_of, overseen_by, rated_by, settled_by
from annotations.scoring.models import FINISHED, EpochScore, Scoring
from annotations.visibility.modes import UNAIDED
from annotations.visibility.nights import unaided_scorings
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
    return why_none_assigned([recording.pk], [annotator], mode)[annotator.pk].get(recording.pk)


def why_none_assigned(
    recordings: Collection[int], annotators: Collection[User], mode: Mode | str
) -> dict[int, dict[int, str]]:
    """Return by person why they cannot score recordings in this mode now.

    Recordings that they can score are left out. The number of queries depends neither on the
    recordings nor on the people.
    """
    unaided = mode in UNAIDED
    nights = nights_of(recordings)
    people = [annotator.pk for annotator in annotators]
    rated = rated_by(people)
    elsewhere = _own_against(people, unaided=unaided, among=set().union(*nights.values()))
    shown = _what_was_shown(people, nights) if unaided else {}
    reasons: dict[int, dict[int, str]] = {person: {} for person in people}
    for annotator, (pk, same) in product(annotators, nights.items()):
        known = shown.get(annotator.pk, {})
        if not rated[annotator.pk].isdisjoint(same):
            reasons[annotator.pk][pk] = (
                f"{annotator} rates texts of this recording in an open rating study, and scoring"
                " it would not be independent of them. Close the rating study first, or choose"
                " another annotator."
            )
        elif not elsewhere[annotator.pk].isdisjoint(same - {pk}):
            reasons[annotator.pk][pk] = _WHY_ELSEWHERE[unaided].format(annotator=annotator)
        elif pk in known:
            reasons[annotator.pk][pk] = (
                f"{annotator} {known[pk]}, and cannot score it without help any more."
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


def _own_against(people: Collection[int], *, unaided: bool, among: set[int]) -> dict[int, set[int]]:
    """Return by person those recordings whose own scoring forbids one with, or without, help."""
    own = Scoring.objects.filter(recording__in=among, scorer__user_id__in=people).order_by()
    helped = own.filter(suggestion__isnull=False)
    against = helped if unaided else own.filter(pk__in=unaided_scorings().values("pk"))
    found: dict[int, set[int]] = {person: set() for person in people}
    for person, recording in against.values_list("scorer__user_id", "recording_id"):
        found[person].add(recording)
    return found


def _what_was_shown(
    people: Collection[int], nights: Mapping[int, set[int]]
) -> dict[int, dict[int, str]]:
    """Return by person by which act they could know others' answers, of nights where they could."""
    finished = Scoring.objects.filter(state__in=FINISHED)
    acts = (
        (settled_by(people), "adjudicated this recording"),
        (launched_by(people), "has rated rationales of this recording"),
        (
            _could_read_others(people, nights, finished),
            "could read other scorings of this recording, as lead, adjudicator or viewer of"
            " the study or in a release that they could download",
        ),
    )
    return {
        person: {
            pk: words
            for known, words in reversed(acts)  # the first act is named
            for pk, same in nights.items()
            if not known[person].isdisjoint(same)
        }
        for person in people
    }


def _could_read_others(
    people: Collection[int], nights: Mapping[int, set[int]], among: QuerySet[Scoring]
) -> dict[int, set[int]]:
    """Return by person the nights of which they may, or could, read scores as an overseer."""
    studies = overseen_by(people)
    scored = among.filter(
        Exists(EpochScore.objects.filter(scoring=OuterRef("pk"))),
        recording__in=set().union(*nights.values()),
        recording__study__in=set().union(*studies.values()),
    )
    rows = scored.order_by().values_list("recording_id", "recording__study_id", "scorer__user_id")
    found: dict[int, set[int]] = {person: set() for person in people}
    for recording, study, scorer in rows.distinct():
        for person in people:
            if study in studies[person] and scorer != person:
                found[person].add(recording)
    return found


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
    if unaided and _could_read_others([scorer.pk], nights, Scoring.objects.all())[scorer.pk]:
        return (
            f"{scorer} could read the other scorings of this recording in the meantime, as lead,"
            " adjudicator or viewer or in a release that they could download. Scoring it without"
            " help is not possible any more."
        )
    return None
