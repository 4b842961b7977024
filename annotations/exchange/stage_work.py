"""Imports of stage files: files are planned in turn, and then shown or written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction

from annotations.exchange.files import NamedFile
from annotations.exchange.importing import FileReader, OnFile
from annotations.exchange.models import ScoringImport
from annotations.exchange.plan import FileResult, Outcome
from annotations.exchange.scoring_files import import_placed_file, labels_only_recording
from annotations.exchange.stage_plan import StageImportOptions, StagePlan, StagesPreview
from annotations.exchange.stage_planning import plan_stages, readable
from annotations.scoring.models import Scoring
from jobs.reader import Reader
from psg.doubts import refuse_open
from psg.errors import PsgError, StageFileError
from recordings.models import Recording
from studies.models import Study, User


def preview_stages(
    study: Study,
    files: Sequence[NamedFile],
    options: StageImportOptions,
    user: User | None,
    *,
    on_file: OnFile = lambda done, total: None,
    reader: Reader | None = None,
) -> StagesPreview:
    """Return what importing these files would do.

    Raises
    ------
    StageFileError
        When there is no file among them.
    """
    wanted = _wanted(files)
    previews = []
    for done, plan in enumerate(plan_stages(study, wanted, options, user, reader or Reader()), 1):
        previews.append(plan.preview)
        on_file(done, len(wanted))
    return StagesPreview(tuple(previews))


def write_stages(
    study: Study,
    files: Sequence[NamedFile],
    options: StageImportOptions,
    user: User | None,
    *,
    digests: Mapping[str, str] | None = None,
    on_file: OnFile = lambda done, total: None,
    reader: Reader | None = None,
) -> Iterator[tuple[StagePlan, FileResult]]:
    """Import files, each whole or not at all; yield their plans and results.

    With `digests` only the files that it lists, and only as their preview showed them; what is
    not read is not named.
    """
    wanted = _wanted(files)
    chosen = {file.path for file in wanted} if digests is None else set(digests)
    plans = plan_stages(study, wanted, options, user, reader or Reader(), chosen=chosen)
    for done, plan in enumerate(plans, 1):
        seen = None if digests is None else digests[plan.path]
        yield plan, _written(plan, study, options, user, seen)
        on_file(done, len(chosen))


def _wanted(files: Sequence[NamedFile]) -> list[NamedFile]:
    wanted = readable(files)
    if not wanted:
        raise StageFileError("There is no stage file", advice="Choose files, a folder or a zip.")
    return wanted


def _written(
    plan: StagePlan,
    study: Study,
    options: StageImportOptions,
    user: User | None,
    seen_digest: str | None,
) -> FileResult:
    names = ", ".join(scoring.scorer for scoring in plan.scorings)
    result = FileResult(plan.path, names, night=plan.name)
    try:
        scorings = write_stage_plan(
            plan=plan, study=study, options=options, user=user, seen_digest=seen_digest
        )
    except PsgError as error:
        return replace(result, refused=str(error) if seen_digest is None else error.to_keep)
    return replace(result, epochs=sum(_staged(scoring) for scoring in scorings))


def _staged(scoring: Scoring) -> int:
    return scoring.scores.filter(stage__isnull=False).count()


@transaction.atomic
def write_stage_plan(
    *,
    plan: StagePlan,
    study: Study,
    options: StageImportOptions,
    user: User | None,
    seen_digest: str | None = None,
) -> list[Scoring]:
    """Carry out a plan; return the scorings that were made, none where all are there already.

    Raises
    ------
    StageFileError
        When something stands against the plan, or it is not the one with `seen_digest`.
    """
    if plan.problem and seen_digest is not None:
        # What is kept of an import names no file, as the words of a problem may.
        raise StageFileError("This file now has errors", advice="Import it again to see them.")
    if plan.problem:
        raise StageFileError(plan.problem.removesuffix("."))
    refuse_open(plan.doubts)
    if plan.outcome is Outcome.EQUAL:
        return []
    if seen_digest is not None and plan.digest != seen_digest:
        raise StageFileError(
            "The stored data changed after the preview", advice="Update the preview."
        )
    assert plan.placed_file is not None
    recording = plan.recording or _made(plan, study)
    made: list[Scoring] = []
    for scoring in plan.scorings:
        if scoring.existing is None:
            imported = import_placed_file(
                recording=recording,
                placed_file=replace(plan.placed_file, placed=(scoring.placed,)),
                scorer_label=scoring.scorer,
                user=user,
                copy=options.answer_of(plan.path),
            )
            made += imported.scorings
    return made


def _made(plan: StagePlan, study: Study) -> Recording:
    """Create the recording of a plan, unless an earlier file of the import has made it."""
    assert plan.night is not None
    return labels_only_recording(
        study=study, name=plan.name, grid=plan.night.grid, start_clock_s=plan.night.clock_s
    )


def _look(
    made: ScoringImport, files: Sequence[NamedFile], /, *, on_file: OnFile, reader: Reader
) -> StagesPreview:
    options = StageImportOptions.from_json(made.options)
    return preview_stages(
        made.study, files, options, made.requested_by, on_file=on_file, reader=reader
    )


def _write(
    made: ScoringImport,
    files: Sequence[NamedFile],
    /,
    *,
    digests: Mapping[str, str],
    on_file: OnFile,
    reader: Reader,
) -> Iterator[FileResult]:
    written = write_stages(
        made.study,
        files,
        StageImportOptions.from_json(made.options),
        made.requested_by,
        digests=digests,
        on_file=on_file,
        reader=reader,
    )
    return (result for _, result in written)


STAGES = FileReader(
    ScoringImport, look=_look, write=_write, preview_of=StagesPreview.from_json, whole=True
)
SCORING_IMPORTS = STAGES.kind
