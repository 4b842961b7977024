"""Imports of stage files as work under a lease: files are planned, then read or written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from annotations.exchange.files import NamedFile, files_of_zip
from annotations.exchange.imports import drop_files, record_import
from annotations.exchange.models import FileImport, ScoringImport
from annotations.exchange.plan import FileResult, Outcome
from annotations.exchange.scoring_files import import_placed_file, labels_only_recording
from annotations.exchange.stage_plan import StageImportOptions, StagePlan, StagesPreview
from annotations.exchange.stage_planning import plan_stages, readable
from annotations.scoring.models import Scoring
from jobs.kinds import JobKind
from jobs.reader import Reader
from jobs.workers import INGEST_QUEUE
from psg.doubts import refuse_open
from psg.errors import PsgError, StageFileError
from recordings.models import Recording
from studies.models import Study, User

State = FileImport.State
OnFile = Callable[[int, int], None]


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
    wanted = [file for file in _wanted(files) if digests is None or file.path in digests]
    for done, plan in enumerate(plan_stages(study, wanted, options, user, reader or Reader()), 1):
        seen = None if digests is None else digests[plan.path]
        yield plan, _written(plan, study, options, user, seen)
        on_file(done, len(wanted))


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
        return replace(result, refused=str(error))
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


# As work under a lease.


def read_or_write(made: ScoringImport) -> None:
    """Do the work of a claimed import: read its files, or once it is confirmed write them."""
    if made.is_confirmed:
        _write(made)
    else:
        _read(made)


def _reader(made: ScoringImport) -> Reader:
    return Reader(alive=made.renew_if_possible, alive_every_s=made.lease().total_seconds() / 3)


def _read(made: ScoringImport) -> None:
    with made.file.open("rb") as file:
        preview = preview_stages(
            made.study,
            files_of_zip(file, whole=True),
            StageImportOptions.from_json(made.options),
            made.requested_by,
            on_file=lambda done, total: made.renew(done=done, total=total),
            reader=_reader(made),
        )
    made.settle(state=State.READY, preview=preview.as_json(), error="")


def _write(made: ScoringImport) -> None:
    preview = StagesPreview.from_json(made.preview or {})
    digests = {f.path: f.digest for f in preview.files if f.path in made.chosen}
    with made.file.open("rb") as file:
        done = list(
            write_stages(
                made.study,
                files_of_zip(file, whole=True),
                StageImportOptions.from_json(made.options),
                made.requested_by,
                digests=digests,
                on_file=lambda done, total: made.renew(done=done, total=total),
                reader=_reader(made),
            )
        )
    results = [result for _, result in done]
    record_import(study=made.study, results=results, user=made.requested_by)
    name = made.file.name or ""
    made.settle(
        state=State.DONE,
        preview=replace(preview, files=tuple(f.without_stages() for f in preview.files)).as_json(),
        results=[result.as_json() for result in results],
        file="",
        error="",
        finished_at=timezone.now(),
    )
    drop_files(name)


def _give_up(made: ScoringImport, error: str) -> None:
    made.settle(state=State.FAILED, error=error)


SCORING_IMPORTS = JobKind(
    ScoringImport,
    work=read_or_write,
    give_up=_give_up,
    stopped="The worker stopped three times. Imported files are safe. Update the preview.",
    refusals=(PsgError,),
    related=("study", "requested_by"),
    queue=INGEST_QUEUE,
)
