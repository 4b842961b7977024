"""Freezing releases as work under a lease: rows are read under locks, then files written."""

import hashlib
import pickle
import zipfile
from collections.abc import Iterator
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from annotations.downloads import Table, ZipSink
from annotations.releases.archive import write_release
from annotations.releases.composition import Composition
from annotations.releases.findings import findings_problem, free_text_search
from annotations.releases.lifecycle import ReleaseRefusedError, note
from annotations.releases.manifest import Manifest, expert_agreement, make_manifest
from annotations.releases.models import Release, ReleaseEvent
from annotations.releases.nights import ReleaseNight
from annotations.releases.notices import tell_leads
from annotations.releases.planning import ReleasePlan, changes, plan_release, preview_of
from annotations.releases.selection import scorer_names, selected_scorings
from annotations.scoring.models import Scoring
from jobs.kinds import JobKind
from jobs.models import LeaseLostError
from recordings.store import unnamed_file
from studies.audit import record
from studies.models import Act, Study

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
    with unnamed_file() as spool, unnamed_file() as file:
        manifest, ratings = _read_rows(release, spool)
        total = len(manifest.nights)
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
def _read_rows(release: Release, spool: IO[bytes]) -> tuple[Manifest, Table]:
    """Read all rows in a single transaction, in which no scoring can be reopened."""
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
        free_text=free_text_search(release),
        frozen_at=timezone.now(),
    )
    return manifest, plan.ratings


def _refuse_changed(release: Release, plan: ReleasePlan) -> None:
    if plan.problems:
        raise ReleaseRefusedError(" ".join(plan.problems))
    if problem := findings_problem(release):
        raise ReleaseRefusedError(problem)
    if changed := changes(preview_of(release), plan.preview):
        raise ReleaseRefusedError(
            f"Changed since the preview: {', '.join(changed)}. Preview the release again."
        )


def _spooled_nights(spool: IO[bytes], manifest: Manifest) -> Iterator[ReleaseNight]:
    """Read the spool of this process again, night by night."""
    spool.seek(0)
    for entry in manifest.nights:
        yield ReleaseNight(entry, pickle.load(spool))


def _finish(release: Release, *, manifest: Manifest, sha256: str, size: int) -> None:
    try:
        with transaction.atomic():
            release.settle(
                state=State.FROZEN,
                manifest=manifest.as_json(),
                file=release.file.name,
                sha256=sha256,
                size=size,
                error="",
                frozen_at=timezone.now(),
            )
            note(release, Kind.FROZEN, None)
            request = release.events.filter(kind=Kind.REQUESTED).select_related("user").last()
            record(
                Act.RELEASE_FROZEN,
                user=request.user if request else None,
                study=release.study,
                about=str(release),
                details={"sha256": sha256},
            )
            tell_leads(release)
    except LeaseLostError:
        release.file.delete(save=False)
        raise


@transaction.atomic
def _make_draft(release: Release, error: str) -> None:
    release.settle(state=State.DRAFT, version="", error=error)
    note(release, Kind.REFUSED, None, error)
    tell_leads(release)


RELEASES = JobKind(
    Release,
    work=freeze_release,
    give_up=_make_draft,
    stopped="The worker stopped three times. Nothing was frozen. Freeze the release again.",
    refusals=(ReleaseRefusedError,),
    related=("study",),
)
