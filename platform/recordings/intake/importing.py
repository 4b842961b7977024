"""Import of nights of a queue: each becomes a recording, its files go to the worker as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from psg.errors import RefusedError
from psg.typed_json import JsonObject
from recordings.incoming import queue_ingest
from recordings.intake.locking import changing
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.receiving import drop_files, finish_if_empty, preview_path
from recordings.intake.rules import channel_rules, options_for_formats, options_over, said_about
from recordings.models import Ingest, StageSource
from recordings.removals import remove_files
from recordings.store import store_root
from studies.audit import record
from studies.models import Act, User


@dataclass(frozen=True)
class Result:
    """What became of a night: its recording, or why it was refused."""

    night: int
    recording: int | None = None
    ingest: int | None = None
    name: str = ""
    error: str = ""


def import_nights(
    *,
    queue: IntakeQueue,
    nights: Sequence[int] | None = None,
    user: User | None = None,
    finish: bool = True,
) -> list[Result]:
    """Import the nights that are ready, or those of them that were chosen; the caller sends them.

    With `finish`, a queue of which nothing is left is closed.

    Raises
    ------
    IntakeRefusedError
        When the queue is finished.
    """
    with changing(queue) as locked:
        chosen = locked.nights.select_related("file").order_by("subject", "number", "pk")
        if nights is not None:
            chosen = chosen.filter(pk__in=nights)
        else:
            chosen = chosen.filter(state=IntakeNight.State.READY)
        results = [_import_or_not(locked, night, user) for night in chosen]
        imported = [result.recording for result in results if not result.error]
        if imported:
            record(
                Act.INTAKE_IMPORTED,
                user=user,
                study=locked.study,
                about=f"{len(imported)} recordings",
                details={"recordings": imported},
            )
        if finish:
            finish_if_empty(locked)
    return results


def _import_or_not(queue: IntakeQueue, night: IntakeNight, user: User | None) -> Result:
    """Import a night; a refusal holds for it alone."""
    if night.state != IntakeNight.State.READY or night.file is None:
        return Result(night.pk, error=f"This recording is not ready: {night.get_state_display()}.")
    try:
        with transaction.atomic():
            ingest = _import(queue, night, user)
    except RefusedError as error:
        return Result(night.pk, error=str(error))
    return Result(night.pk, ingest.recording_id, ingest.pk, ingest.recording.name)


def _import(queue: IntakeQueue, night: IntakeNight, user: User | None) -> Ingest:
    file = night.file
    assert file is not None
    stage_files = [f for f in night.stage_files if f.state == IntakeFile.State.READY]
    kept = {label_set: rule.value for label_set, rule in channel_rules(queue.study).items()}
    decisions = said_about(kept, queue.decisions, night.decisions, night.facts["label_set"])
    options = options_for_formats(queue.study)
    ingest = queue_ingest(
        study=queue.study,
        subject_code=night.subject,
        sha256=file.sha256,
        name=night.name,
        night=night.number,
        work={
            "incoming_path": file.path,
            "decisions": decisions.as_json(),
            "stage_files": [asdict(_source(stages, options)) for stages in stage_files],
            "requested_by": user,
        },
    )
    remove_files([str(preview_path(file).relative_to(store_root()))])
    IntakeFile.objects.filter(pk__in=[file.pk, *(stages.pk for stages in stage_files)]).delete()
    drop_files(night.files.all())
    night.state, night.recording = IntakeNight.State.IMPORTED, ingest.recording
    night.file, night.facts, night.doubts, night.decisions = None, {}, [], {}
    night.save()
    return ingest


def _source(file: IntakeFile, kept: Mapping[str, JsonObject]) -> StageSource:
    options = options_over(kept.get(file.facts.get("format", ""), {}), file.options)
    return StageSource(file.path, file.scorer, asdict(options))
