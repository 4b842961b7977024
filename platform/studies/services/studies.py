"""Making studies."""

from django.db import transaction

from psg.rules.editions import DEFAULT_EDITION
from psg.rules.phrases import default_phrases
from studies.models import Membership, Mode, Role, Study, Track, User


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
    """Make a study; its first lead, if given, is a member at once."""
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
    """Set a study's wording; the usual wording is kept as none of its own."""
    study.phrases = "" if text.strip() == default_phrases().strip() else text
    study.save(update_fields=["phrases"])


class LastLeadError(Exception):
    """A study always keeps one lead."""


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Take a role away. What the person did in it stays."""
    study = Study.objects.select_for_update().get(pk=membership.study_id)
    leads = study.memberships.filter(role=Role.LEAD)
    if membership.role == Role.LEAD and leads.count() == 1:
        raise LastLeadError("This is the only lead: make somebody else lead first.")
    membership.delete()
