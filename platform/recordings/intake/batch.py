"""Folders and zips of nights named in the shell: planned by names, then taken in one by one.

Each night is copied, examined and imported before the next, so that the disk needs room for a
single copy. A queue holds it meanwhile, as for nights that are uploaded.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath

from django.db import transaction

from jobs.kinds import NO_ROOM
from psg.doubts import Doubt
from psg.errors import PsgError, RefusedError
from psg.ingest.decisions import NightDecisions
from psg.namepatterns import Named
from psg.readers.containers import (
    sort_files,
)
from psg.stagefiles import StageOptions
from recordings.incoming import part_path, recording_of, settle_incoming, sha256_of
from recordings.ingest import INGESTS, remove_failed
from recordings.intake.examining import INTAKE_NIGHTS
from recordings.intake.importing import Result, import_nights
from recordings.intake.locking import IntakeRefusedError, changing
from recordings.intake.matching import Patterns, RecordingName, match_names
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.receiving import (
    discard_queue,
    drop_files,
    expect_file,
    open_queue,
)
from recordings.intake.sources import Found, Source, Unread
from recordings.models import Ingest, Recording
from studies.models import Study, User

_REMOVED = "This recording was removed from its queue."


@dataclass(frozen=True)
class PlannedNight:
    """A recording with what its name says, its other files, and its stage files by scorer."""

    main: Source
    named: Named
    parts: tuple[Source, ...] = ()
    stages: tuple[tuple[Source, str], ...] = ()


@dataclass(frozen=True)
class Batch:
    """What the names of files make of them."""

    nights: tuple[PlannedNight, ...]
    unmatched: tuple[str, ...]
    pattern: str
    unread: tuple[Unread, ...] = ()


@dataclass
class Outcome:
    """What became of a night.

    `state` is imported, waiting, ready, present, questions or refused.
    """

    night: PlannedNight
    state: str
    error: str = ""
    recording: Recording | None = None
    doubts: list[str] = field(default_factory=list)


# Planning.


def plan_batch(found: Found, patterns: Patterns) -> Batch:
    """Match files to nights by their names.

    Raises
    ------
    NamePatternError
    """
    by_name = {source.name: source for source in found.sources}
    contents = sort_files(by_name, lambda name: by_name[name].head)
    mains = sorted(contents.nights, key=lambda night: night.main)
    matches = match_names([RecordingName(n.main) for n in mains], contents.others, patterns)
    stages: dict[int, list[tuple[Source, str]]] = {}
    unmatched = []
    for other, match in zip(contents.others, matches.stages, strict=True):
        if match is None:
            unmatched.append(other)
        else:
            stages.setdefault(match.night, []).append((by_name[other], match.scorer))
    nights = tuple(
        PlannedNight(
            by_name[night.main],
            named or Named(),
            tuple(by_name[part] for part in night.parts),
            tuple(stages.get(index, ())),
        )
        for index, (night, named) in enumerate(zip(mains, matches.named, strict=True))
    )
    return Batch(nights, tuple(unmatched), matches.pattern, tuple(found.unread))


# Taking in.


def import_batch(
    *,
    study: Study,
    batch: Batch,
    decisions: NightDecisions,
    user: User | None = None,
    dry_run: bool = False,
) -> Iterator[Outcome]:
    """Take in night after night; a night that is refused does not stop the others.

    Nights that are in the study already are passed over, so that the same call goes on where an
    earlier one was ended. With `dry_run` nothing is kept.
    """
    queue = open_queue(study=study, user=user)
    queue.decisions = {**decisions.as_json(), "stages": {}}
    queue.save(update_fields=["decisions"])
    try:
        for night in batch.nights:
            yield _take_in(queue, night, decisions.stages, user, dry_run=dry_run)
            _clear(queue)
    finally:
        with suppress(IntakeRefusedError):  # a person may have discarded it meanwhile
            discard_queue(queue=queue)


def _clear(queue: IntakeQueue) -> None:
    """Remove what is left of a night, so that the next one finds the room of the disk."""
    with suppress(IntakeRefusedError), changing(queue) as locked:
        drop_files(locked.files.all())
        locked.nights.exclude(state=IntakeNight.State.IMPORTED).delete()


def _take_in(
    queue: IntakeQueue,
    planned: PlannedNight,
    options: StageOptions,
    user: User | None,
    *,
    dry_run: bool,
) -> Outcome:
    try:
        if (present := _present(queue.study, planned)) is not None:
            return Outcome(planned, "present", recording=present)
        night = _examined(queue, planned, options)
        if night.file and (present := recording_of(queue.study, night.file.sha256)) is not None:
            return Outcome(planned, "present", recording=present)
        outcome = Outcome(planned, night.state, night.error, doubts=_doubts(night))
        if night.state == IntakeNight.State.READY and not dry_run:
            return _imported(queue, night, outcome, user)
        return outcome
    except (RefusedError, OSError) as error:
        return Outcome(planned, "refused", str(error))


def _present(study: Study, planned: PlannedNight) -> Recording | None:
    if planned.main.member or planned.parts:
        return None  # known after it was unpacked or packed
    return recording_of(study, sha256_of(planned.main.path))


def _examined(queue: IntakeQueue, planned: PlannedNight, options: StageOptions) -> IntakeNight:
    """Copy the files of a night into the queue, and examine it in this process."""
    main = _received(queue, planned.main, IntakeFile.Kind.RECORDING)
    parts = [_received(queue, part, IntakeFile.Kind.PART) for part in planned.parts]
    stages = [
        (_received(queue, source, IntakeFile.Kind.STAGES), scorer)
        for source, scorer in planned.stages
    ]
    given = {key: value for key, value in asdict(options).items() if value not in (None, "", ())}
    # Made and claimed in a single transaction: no worker ever sees it waiting.
    with transaction.atomic():
        night = IntakeNight.objects.create(
            queue=queue,
            file=main,
            subject=planned.named.subject,
            number=planned.named.night,
            is_edited=True,
        )
        IntakeFile.objects.filter(pk__in=[part.pk for part in parts]).update(night=night)
        for file, scorer in stages:
            file.night, file.scorer, file.options = night, scorer, given
            file.is_placed = True
            file.save(update_fields=["night", "scorer", "options", "is_placed"])
        claimed = INTAKE_NIGHTS.claim(night.pk)
    if claimed is None:
        raise PsgError(
            "The disk is almost full",
            advice="Imported recordings are safe. Free disk space, then run the command again.",
        )
    INTAKE_NIGHTS.attempt(claimed)
    examined = IntakeNight.objects.select_related("file").filter(pk=night.pk).first()
    if examined is None:
        raise IntakeRefusedError(_REMOVED)
    if examined.state == IntakeNight.State.WAITING:  # for another attempt, which nobody waits for
        examined.state = IntakeNight.State.REFUSED
    return examined


def _received(queue: IntakeQueue, source: Source, kind: IntakeFile.Kind) -> IntakeFile:
    file = expect_file(queue=queue, name=source.name, size_bytes=source.size_bytes)
    target = part_path(file.path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.copy(target)
    file.sha256, file.kind = sha256_of(target), kind
    file.state = IntakeFile.State.READY
    file.save(update_fields=["sha256", "kind", "state"])
    settle_incoming(file.path)
    return file


def _imported(
    queue: IntakeQueue, night: IntakeNight, outcome: Outcome, user: User | None
) -> Outcome:
    with transaction.atomic():
        results = import_nights(queue=queue, nights=[night.pk], user=user, finish=False)
        result = results[0] if results else Result(night.pk, error=_REMOVED)
        claimed = None if result.error else INGESTS.claim(result.ingest or 0)
    if result.error:
        return replace(outcome, state="refused", error=result.error)
    if claimed is not None:
        INGESTS.attempt(claimed)
    ingest = Ingest.objects.select_related("recording").get(pk=result.ingest or 0)
    match ingest.state:
        case Ingest.State.DONE:
            return replace(outcome, state="imported", recording=ingest.recording)
        case Ingest.State.FAILED:
            remove_failed(recording=ingest.recording)
            return replace(outcome, state="refused", error=ingest.error)
    return replace(outcome, state="waiting", error=ingest.error or NO_ROOM)


def _doubts(night: IntakeNight) -> list[str]:
    """Return the doubts of a night and its stage files in words, each with its file."""
    listed = [_words(doubt) for doubt in night.doubts]
    for file in night.stage_files:
        name = PurePosixPath(file.name).name
        listed += [f"{name}: {_words(doubt)}" for doubt in file.doubts]
    return listed


def _words(doubt: Mapping[str, str]) -> str:
    return str(
        Doubt(
            code=doubt["code"],
            what=doubt["what"],
            assumed=doubt["assumed"],
            where=doubt["where"],
            option=doubt["option"],
        )
    )
