"""Letting people download a frozen release, and their acceptance of its terms."""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.exposure import lock_people
from annotations.releases.lifecycle import ReleaseRefusedError
from annotations.releases.models import Release, ReleaseAccess
from annotations.visibility import why_not_shared
from studies.accounts.names import email_key, username_key
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Membership, Role, User


def people_to_allow(release: Release) -> list[User]:
    """Return the members of the study who cannot download the release yet."""
    able = release.accesses.open().values("person_id")
    leads = release.study.memberships.filter(role=Role.LEAD).values("user_id")
    members = User.objects.filter(is_active=True, memberships__study=release.study).distinct()
    return list(members.exclude(pk__in=able).exclude(pk__in=leads).order_by("username"))


def people_of(release: Release) -> QuerySet[User]:
    """Return the members of the study, and those who once could download the release."""
    members = Q(memberships__study=release.study_id)
    return User.objects.filter(members | Q(release_accesses__release=release)).distinct()


def account_named(text: str) -> User | None:
    """Return the active account with this user name or e-mail address.

    Both have to be given in full: a lead cannot look through the accounts of the site.
    """
    if not text.strip():
        return None
    named = Q(username_key=username_key(text)) | Q(email_key=email_key(text))
    return User.objects.filter(named, is_active=True).order_by("pk").first()


@transaction.atomic
def allow_download(*, release: Release, person: User, user: User) -> ReleaseAccess:
    """Let a member of the study read and download a frozen release.

    Raises
    ------
    ReleaseRefusedError
    """
    _lock(release, person)
    if person not in people_to_allow(release):
        raise ReleaseRefusedError(
            f"{person} is no member of this study, leads it, or can download the release already."
        )
    return _allow(ReleaseAccess(release=release, person=person, allowed_by=user))


@transaction.atomic
def allow_outsider(
    *, release: Release, person: User, until: date | None, user: User
) -> ReleaseAccess:
    """Let a person outside the study read and download a frozen release, up to a last day.

    Raises
    ------
    ReleaseRefusedError
    """
    _lock(release, person)
    if release.study.memberships.filter(user=person).exists():
        raise ReleaseRefusedError(
            f"{person} is a member of this study.",
            advice="Choose the person in the list of members.",
        )
    if not person.is_active or release.accesses.open().filter(person=person).exists():
        raise ReleaseRefusedError(
            f"The account of {person} is deactivated, or can download the release already."
        )
    if until and until < timezone.localdate():
        raise ReleaseRefusedError("The last day is in the past. Enter a later one, or none.")
    # Only a single row of a person can be open, also where its last day has passed.
    release.accesses.filter(person=person, ended_at__isnull=True).update(ended_at=timezone.now())
    access = ReleaseAccess(
        release=release, person=person, allowed_by=user, until=until, is_outside=True
    )
    return _allow(access)


def _lock(release: Release, person: User) -> None:
    """Lock what nobody may change meanwhile: the state of the release, and the person's work."""
    lock_people([person])  # nobody may assign them work without help at the same time
    lock_unarchived(release.study_id)
    if not Release.objects.filter(pk=release.pk, state=Release.State.FROZEN).exists():
        raise ReleaseRefusedError("Only a frozen release can be downloaded by others.")


def _allow(access: ReleaseAccess) -> ReleaseAccess:
    if reason := why_not_shared(access.release, access.person):
        raise ReleaseRefusedError(reason)
    access.save()
    _record(Act.RELEASE_ALLOWED, access, access.allowed_by)
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
    """Record that a person accepted licence and conditions of use; repeated, nothing changes.

    Raises
    ------
    ArchivedError
    """
    lock_unarchived(access.release.study_id)  # the address refuses members only
    open_now = ReleaseAccess.objects.open().filter(pk=access.pk, accepted_at__isnull=True)
    if open_now.update(accepted_at=timezone.now()):
        _record(Act.RELEASE_ACCEPTED, access, access.person)


def access_of(release: Release, user: User) -> ReleaseAccess | None:
    """Return the access of a person; None for those who need none, or have none."""
    return release.accesses.open().filter(person=user).first()


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


def _record(act: Act, access: ReleaseAccess, user: User | None) -> None:
    release = access.release
    outside = ", to a person outside the study" if access.is_outside else ""
    record(
        act,
        user=user,
        study=release.study,
        person=access.person,
        about=f"release {release}{outside}",
        details={"until": access.until.isoformat()} if access.until else None,
    )
