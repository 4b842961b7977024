"""Notices to leads about releases that were frozen, or could not be."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from annotations.releases.models import Release
from annotations.visibility import closed_recordings
from studies.models import User
from studies.notices.kinds import Thing
from studies.notices.sending import leads_of, notify


def tell_leads(release: Release) -> None:
    """Call after the state has changed."""
    notify("release", study=release.study, to=leads_of(release.study), about=[release.pk])


def releases_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    """Return releases with name and state, which the list of releases shows to every lead.

    The page of a release may be closed to a lead who scores or rates; the list never is.
    """
    releases = Release.objects.of(user).filter(pk__in=ids).select_related("study")
    is_blind = bool(closed_recordings(user)) if releases else False
    return {each.pk: _release(each, to_list=is_blind) for each in releases}


def _release(release: Release, *, to_list: bool) -> Thing:
    if to_list:
        page = reverse("annotations:releases", args=[release.study.slug])
    else:
        page = reverse("annotations:release", args=[release.pk])
    state = "could not be frozen" if release.error else release.get_state_display().lower()
    return Thing(str(release), page, state)
