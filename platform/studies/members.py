"""Studies and their members: create a study, invite and remove people."""

import hashlib
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from psg.errors import RefusedError
from psg.rules.editions import DEFAULT_EDITION
from psg.rules.phrases import default_phrases
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Invitation, Membership, Mode, Role, Study, Track, User

INVITATION_LASTS = timedelta(days=14)


class InvitationError(RefusedError):
    """The invitation cannot be used; the text is shown to the invited person."""

    code = "invitation"
    status = 410
    default = (
        "This invitation was used, has expired or was withdrawn. Request a new invitation from "
        "the research lead."
    )


class AccountTakenError(RefusedError):
    """Another account has this name or e-mail; it was created a moment ago."""

    code = "account_taken"
    status = 409
    default = "An account with this name or e-mail was created a moment ago. Nothing was changed."


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *, study: Study, email: str, role: Role, invited_by: User | None
) -> tuple[Invitation, str]:
    """Create an invitation. The token is returned here only; its hash is stored."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        study=study,
        email=email,
        role=role,
        token_sha256=_hash(token),
        invited_by=invited_by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    _record_invitation(Act.INVITED, invitation, by=invited_by)
    return invitation, token


def find_invitation(*, token: str, user: User | None = None) -> Invitation:
    """Return the invitation if it is open, or if `user` is the one who accepted it."""
    invitation = Invitation.of_token(token)
    if invitation is None or not (invitation.is_open or _accepted_by(invitation, user)):
        raise InvitationError
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Give `user` the role. If two people use the link at the same time, only the first gets it.

    The person who accepted it may accept it again, as after a lost answer; that changes nothing.
    """
    invitation = _locked(find_invitation(token=token, user=user))
    if invitation.is_open:
        return _accepted(invitation, user)
    given = Membership.objects.filter(study=invitation.study, user=user, role=invitation.role)
    if _accepted_by(invitation, user) and (membership := given.first()):
        return membership
    raise InvitationError


@transaction.atomic
def create_account(*, token: str, user: User) -> Membership:
    """Save the new account `user` together with its first role: both, or neither."""
    invitation = _locked(find_invitation(token=token))
    if not invitation.is_open:
        raise InvitationError
    user.email = invitation.email
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise AccountTakenError from None
    return _accepted(invitation, user)


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update().get(pk=invitation.pk)


def _accepted_by(invitation: Invitation, user: User | None) -> bool:
    return user is not None and invitation.accepted_by_id == user.pk


def _accepted(invitation: Invitation, user: User) -> Membership:
    lock_unarchived(invitation.study_id)
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    study, role = invitation.study, Role(invitation.role)
    _record_invitation(Act.INVITATION_ACCEPTED, invitation, by=user)
    return add_member(study=study, user=user, role=role, by=user)


@transaction.atomic
def add_member(*, study: Study, user: User, role: Role, by: User | None = None) -> Membership:
    membership, is_new = Membership.objects.get_or_create(study=study, user=user, role=role)
    if is_new:
        record(Act.ROLE_GIVEN, user=by, study=study, person=user, about=_as(role))
    return membership


def _as(role: str) -> str:
    return f"as {Role(role).label.lower()}"


def _record_invitation(act: Act, invitation: Invitation, *, by: User | None) -> None:
    about = f"invitation {invitation.pk} {_as(invitation.role)}"
    details = {"invitation": invitation.pk}
    record(act, user=by, study=invitation.study, about=about, details=details)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User | None = None) -> None:
    """Withdraw an invitation with immediate effect; the row remains as a record."""
    invitation.expires_at = timezone.now()
    invitation.save(update_fields=["expires_at"])
    _record_invitation(Act.INVITATION_WITHDRAWN, invitation, by=by)


@transaction.atomic
def create_study(
    *,
    slug: str,
    title: str = "",
    description: str = "",
    guideline: str = "",
    track: Track = Track.FINE,
    mode: Mode = Mode.BLIND,
    lead: User | None = None,
) -> Study:
    """Create a study; `lead`, if given, becomes its first member."""
    study = Study.objects.create(
        slug=slug,
        title=title or slug,
        description=description,
        guideline=guideline,
        rule_edition=DEFAULT_EDITION,
        track=track,
        mode=mode,
    )
    if lead:
        add_member(study=study, user=lead, role=Role.LEAD)
    return study


@transaction.atomic
def set_phrases(*, study: Study, text: str, user: User | None = None) -> None:
    """Set the phrases of a study; the default phrases are stored as an empty text."""
    old = study.phrases
    study.phrases = "" if text.strip() == default_phrases().strip() else text
    study.save(update_fields=["phrases"])
    if study.phrases != old:
        details = {"phrases": {"old": old, "new": study.phrases}}
        record(Act.PROTOCOL_CHANGED, user=user, study=study, about="phrases", details=details)


class LastLeadError(RefusedError):
    """The last lead of a study cannot be removed."""

    code = "last_lead"
    status = 409


def studies_led_alone(user: User) -> list[Study]:
    """Return the studies without a lead who can sign in besides this one, locked to stay so.

    Call in a transaction.
    """
    led = Study.objects.of(user, Role.LEAD).select_for_update().order_by("pk")
    return [study for study in led if not _active_leads(study).exclude(user=user).exists()]


def _active_leads(study: Study) -> "QuerySet[Membership]":
    return study.memberships.filter(role=Role.LEAD, user__is_active=True)


@transaction.atomic
def remove_member(*, membership: Membership, by: User | None = None) -> None:
    """Remove a member. Their scorings and ratings remain.

    The role is recorded: whoever could once read all scorings of a study never rates in it.
    """
    study = Study.objects.select_for_update().get(pk=membership.study_id)
    others = _active_leads(study).exclude(pk=membership.pk)
    if membership.role == Role.LEAD and not others.exists():
        raise LastLeadError("This is the only lead. Give another member the role of lead first.")
    record(
        Act.ROLE_REMOVED,
        user=by,
        study=study,
        person=membership.user,
        about=_as(membership.role),
        details={"role": membership.role},
    )
    membership.delete()
