"""Exports as work: asked for, claimed under a lease, made, or given back. The row is the truth."""

import hashlib
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.exports.archive import write_export
from annotations.exports.sinks import FolderSink, ZipSink
from annotations.models import Export, Scorer, Scoring
from annotations.queries.blind_nights import refuse_blind
from annotations.queries.exports import NothingToExportError, exportable_scorings
from studies.models import Study, User

LEASE = timedelta(minutes=2)
ATTEMPTS = 3


class LeaseLostError(Exception):
    """Another worker has taken this export over; what was made here is thrown away."""


def request_export(
    *, study: Study, scorer: Scorer, include_open: bool, requested_by: User | None
) -> Export:
    """Put an export on the list; the caller enqueues it after the commit.

    Raises
    ------
    NothingToExportError, BlindNightsError
    """
    nights = exportable_scorings(study, scorer, include_open=include_open)
    if not nights:
        raise NothingToExportError(f"There is no finished scoring by {scorer} to export.")
    if requested_by:
        refuse_unsubmitted(nights, scorer, requested_by)
    return Export.objects.create(
        study=study,
        scorer=scorer,
        include_open=include_open,
        total=len(nights),
        requested_by=requested_by,
    )


def refuse_unsubmitted(nights: Sequence[Scoring], scorer: Scorer, user: User) -> None:
    """Keep others' answers from whoever still scores one of the nights blind; not their own.

    Raises
    ------
    BlindNightsError
    """
    if scorer.user_id != user.pk:
        refuse_blind([scoring.recording_id for scoring in nights], user)


def export_to_folder(*, study: Study, scorer: Scorer, include_open: bool, folder: Path) -> int:
    """Write an export here and now; returns the number of nights."""
    nights = exportable_scorings(study, scorer, include_open=include_open)
    write_export(FolderSink(folder), nights)
    return len(nights)


@transaction.atomic
def claim_export(*, export_id: int) -> Export | None:
    """Take an export that waits or whose lease ran out; None when there is nothing to do."""
    takeable = Q(state=Export.State.WAITING) | Q(
        state=Export.State.RUNNING, lease_expires_at__lt=timezone.now()
    )
    export = (
        Export.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(takeable, pk=export_id, attempt__lt=ATTEMPTS)
        .select_related("study", "scorer")
        .first()
    )
    if export:
        export.state = Export.State.RUNNING
        export.attempt += 1
        export.done = 0
        export.lease_expires_at = timezone.now() + LEASE
        export.save(update_fields=["state", "attempt", "done", "lease_expires_at"])
    return export


def make_export(*, export: Export) -> None:
    """Make the zip of a claimed export and store it; the lease is renewed night by night."""
    nights = exportable_scorings(export.study, export.scorer, include_open=export.include_open)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            write_export(
                ZipSink(archive),
                nights,
                on_night=lambda done: _renew(export, done=done, total=len(nights)),
            )
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        name = f"{export.study.slug}-massex-{export.pk}.zip"
        export.file.save(name, File(file), save=False)
    finished = _held(export).update(
        state=Export.State.DONE,
        file=export.file.name,
        sha256=digest,
        error="",
        lease_expires_at=None,
        finished_at=timezone.now(),
    )
    if not finished:
        export.file.delete(save=False)
        raise LeaseLostError


def give_back_export(*, export: Export, error: str) -> None:
    """Let an export that failed be tried again, or end it after the last attempt."""
    is_last = export.attempt >= ATTEMPTS
    _held(export).update(
        state=Export.State.FAILED if is_last else Export.State.WAITING,
        error=error,
        lease_expires_at=None,
        finished_at=timezone.now() if is_last else None,
    )


def exports_to_enqueue() -> list[int]:
    """Return the exports that no worker has, after ending those that were tried often enough."""
    now = timezone.now()
    expired = Export.objects.filter(state=Export.State.RUNNING, lease_expires_at__lt=now)
    expired.filter(attempt__gte=ATTEMPTS).update(
        state=Export.State.FAILED,
        error="The worker stopped three times while making this export. Ask for it again.",
        finished_at=now,
    )
    waiting = Export.objects.filter(state=Export.State.WAITING)
    return [*expired.values_list("pk", flat=True), *waiting.values_list("pk", flat=True)]


def _held(export: Export) -> "QuerySet[Export]":
    return Export.objects.filter(pk=export.pk, attempt=export.attempt, state=Export.State.RUNNING)


def _renew(export: Export, *, done: int, total: int) -> None:
    if not _held(export).update(done=done, total=total, lease_expires_at=timezone.now() + LEASE):
        raise LeaseLostError
