"""Import of nights of a queue: each becomes a recording, its files go to the worker as they are."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass

from django.db import transaction

from psg.errors import RefusedError
from psg.typed_json import JsonObject
from recordings.incoming import queue_ingest
from recordings.intake.locking import IntakeRefusedError, changing
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.receiving import drop_files, finish_if_empty, preview_path
from recordings.intake.rules import channel_rules, options_for_formats, options_over, said_about
from recordings.models import Ingest, StageSource
from recordings.removals import remove_files
from recordings.store import store_root
from studies.audit import record
from studies.models import Act, Study, User

# So many nights are imported in a transaction: other acts wait for the queue as long as for them.
AT_ONCE = 50


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
    chosen = queue.nights.order_by("subject", "number", "pk")
    if nights is not None:
        chosen = chosen.filter(pk__in=nights)
    else:
        chosen = chosen.filter(state=IntakeNight.State.READY)
    results: list[Result] = []
    pks = list(chosen.values_list("pk", flat=True))
    for some in (pks[first : first + AT_ONCE] for first in range(0, len(pks), AT_ONCE)):
        try:
            results += _import_some(queue, some, user)
        except IntakeRefusedError as refused:  # finished by somebody else between two steps
            if not results:
                raise
            results += [Result(pk, error=str(refused)) for pk in some]
    if finish:
        # Another window may have finished it; what was imported here is reported all the same.
        with suppress(IntakeRefusedError) if results else nullcontext(), changing(queue) as locked:
            finish_if_empty(locked)
    return results


def _import_some(queue: IntakeQueue, pks: Sequence[int], user: User | None) -> list[Result]:
    """Import nights in a single transaction."""
    with changing(queue) as locked:
        nights = locked.nights.select_related("file").filter(pk__in=pks)
        kept = _Kept.of(locked.study)
        listed = nights.order_by("subject", "number", "pk")
        results = [_import_or_not(locked, night, kept, user) for night in listed]
        imported = [result.recording for result in results if not result.error]
        if imported:
            record(
                Act.INTAKE_IMPORTED,
                user=user,
                study=locked.study,
                about=f"{len(imported)} recordings",
                details={"recordings": imported},
            )
    return results


@dataclass(frozen=True)
class _Kept:
    """What a study keeps: for recordings by their labels, for stage files by their format."""

    channels: Mapping[str, JsonObject]
    stages: Mapping[str, JsonObject]

    @classmethod
    def of(cls, study: Study) -> "_Kept":
        rules = channel_rules(study)
        return cls({key: rule.value for key, rule in rules.items()}, options_for_formats(study))


def _import_or_not(
    queue: IntakeQueue, night: IntakeNight, kept: _Kept, user: User | None
) -> Result:
    """Import a night; a refusal holds for it alone."""
    if night.state != IntakeNight.State.READY or night.file is None:
        return Result(night.pk, error=f"This recording is not ready: {night.get_state_display()}.")
    try:
        with transaction.atomic():
            ingest = _import(queue, night, kept, user)
    except RefusedError as error:
        return Result(night.pk, error=str(error))
    return Result(night.pk, ingest.recording_id, ingest.pk, ingest.recording.name)


def _import(queue: IntakeQueue, night: IntakeNight, kept: _Kept, user: User | None) -> Ingest:
    file = night.file
    assert file is not None
    stage_files = [f for f in night.stage_files if f.state == IntakeFile.State.READY]
    label_set = night.facts["label_set"]
    decisions = said_about(kept.channels, queue.decisions, night.decisions, label_set)
    ingest = queue_ingest(
        study=queue.study,
        subject_code=night.subject,
        sha256=file.sha256,
        name=night.name,
        night=night.number,
        work={
            "incoming_path": file.path,
            "decisions": decisions.as_json(),
            "stage_files": [asdict(_source(stages, kept.stages)) for stages in stage_files],
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
