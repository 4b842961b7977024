"""Who may read and download a release."""

from __future__ import annotations

from django.db.models import Q

from annotations.releases.models import Release, ReleaseAccess, ReleaseQuerySet
from annotations.visibility.nights import closed_recordings
from recordings.models import Recording
from studies.models import Role, Study, User


def readable_releases(user: User) -> ReleaseQuerySet:
    """Return the releases of studies that `user` leads, and those that leads let them download."""
    led = Study.objects.of(user, Role.LEAD)
    return Release.objects.filter(Q(study__in=led) | Q(pk__in=shared_releases(user).values("pk")))


def shared_releases(user: User) -> ReleaseQuerySet:
    """Return the frozen releases that leads let `user` download: a member, or a person outside."""
    allowed = ReleaseAccess.objects.open().filter(
        Q(is_outside=True) | Q(release__study__in=Study.objects.of(user)), person_id=user.pk
    )
    return Release.objects.filter(pk__in=allowed.values("release_id"), state=Release.State.FROZEN)


def why_not_shared(release: Release, person: User) -> str | None:
    """Return why a person cannot be let download a release now; None if they can.

    They could read the scorings of its study from then on.
    """
    closed = Recording.objects.filter(study=release.study_id, pk__in=closed_recordings(person))
    if not closed.exists():
        return None
    return (
        f"{person} still scores recordings of this study without help, or rates texts of them, and"
        " the release would show answers of others. Allow it when that work is finished."
    )
