"""Imports as work under a lease: files are planned, and then read or written, in turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from annotations.exchange.copies import COPY, OWN, link_copy
from annotations.exchange.files import Layout, NamedFile, files_of_zip, lay_out
from annotations.exchange.imports import drop_files, record_import
from annotations.exchange.models import MassexImport
from annotations.exchange.plan import (
    FilePlan,
    FileResult,
    ImportOptions,
    ImportPreview,
    Outcome,
)
from annotations.exchange.planning import plan_import
from annotations.exchange.scoring_files import import_contents, labels_only_recording
from annotations.scoring.lights import bring_lights
from annotations.scoring.models import EpochRevision, LightsRevision, Scoring
from annotations.scoring.scores import ScoreContent, revise_scores
from jobs.kinds import JobKind
from jobs.reader import Reader
from jobs.workers import INGEST_QUEUE
from psg.errors import PsgError, StageFileError
from psg.typed_json import JsonObject
from recordings.models import Recording
from studies.models import Study, Track, User


@transaction.atomic
def write_file(*, plan: FilePlan, study: Study, seen_digest: str, user: User | None) -> int:
    """Carry out a plan; return how many epochs were written, 0 where nothing differs.

    Raises
    ------
    StageFileError
        When the plan has errors, or is not the plan with the digest `seen_digest`.
    """
    if plan.outcome is Outcome.REFUSED:
        raise StageFileError("This file now has errors", advice="Update the preview.")
    if plan.outcome is Outcome.EQUAL:
        return 0
    if plan.existing is not None:
        # Locked until the end, so that the scoring is still the scoring that was compared.
        Scoring.objects.select_for_update(of=("self",)).get(pk=plan.existing.pk)
    if plan.digest != seen_digest:
        raise StageFileError(
            "The stored data changed after the preview", advice="Update the preview."
        )
    if plan.existing is None:
        return _import(plan, _recording(plan, study), user)
    return _revise(plan, plan.existing, user)


def _import(plan: FilePlan, recording: Recording, user: User | None) -> int:
    provenance: JsonObject = {"importer": "MASS-EX csv", "file_sha256": plan.sha256}
    scoring = import_contents(
        recording=recording,
        scorer_label=plan.scorer,
        contents=sorted(plan.contents.items()),
        provenance=provenance,
        user=user,
        copy=COPY if plan.copy.is_copy else OWN,
    )
    if plan.lights:
        bring_lights(
            scoring=scoring, lights=plan.lights.own, why=LightsRevision.Why.IMPORT, user=user
        )
    return len(plan.contents)


def _recording(plan: FilePlan, study: Study) -> Recording:
    if plan.recording is not None:
        return plan.recording
    assert plan.table is not None
    assert plan.grid is not None
    recording = labels_only_recording(study=study, name=plan.table.subject, grid=plan.grid)
    if plan.lights:
        marks = plan.lights.recording
        recording.lights_off_s, recording.lights_on_s = marks.off_s, marks.on_s
        recording.save(update_fields=["lights_off_s", "lights_on_s"])
    return recording


def _revise(plan: FilePlan, scoring: Scoring, user: User | None) -> int:
    changes = plan.changes
    contents = {n: plan.contents[n] for n in (*changes.added, *changes.changed)}
    contents |= {n: plan.contents.get(n, ScoreContent(stage=None)) for n in changes.gone}
    link_copy(scoring=scoring, finding=plan.copy)
    revise_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT, user=user)
    if plan.moves_lights and plan.lights:
        bring_lights(
            scoring=scoring, lights=plan.lights.own, why=LightsRevision.Why.IMPORT, user=user
        )
    if scoring.track == Track.COARSE and any(c.rationale for c in contents.values()):
        Scoring.objects.filter(pk=scoring.pk).update(track=Track.FINE)
    return len(contents)


# Imports as work: claimed under a lease, read or written, or given back. The row is the truth.


State = MassexImport.State


def preview_files(
    study: Study,
    files: Sequence[NamedFile],
    options: ImportOptions,
    user: User | None,
    on_file: Callable[[int, int], None] = lambda done, total: None,
    reader: Reader | None = None,
) -> ImportPreview:
    """Return what importing these files would change; a common reader limits their time.

    Raises
    ------
    StageFileError
        When there is no table among them.
    """
    layout = _laid_out(files)
    total = _count(layout)
    previews = []
    plans = plan_import(study, layout, options, user, reader or Reader())
    for done, plan in enumerate(plans, start=1):
        previews.append(plan.preview)
        on_file(done, total)
    return ImportPreview(tuple(previews), tuple(layout.left_out))


def write_files(
    study: Study,
    files: Sequence[NamedFile],
    options: ImportOptions,
    user: User | None,
    *,
    digests: dict[str, str],
    on_file: Callable[[int, int], None] = lambda done, total: None,
    reader: Reader | None = None,
) -> Iterator[FileResult]:
    """Write the files that `digests` lists, each whole or not at all; yield their results."""
    layout = _laid_out(files)
    total = _count(layout)
    plans = plan_import(study, layout, options, user, reader or Reader())
    for done, plan in enumerate(plans, start=1):
        if plan.path in digests:
            yield _written(plan, study, digests[plan.path], user)
        on_file(done, total)


def read_or_write(massex_import: MassexImport) -> None:
    """Do the work of a claimed import: read its files, or once it is confirmed write them."""
    if massex_import.is_confirmed:
        _write(massex_import)
    else:
        _read(massex_import)


def _reader(massex_import: MassexImport) -> Reader:
    return Reader(
        alive=massex_import.renew_if_possible,
        alive_every_s=massex_import.lease().total_seconds() / 3,
    )


def _read(massex_import: MassexImport) -> None:
    options = ImportOptions.from_json(massex_import.options)
    with massex_import.file.open("rb") as file:
        preview = preview_files(
            massex_import.study,
            files_of_zip(file),
            options,
            massex_import.requested_by,
            lambda done, total: massex_import.renew(done=done, total=total),
            _reader(massex_import),
        )
    massex_import.settle(state=State.READY, preview=preview.as_json(), error="")


def _write(massex_import: MassexImport) -> None:
    preview = ImportPreview.from_json(massex_import.preview or {})
    digests = {f.path: f.digest for f in preview.files if f.path in massex_import.chosen}
    with massex_import.file.open("rb") as file:
        results = list(
            write_files(
                massex_import.study,
                files_of_zip(file),
                ImportOptions.from_json(massex_import.options),
                massex_import.requested_by,
                digests=digests,
                on_file=lambda done, total: massex_import.renew(done=done, total=total),
                reader=_reader(massex_import),
            )
        )
    record_import(study=massex_import.study, results=results, user=massex_import.requested_by)
    name = massex_import.file.name or ""
    massex_import.settle(
        state=State.DONE,
        results=[result.as_json() for result in results],
        file="",
        error="",
        finished_at=timezone.now(),
    )
    drop_files(name)


def _give_up(massex_import: MassexImport, error: str) -> None:
    massex_import.settle(state=State.FAILED, error=error)


IMPORTS = JobKind(
    MassexImport,
    work=read_or_write,
    give_up=_give_up,
    stopped="The worker stopped three times. Imported files are safe. Update the preview.",
    refusals=(PsgError,),
    related=("study", "requested_by"),
    queue=INGEST_QUEUE,
)


def _laid_out(files: Sequence[NamedFile]) -> Layout:
    layout = lay_out(files)
    if not layout.bundles:
        raise StageFileError(
            "No MASS-EX table among the files",
            where=", ".join(path for path, _ in layout.left_out[:5]),
            advice="Upload csv files (one per recording), or a folder or zip with annotations/.",
        )
    return layout


def _count(layout: Layout) -> int:
    return sum(len(bundle.tables) for bundle in layout.bundles)


def _written(plan: FilePlan, study: Study, digest: str, user: User | None) -> FileResult:
    result = FileResult(plan.path, plan.scorer, night=_night(plan))
    try:
        count = write_file(plan=plan, study=study, seen_digest=digest, user=user)
    except PsgError as error:
        return replace(result, refused=str(error))
    return replace(result, epochs=count)


def _night(plan: FilePlan) -> str:
    if plan.recording:
        return plan.recording.name
    return plan.table.subject if plan.table else ""
