"""Imports of MASS-EX tables: files are planned in turn, and then shown or written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction

from annotations.exchange.copies import COPY, OWN, link_copy
from annotations.exchange.files import Layout, NamedFile, lay_out
from annotations.exchange.importing import FileReader, OnFile
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
from jobs.reader import Reader
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


# All files of an import.


def preview_files(
    study: Study,
    files: Sequence[NamedFile],
    options: ImportOptions,
    user: User | None,
    on_file: OnFile = lambda done, total: None,
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
    digests: Mapping[str, str],
    on_file: OnFile = lambda done, total: None,
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


def _look(
    made: MassexImport, files: Sequence[NamedFile], /, *, on_file: OnFile, reader: Reader
) -> ImportPreview:
    options = ImportOptions.from_json(made.options)
    return preview_files(made.study, files, options, made.requested_by, on_file, reader)


def _write(
    made: MassexImport,
    files: Sequence[NamedFile],
    /,
    *,
    digests: Mapping[str, str],
    on_file: OnFile,
    reader: Reader,
) -> Iterator[FileResult]:
    return write_files(
        made.study,
        files,
        ImportOptions.from_json(made.options),
        made.requested_by,
        digests=digests,
        on_file=on_file,
        reader=reader,
    )


MASSEX = FileReader(MassexImport, look=_look, write=_write, preview_of=ImportPreview.from_json)
IMPORTS = MASSEX.kind


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
        return replace(result, refused=error.to_keep)
    return replace(result, epochs=count)


def _night(plan: FilePlan) -> str:
    if plan.recording:
        return plan.recording.name
    return plan.table.subject if plan.table else ""
