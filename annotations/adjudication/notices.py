"""Notices to adjudicators: recordings that can be adjudicated, and adjudications that are open."""

from collections.abc import Collection, Mapping

from django.db.models import Count
from django.urls import reverse

from annotations.adjudication.models import Adjudication
from annotations.scoring.models import FINISHED, IS_ORIGINAL, Scorer
from annotations.visibility import adjudications_to_settle, visible_scorings
from recordings.models import Recording
from studies.models import Role, User
from studies.notices.kinds import Thing
from studies.notices.sending import notify


def tell_open(adjudication: Adjudication) -> None:
    """Tell the other adjudicators who may settle it."""
    study = adjudication.recording.study
    people = User.objects.filter(memberships__study=study, memberships__role=Role.ADJUDICATOR)
    able = [p for p in people if adjudications_to_settle(p).filter(pk=adjudication.pk).exists()]
    by = adjudication.created_by
    notify("adjudication", study=study, to=able, about=[adjudication.pk], by=by)


def comparisons_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    """Return the recordings with two or more finished scorings that the person may compare."""
    comparable = (
        visible_scorings(user)
        .filter(IS_ORIGINAL, recording__in=ids, state__in=FINISHED)
        .exclude(scorer__kind=Scorer.Kind.CONSENSUS)
        .exclude(scorer__user_id=user.pk)
    )
    counts = dict(comparable.order_by().values_list("recording").annotate(Count("pk")))
    able = [pk for pk, count in counts.items() if count >= 2]
    begun = {
        each.recording_id: each
        for each in adjudications_to_settle(user)
        .filter(recording__in=able)
        .exclude(state=Adjudication.State.DISCARDED)
        .order_by("pk")
    }
    recordings = Recording.objects.of(user, Role.ADJUDICATOR).filter(pk__in=able)
    return {r.pk: _comparison(r, counts[r.pk], begun.get(r.pk)) for r in recordings}


def _comparison(recording: Recording, count: int, begun: Adjudication | None) -> Thing:
    if begun:
        return _adjudication(begun, recording.name)
    page = reverse("annotations:adjudicate", args=[recording.pk])
    return Thing(recording.name, page, f"{count} finished scorings")


def adjudications_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    mine = adjudications_to_settle(user).filter(pk__in=ids).select_related("recording")
    return {each.pk: _adjudication(each, each.recording.name) for each in mine}


def _adjudication(adjudication: Adjudication, name: str) -> Thing:
    page = reverse("annotations:adjudication", args=[adjudication.pk])
    state = adjudication.get_state_display().lower()
    return Thing(name, page, state, is_over=not adjudication.is_open)
