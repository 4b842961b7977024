"""Letting people download a frozen release, and their acceptance of its terms."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.exposure import lock_people
from annotations.releases.lifecycle import ReleaseRefusedError
from annotations.releases.models import Release, ReleaseAccess
from annotations.visibility import why_not_shared
from studies.audit import record
from studies.models import Act, Membership, Role, Study, User


def people_to_allow(release: Release) -> list[User]:
    """Return the members of the study who cannot download the release yet."""
    able = release.accesses.filter(ended_at__isnull=True).values("person_id")
    leads = release.study.memberships.filter(role=Role.LEAD).values("user_id")
    members = User.objects.filter(is_active=True, memberships__study=release.study).distinct()
    return list(members.exclude(pk__in=able).exclude(pk__in=leads).order_by("username"))


def people_of(release: Release) -> QuerySet[User]:
    """Return the members of the study, and those who once could download the release."""
    members = Q(memberships__study=release.study_id)
    return User.objects.filter(members | Q(release_accesses__release=release)).distinct()


@transaction.atomic
def allow_download(*, release: Release, person: User, user: User) -> ReleaseAccess:
    """Let a member of the study read and download a frozen release.

    Raises
    ------
    ReleaseRefusedError
    """
    lock_people([person])  # nobody may assign them work without help at the same time
    Study.objects.select_for_update(no_key=True).get(pk=release.study_id)
    if release.state != Release.State.FROZEN:
        raise ReleaseRefusedError("Only a frozen release can be downloaded by others.")
    if person not in people_to_allow(release):
        raise ReleaseRefusedError(
            f"{person} is no member of this study, leads it, or can download the release already."
        )
    if reason := why_not_shared(release, person):
        raise ReleaseRefusedError(reason)
    access = ReleaseAccess.objects.create(release=release, person=person, allowed_by=user)
    _record(Act.RELEASE_ALLOWED, access, user)
    return access


@transaction.atomic
def end_download(*, access: ReleaseAccess, user: User) -> None:
    """End a person's access; repeated, nothing changes."""
    ended = ReleaseAccess.objects.filter(pk=access.pk, ended_at__isnull=True)
    if ended.update(ended_at=timezone.now()):
        _record(Act.RELEASE_REFUSED, access, user)


def end_with_membership(*, study_id: int, person_id: int) -> None:
    """End what a person can download of a study that they are no member of any more.

    Invited again they start without access. The removal is on record, so this is not.
    """
    if Membership.objects.filter(study=study_id, user=person_id).exists():
        return
    open_now = ReleaseAccess.objects.filter(
        release__study=study_id, person=person_id, ended_at__isnull=True
    )
    open_now.update(ended_at=timezone.now())


@transaction.atomic
def accept_terms(*, access: ReleaseAccess) -> None:
    """Record that a person accepted licence and conditions of use; repeated, nothing changes."""
    open_now = ReleaseAccess.objects.filter(
        pk=access.pk, ended_at__isnull=True, accepted_at__isnull=True
    )
    if open_now.update(accepted_at=timezone.now()):
        _record(Act.RELEASE_ACCEPTED, access, access.person)


def access_of(release: Release, user: User) -> ReleaseAccess | None:
    """Return the access of a person; None for those who need none, or have none."""
    return release.accesses.filter(person=user, ended_at__isnull=True).first()


def refuse_before_terms(release: Release, user: User) -> None:
    """Refuse a download by a person who has not accepted the terms; leads have set them.

    Raises
    ------
    ReleaseRefusedError
    """
    if release.study.allows(user, [Role.LEAD]):
        return
    access = access_of(release, user)
    if access is None or access.accepted_at is None:
        raise TermsNotAcceptedError(
            "You have not accepted the terms of this release.",
            advice="Open the page of the release, read the terms and accept them.",
        )


class TermsNotAcceptedError(ReleaseRefusedError):
    """A person has to accept licence and conditions of use first."""

    code = "terms"
    status = 403


def _record(act: Act, access: ReleaseAccess, user: User) -> None:
    release = access.release
    record(act, user=user, study=release.study, person=access.person, about=f"release {release}")
