"""Letting people in."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from studies.models import Invitation, Membership, Role, Study, User

INVITATION_LASTS = timedelta(days=14)


class InvitationError(Exception):
    """The invitation cannot be used; the text is for the person who holds it."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    *, study: Study, email: str, role: Role, invited_by: User | None
) -> tuple[Invitation, str]:
    """Make an invitation; the token is returned once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        study=study,
        email=email,
        role=role,
        token_sha256=_hash(token),
        invited_by=invited_by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    return invitation, token


def find_invitation(*, token: str) -> Invitation:
    invitation = Invitation.objects.filter(token_sha256=_hash(token)).first()
    if invitation is None or not invitation.is_open:
        raise InvitationError(
            "This invitation was used, has run out or was withdrawn. Ask the research lead "
            "who sent it for a new one."
        )
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Give `user` the role, once; two people racing for one link get one seat."""
    invitation = Invitation.objects.select_for_update().get(pk=find_invitation(token=token).pk)
    if not invitation.is_open:
        raise InvitationError("Somebody has just used this invitation.")
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return add_member(study=invitation.study, user=user, role=Role(invitation.role))


def add_member(*, study: Study, user: User, role: Role) -> Membership:
    membership, _ = Membership.objects.get_or_create(study=study, user=user, role=role)
    return membership


def withdraw_invitation(*, invitation: Invitation) -> None:
    """Make an invitation useless at once; the row stays as a record."""
    invitation.expires_at = timezone.now()
    invitation.save(update_fields=["expires_at"])
