"""Studies and their members: create a study, invite and remove people."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from psg.errors import RefusedError
from psg.rules.editions import DEFAULT_EDITION
from psg.rules.phrases import default_phrases
from studies.audit import record
from studies.models import Act, Invitation, Membership, Mode, Role, Study, Track, User

INVITATION_LASTS = timedelta(days=14)


class InvitationError(RefusedError):
    """The invitation cannot be used; the text is shown to the invited person."""

    code = "invitation"
    status = 410


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


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
    return invitation, token


def find_invitation(*, token: str) -> Invitation:
    invitation = Invitation.objects.filter(token_sha256=_hash(token)).first()
    if invitation is None or not invitation.is_open:
        raise InvitationError(
            "This invitation was used, has expired or was withdrawn. Request a new invitation "
            "from the research lead."
        )
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Membership:
    """Give `user` the role. If two people use the link at the same time, only the first gets it."""
    invitation = Invitation.objects.select_for_update().get(pk=find_invitation(token=token).pk)
    if not invitation.is_open:
        raise InvitationError("This invitation was already used.")
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return add_member(study=invitation.study, user=user, role=Role(invitation.role))


def add_member(*, study: Study, user: User, role: Role) -> Membership:
    membership, _ = Membership.objects.get_or_create(study=study, user=user, role=role)
    return membership


def withdraw_invitation(*, invitation: Invitation) -> None:
    """Withdraw an invitation with immediate effect; the row remains as a record."""
    invitation.expires_at = timezone.now()
    invitation.save(update_fields=["expires_at"])


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
        Membership.objects.create(study=study, user=lead, role=Role.LEAD)
    return study


def set_phrases(*, study: Study, text: str) -> None:
    """Set the phrases of a study; the default phrases are stored as an empty text."""
    study.phrases = "" if text.strip() == default_phrases().strip() else text
    study.save(update_fields=["phrases"])


class LastLeadError(RefusedError):
    """The last lead of a study cannot be removed."""

    code = "last_lead"
    status = 409


@transaction.atomic
def remove_member(*, membership: Membership, by: User | None = None) -> None:
    """Remove a member. Their scorings and ratings remain.

    The role is recorded: whoever could once read all scorings of a study never rates in it.
    """
    study = Study.objects.select_for_update().get(pk=membership.study_id)
    leads = study.memberships.filter(role=Role.LEAD)
    if membership.role == Role.LEAD and leads.count() == 1:
        raise LastLeadError("This is the only lead. Give another member the role of lead first.")
    details = {"person": membership.user_id, "role": membership.role}
    about = str(membership.user)
    record(Act.ROLE_REMOVED, user=by, study=study, about=about, details=details)
    membership.delete()
