"""Freezing as work: claimed under a lease, read under locks, made whole, or given back."""

import hashlib
import pickle
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from annotations.downloads import Table, ZipSink
from annotations.releases.archive import write_release
from annotations.releases.composition import Composition
from annotations.releases.findings import findings_problem, searched
from annotations.releases.lifecycle import ReleaseRefusedError, note
from annotations.releases.manifest import entries_of, expert_agreement, make_manifest
from annotations.releases.models import Release, ReleaseEvent
from annotations.releases.nights import ReleaseNight
from annotations.releases.planning import ReleasePlan, changes, plan_release
from annotations.releases.selection import scorer_names, selected_scorings
from annotations.scoring.models import Scoring
from jobs.kinds import JobKind
from jobs.models import LeaseLostError
from studies.models import Study

Kind = ReleaseEvent.Kind
State = Release.State


def freeze_release(release: Release) -> None:
    """Freeze a claimed release: rows first, under locks, then every file from those rows.

    Raises
    ------
    ReleaseRefusedError
        When the study no longer holds what the preview showed.
    LeaseLostError
    """
    with tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as file:
        manifest, ratings = _read_rows(release, spool)
        total = len(manifest["nights"])
        with zipfile.ZipFile(file, "w") as archive:
            write_release(
                ZipSink(archive),
                study=release.study,
                manifest=manifest,
                nights=_spooled_nights(spool, manifest),
                ratings=ratings,
                on_night=lambda done: release.renew(done=done, total=total),
            )
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        release.file.save(release.file_name, File(file), save=False)
    _finish(release, manifest=manifest, sha256=digest, size=size)


@transaction.atomic
def _read_rows(release: Release, spool: IO[bytes]) -> tuple[dict[str, Any], Table]:
    """Read everything at one moment: nobody can open a scoring again before this is done."""
    study = Study.objects.get(pk=release.study_id)
    composition = Composition.from_json(release.composition)
    chosen = selected_scorings(study, composition)
    list(Scoring.objects.select_for_update().filter(pk__in=[s.pk for s in chosen]).order_by("pk"))
    scorings = selected_scorings(study, composition)
    plan = plan_release(
        study,
        composition,
        scorings=scorings,
        take=lambda night: pickle.dump(night.rows, spool),
    )
    _refuse_changed(release, plan)
    manifest = make_manifest(
        study=study,
        title=release.title,
        version=release.version,
        composition=composition,
        plan=plan,
        agreement=expert_agreement({scoring.recording_id for scoring in scorings}),
        scorer_names=scorer_names(scorings),
        free_text=searched(release),
        frozen_at=timezone.now(),
    )
    return manifest, plan.ratings


def _refuse_changed(release: Release, plan: ReleasePlan) -> None:
    if plan.problems:
        raise ReleaseRefusedError(" ".join(plan.problems))
    if problem := findings_problem(release):
        raise ReleaseRefusedError(problem)
    if changed := changes(release.preview, plan.as_json()):
        raise ReleaseRefusedError(
            f"Changed since the preview: {', '.join(changed)}. Look at it again, then freeze."
        )


def _spooled_nights(spool: IO[bytes], manifest: dict[str, Any]) -> Iterator[ReleaseNight]:
    """Read back what this process has just written, night by night."""
    spool.seek(0)
    for entry in entries_of(manifest):
        yield ReleaseNight(entry, pickle.load(spool))


def _finish(release: Release, *, manifest: dict[str, Any], sha256: str, size: int) -> None:
    try:
        with transaction.atomic():
            release.settle(
                state=State.FROZEN,
                manifest=manifest,
                file=release.file.name,
                sha256=sha256,
                size=size,
                error="",
                frozen_at=timezone.now(),
            )
            note(release, Kind.FROZEN, None)
    except LeaseLostError:
        release.file.delete(save=False)
        raise


@transaction.atomic
def _make_draft(release: Release, error: str) -> None:
    release.settle(state=State.DRAFT, version="", error=error)
    note(release, Kind.REFUSED, None, error)


RELEASES = JobKind(
    Release,
    work=freeze_release,
    give_up=_make_draft,
    stopped="The worker stopped three times while freezing this. Nothing was frozen.",
    refusals=(ReleaseRefusedError,),
    related=("study",),
)
