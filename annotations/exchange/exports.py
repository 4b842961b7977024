"""Exports: the scorings that can be exported, and making an export as work under a lease."""

import hashlib
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from annotations.downloads import FolderSink, ZipSink
from annotations.exchange.archive import write_export
from annotations.exchange.models import Export
from annotations.exchange.notices import tell_export
from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.visibility import refuse_unaided_nights
from jobs.kinds import JobKind
from jobs.models import LeaseLostError
from psg.errors import RefusedError
from recordings.store import unnamed_file
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Study, User

# The order in which a scorer is chosen where none is given.
PREFERENCE = (Scorer.Kind.CONSENSUS, Scorer.Kind.HUMAN, Scorer.Kind.IMPORT, Scorer.Kind.MODEL)


@dataclass(frozen=True)
class ExportChoice:
    """A scorer of the study with how many nights could be exported."""

    scorer: Scorer
    finished: int
    open: int


class NothingToExportError(RefusedError):
    """No scoring can be exported; the message says which scorings there are."""


def exportable_scorings(
    study: Study,
    scorer: Scorer,
    *,
    include_open: bool,
    recordings: Collection[int] | None = None,
) -> list[Scoring]:
    """Return the last pass of each night by this scorer, by subject and name.

    With `recordings`, of those alone.
    """
    scorings = Scoring.objects.filter(recording__study=study, scorer=scorer)
    if recordings is not None:
        scorings = scorings.filter(recording__in=recordings)
    if not include_open:
        scorings = scorings.filter(state__in=FINISHED)
    last = {
        scoring.recording_id: scoring
        for scoring in scorings.select_related("recording__subject", "scorer").order_by(
            "pass_number"
        )
    }
    return sorted(last.values(), key=lambda s: (s.recording.subject.code, s.recording.name))


def export_choices(study: Study) -> list[ExportChoice]:
    """Return the scorers of the study in order of preference."""
    scorings = Scoring.objects.filter(recording__study=study).select_related("scorer")
    choices = [
        ExportChoice(
            scorer=scorer,
            finished=len({s.recording_id for s in theirs if s.state in FINISHED}),
            open=len({s.recording_id for s in theirs if s.is_open}),
        )
        for scorer, theirs in _by_scorer(scorings).items()
    ]
    return sorted(
        choices,
        key=lambda c: (PREFERENCE.index(Scorer.Kind(c.scorer.kind)), c.scorer.label.casefold()),
    )


def _by_scorer(scorings: Iterable[Scoring]) -> dict[Scorer, list[Scoring]]:
    by_scorer: dict[Scorer, list[Scoring]] = {}
    for scoring in scorings:
        by_scorer.setdefault(scoring.scorer, []).append(scoring)
    return by_scorer


def choose_scorer(study: Study, label: str | None, *, include_open: bool) -> Scorer:
    """Return the scorer with this label; without a label the only scorer of the preferred kind.

    Raises
    ------
    NothingToExportError
        When there is no such scorer, or several.
    """
    known = export_choices(study)
    able = [c for c in known if c.finished or (include_open and c.open)]
    able = [c for c in able if label is None or c.scorer.label == label]
    if not able:
        raise NothingToExportError(_nothing(known, label))
    if label is None:
        able = [c for c in able if c.scorer.kind == able[0].scorer.kind]
    if len(able) > 1:
        labels = ", ".join(c.scorer.label for c in able)
        raise NothingToExportError(f"Several scorers match. Choose one: {labels}.")
    return able[0].scorer


def _nothing(known: list[ExportChoice], label: str | None) -> str:
    if not known:
        return "This study has no scorings yet."
    whose = f"by {label} " if label else ""
    listed = ", ".join(f"{c.scorer.label} ({c.finished} finished, {c.open} open)" for c in known)
    return f"There is no finished scoring {whose}to export. Scorers: {listed}."


# Exports as work under a lease.


@transaction.atomic
def request_export(
    *,
    study: Study,
    scorer: Scorer,
    include_open: bool,
    requested_by: User | None,
    recordings: Collection[int] | None = None,
) -> Export:
    """Put an export on the list; the caller enqueues it after the commit.

    Raises
    ------
    NothingToExportError, BlindNightsError, ArchivedError
    """
    lock_unarchived(study.pk)
    nights = exportable_scorings(study, scorer, include_open=include_open, recordings=recordings)
    if not nights:
        raise NothingToExportError(f"{scorer} has no finished scoring to export.")
    if requested_by:
        refuse_unsubmitted(nights, scorer, requested_by)
    return Export.objects.create(
        study=study,
        scorer=scorer,
        include_open=include_open,
        recordings=None if recordings is None else sorted(recordings),
        total=len(nights),
        requested_by=requested_by,
    )


def refuse_unsubmitted(nights: Sequence[Scoring], scorer: Scorer, user: User) -> None:
    """Refuse users who still score any of the nights blind, unless the scorings are their own.

    Raises
    ------
    BlindNightsError
    """
    if scorer.user_id != user.pk:
        refuse_unaided_nights([scoring.recording_id for scoring in nights], user)


def refuse_download(export: Export, user: User) -> None:
    """Refuse users who score a recording blind that the file of an export holds.

    An earlier version does not note which recordings it wrote, so all count that it could have.

    Raises
    ------
    BlindNightsError
    """
    if export.scorer.user_id == user.pk:
        return
    held = export.written
    if held is None:
        could = exportable_scorings(export.study, export.scorer, include_open=True)
        held = [scoring.recording_id for scoring in could]
    refuse_unaided_nights(held, user)


def export_to_folder(*, study: Study, scorer: Scorer, include_open: bool, folder: Path) -> int:
    """Write an export without the worker; return the number of nights."""
    nights = exportable_scorings(study, scorer, include_open=include_open)
    record(
        Act.DOWNLOADED,
        user=None,
        study=study,
        about=f"scorings of scorer {scorer.pk} as MASS-EX",
        details={"scorer": scorer.pk, "nights": len(nights)},
    )
    write_export(FolderSink(folder), nights)
    return len(nights)


def make_export(export: Export) -> None:
    """Make the zip of a claimed export and store it; the lease is renewed night by night."""
    nights = exportable_scorings(
        export.study,
        export.scorer,
        include_open=export.include_open,
        recordings=export.recordings,
    )
    with unnamed_file() as file:
        with zipfile.ZipFile(file, "w") as archive:
            write_export(
                ZipSink(archive),
                nights,
                on_night=lambda done: export.renew(done=done, total=len(nights)),
            )
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        name = f"{export.study.slug}-massex-{export.pk}.zip"
        export.file.save(name, File(file), save=False)
    try:
        _settle(
            export,
            state=Export.State.DONE,
            written=sorted(scoring.recording_id for scoring in nights),
            file=export.file.name,
            sha256=digest,
            error="",
        )
    except LeaseLostError:
        export.file.delete(save=False)
        raise


@transaction.atomic
def _settle(export: Export, **changes: Any) -> None:
    export.settle(**changes, finished_at=timezone.now())
    tell_export(export)


def _give_up(export: Export, error: str) -> None:
    _settle(export, state=Export.State.FAILED, error=error)


EXPORTS = JobKind(
    Export,
    work=make_export,
    give_up=_give_up,
    stopped="The worker stopped three times during this export. Start a new export.",
    related=("study", "scorer"),
)
