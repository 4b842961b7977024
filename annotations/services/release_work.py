"""Freezing as work: claimed under a lease, read under locks, made whole, or given back."""

import hashlib
import pickle
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.exports.massex import Table
from annotations.exports.sinks import ZipSink
from annotations.models import Release, ReleaseEvent, Scoring
from annotations.releases.agreement import expert_agreement
from annotations.releases.archive import write_release
from annotations.releases.composition import Composition
from annotations.releases.manifest import entries_of, make_manifest
from annotations.releases.nights import Night
from annotations.releases.planning import Plan, changes, plan_release
from annotations.releases.ratings import COLUMNS, ratings_table
from annotations.releases.selection import scorer_names, selected_scorings
from annotations.services.exports import ATTEMPTS, LEASE, LeaseLostError
from annotations.services.releases import ReleaseRefusedError, note
from studies.models import Study

Kind = ReleaseEvent.Kind
State = Release.State


@transaction.atomic
def claim_release(*, release_id: int) -> Release | None:
    """Take a release that waits or whose lease ran out; None when there is nothing to do."""
    takeable = Q(state=State.WAITING) | Q(state=State.FREEZING, lease_expires_at__lt=timezone.now())
    release = (
        Release.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(takeable, pk=release_id, attempt__lt=ATTEMPTS)
        .select_related("study")
        .first()
    )
    if release:
        release.state = State.FREEZING
        release.attempt += 1
        release.done = 0
        release.lease_expires_at = timezone.now() + LEASE
        release.save(update_fields=["state", "attempt", "done", "lease_expires_at"])
    return release


def freeze_release(*, release: Release) -> None:
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
                on_night=lambda done: _renew(release, done=done, total=total),
            )
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        release.file.save(release.file_name, File(file), save=False)
    _finish(release, manifest=manifest, sha256=digest, size=size)


def give_back_release(*, release: Release, error: str, is_final: bool) -> None:
    """Let a freeze that failed be tried again, or make it a draft again with the reason."""
    if is_final or release.attempt >= ATTEMPTS:
        _make_draft(_held(release), error)
        note(release, Kind.REFUSED, None, error)
    else:
        _held(release).update(state=State.WAITING, error=error, lease_expires_at=None)


def releases_to_enqueue() -> list[int]:
    """Return the releases that no worker has, after giving up those tried often enough."""
    expired = Release.objects.filter(state=State.FREEZING, lease_expires_at__lt=timezone.now())
    _make_draft(
        expired.filter(attempt__gte=ATTEMPTS),
        "The worker stopped three times while freezing this. Nothing was frozen.",
    )
    waiting = Release.objects.filter(state=State.WAITING)
    return [*expired.values_list("pk", flat=True), *waiting.values_list("pk", flat=True)]


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
    names = scorer_names(scorings)
    ratings = ratings_table(scorings, names) if composition.with_ratings else Table(COLUMNS, [])
    manifest = make_manifest(
        study=study,
        title=release.title,
        version=release.version,
        composition=composition,
        plan=plan,
        ratings=ratings,
        agreement=expert_agreement({scoring.recording_id for scoring in scorings}),
        scorer_names=names,
        frozen_at=timezone.now(),
    )
    return manifest, ratings


def _refuse_changed(release: Release, plan: Plan) -> None:
    if plan.problems:
        raise ReleaseRefusedError(" ".join(plan.problems))
    if changed := changes(release.preview, plan.as_json()):
        raise ReleaseRefusedError(
            f"Changed since the preview: {', '.join(changed)}. Look at it again, then freeze."
        )


def _spooled_nights(spool: IO[bytes], manifest: dict[str, Any]) -> Iterator[Night]:
    """Read back what this process has just written, night by night."""
    spool.seek(0)
    for entry in entries_of(manifest):
        yield Night(entry, pickle.load(spool))


def _finish(release: Release, *, manifest: dict[str, Any], sha256: str, size: int) -> None:
    with transaction.atomic():
        finished = _held(release).update(
            state=State.FROZEN,
            manifest=manifest,
            file=release.file.name,
            sha256=sha256,
            size=size,
            error="",
            lease_expires_at=None,
            frozen_at=timezone.now(),
        )
        if finished:
            note(release, Kind.FROZEN, None)
    if not finished:
        release.file.delete(save=False)
        raise LeaseLostError


def _make_draft(releases: "QuerySet[Release]", error: str) -> None:
    releases.update(state=State.DRAFT, version="", error=error, lease_expires_at=None)


def _held(release: Release) -> "QuerySet[Release]":
    return Release.objects.filter(pk=release.pk, attempt=release.attempt, state=State.FREEZING)


def _renew(release: Release, *, done: int, total: int) -> None:
    if not _held(release).update(done=done, total=total, lease_expires_at=timezone.now() + LEASE):
        raise LeaseLostError
