"""Whole studies: create, clone, archive and restore.

Owners of the site may do this, and people whom an owner allows to (`User.may_manage_studies`); a
study can be cloned and archived only by its leads among them, and by owners of the site.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from epochwise.desk.work import work_in_progress
from psg.errors import RefusedError
from studies.audit import record
from studies.members import add_member, create_study
from studies.models import Act, Membership, Role, Study, User
from studies.montages import copy_montages

COPIED = (
    "description",
    "rule_edition",
    "guideline",
    "phrases",
    "track",
    "mode",
    "licence",
    "data_terms",
    "may_release_words",
    "may_release_images",
    "may_release_signals",
    "may_train_models",
)
"""What a clone takes over besides montages: protocol, phrases and release terms."""


class AddressTakenError(RefusedError):
    """Another study has this address."""

    code = "address_taken"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "Another study has this address. No study was created.",
            where="slug",
            advice="Choose another address.",
        )


class ArchivingRefusedError(RefusedError):
    """The study cannot be archived, or restored, now."""

    code = "not_archived"
    status = 409


def why_not_managed(study: Study, user: User) -> str | None:
    """Return why a person may not clone or archive a study; None if they may."""
    if user.is_superuser:
        return None
    if not study.allows(user, [Role.LEAD]):
        return "This is for a lead of the study, or for an owner of the site."
    if not user.manages_studies:
        return "An owner of the site must allow you to create, clone and archive studies."
    return None


def require_managed(study: Study, user: User) -> None:
    if why := why_not_managed(study, user):
        raise PermissionDenied(why)


@transaction.atomic
def found_study(*, title: str, slug: str, description: str, by: User) -> Study:
    """Create a study in the browser; whoever creates it becomes its lead."""
    study = _created(title=title, slug=slug, description=description)
    record(Act.STUDY_CREATED, user=by, study=study)
    add_member(study=study, user=by, role=Role.LEAD, by=by)
    return study


@transaction.atomic
def clone_study(
    *, source: Study, title: str, slug: str, members: Iterable[Membership], by: User
) -> Study:
    """Create a study with the settings of another one and the chosen members; without its data."""
    study = _created(title=title, slug=slug)
    for name in COPIED:
        setattr(study, name, getattr(source, name))
    study.save(update_fields=list(COPIED))
    copy_montages(source=source, target=study)
    record(Act.STUDY_CREATED, user=by, study=study, about=f"clone of {source.slug}")
    add_member(study=study, user=by, role=Role.LEAD, by=by)
    for membership in members:
        add_member(study=study, user=membership.user, role=Role(membership.role), by=by)
    return study


@transaction.atomic
def archive_study(*, study: Study, why: str, by: User) -> None:
    """Make a study read-only and take it out of the lists; refused while work is unfinished."""
    locked = Study.objects.select_for_update().get(pk=study.pk)
    if locked.archived_at:
        raise ArchivingRefusedError("This study is archived already. Nothing was changed.")
    if busy := work_in_progress(locked):
        raise ArchivingRefusedError(
            f"Work of this study is not finished: {', '.join(busy)}. Nothing was changed.",
            advice="Wait until it is done, or cancel it, and archive the study then.",
        )
    _set_archived(study, locked, timezone.now())
    record(Act.STUDY_ARCHIVED, user=by, study=locked, why=why)


@transaction.atomic
def restore_study(*, study: Study, why: str, by: User) -> None:
    """Restore an archived study; everything continues where it was."""
    locked = Study.objects.select_for_update().get(pk=study.pk)
    if not locked.archived_at:
        raise ArchivingRefusedError("This study is not archived. Nothing was changed.")
    _set_archived(study, locked, None)
    record(Act.STUDY_RESTORED, user=by, study=locked, why=why)


def address_for(title: str) -> str:
    """Return the part of an address for a title; "" if it has no letters that fit there."""
    return slugify(title)[:60].strip("-")


def _created(*, title: str, slug: str, description: str = "") -> Study:
    try:
        with transaction.atomic():
            return create_study(slug=slug, title=title, description=description)
    except IntegrityError:
        raise AddressTakenError from None


def _set_archived(study: Study, locked: Study, at: datetime | None) -> None:
    study.archived_at = locked.archived_at = at
    locked.save(update_fields=["archived_at"])
