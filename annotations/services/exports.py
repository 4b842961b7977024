"""Exports as work: asked for, claimed under a lease, made, or given back. The row is the truth."""

import hashlib
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from django.core.files import File
from django.utils import timezone

from annotations.exports.archive import write_export
from annotations.exports.sinks import FolderSink, ZipSink
from annotations.models import Export, Scorer, Scoring
from annotations.queries.blind_nights import refuse_blind
from annotations.queries.exports import NothingToExportError, exportable_scorings
from annotations.services import leases
from annotations.services.leases import LeaseLostError
from studies.models import Study, User


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


def claim_export(*, export_id: int) -> Export | None:
    """Take an export that waits or whose lease ran out; None when there is nothing to do."""
    return leases.claim(Export.objects.select_related("study", "scorer"), export_id)


def make_export(*, export: Export) -> None:
    """Make the zip of a claimed export and store it; the lease is renewed night by night."""
    nights = exportable_scorings(export.study, export.scorer, include_open=export.include_open)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            write_export(
                ZipSink(archive),
                nights,
                on_night=lambda done: leases.renew(export, done=done, total=len(nights)),
            )
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        name = f"{export.study.slug}-massex-{export.pk}.zip"
        export.file.save(name, File(file), save=False)
    try:
        leases.settle(
            export,
            state=Export.State.DONE,
            file=export.file.name,
            sha256=digest,
            error="",
            finished_at=timezone.now(),
        )
    except LeaseLostError:
        export.file.delete(save=False)
        raise


def work_on_export(*, export_id: int) -> None:
    """Make one export unless another worker does; asked twice it is made once."""
    export = claim_export(export_id=export_id)
    if export is not None:
        leases.attempt(export, lambda one: make_export(export=one), give_up=_give_up)


def give_back_export(*, export: Export, error: str) -> None:
    """Let an export that failed be tried again, or end it after the last attempt."""
    leases.give_back(export, error=error, give_up=_give_up)


def exports_to_enqueue() -> list[int]:
    """Return the exports that no worker has, after ending those that were tried often enough."""
    return leases.to_enqueue(
        Export.objects.all(),
        give_up=_give_up,
        error="The worker stopped three times while making this export. Ask for it again.",
    )


def _give_up(export: Export, error: str) -> None:
    leases.settle(export, state=Export.State.FAILED, error=error, finished_at=timezone.now())
