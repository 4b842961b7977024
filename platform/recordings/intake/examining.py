"""What a worker finds out about a night before its import: facts, doubts, signals to look at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from jobs.kinds import JobKind
from jobs.models import ATTEMPTS
from jobs.reader import Reader
from jobs.workers import INGEST_QUEUE
from psg.doubts import Doubt
from psg.errors import PsgError, RefusedError
from psg.ingest.overlap import shared_times
from psg.typed_json import JsonObject
from recordings.incoming import incoming_path, recording_of
from recordings.intake.looking import SIGNALS, Examined, StageSourceFile, examine
from recordings.intake.models import IntakeFile, IntakeNight, IntakeRule
from recordings.intake.packing import pack_parts
from recordings.intake.reading import open_count
from recordings.intake.receiving import preview_path
from recordings.intake.rules import channel_rules, options_for_formats, said_about
from recordings.models import Recording
from recordings.overlaps import overlapping, stretch_digests
from recordings.storing import work_folder


def examine_night(night: IntakeNight) -> None:
    """Do the work of a claimed night.

    Raises
    ------
    PsgError, OSError, LeaseLostError
    """
    if night.file is None:
        raise PsgError(
            "The file of this recording is missing on the server", advice="Upload it again."
        )
    path = incoming_path(night.file.path)
    reader = Reader(
        alive=night.renew_if_possible,
        alive_every_s=night.lease().total_seconds() / 3,
        limit_bytes=settings.READ_NIGHT_LIMIT_BYTES,
    )
    pack_parts(night, reader)
    _refuse_copies(night)
    rules = channel_rules(night.queue.study)
    kept = {label_set: rule.value for label_set, rule in rules.items()}
    decide = partial(said_about, kept, night.queue.decisions, night.decisions)
    with work_folder(path, night.attempt) as folder:
        look = partial(
            examine,
            path,
            night.file.name,
            folder,
            decide,
            _stage_inputs(night),
            night.file.sha256,
        )
        examined = reader.read(look)
        examined.night.doubts += _overlaps(night, path, reader, examined.stretches)
        with transaction.atomic():
            night.hold()  # of a night that was removed meanwhile, no signals are kept
            if (signals := folder / SIGNALS).exists():
                signals.replace(preview_path(night.file))
    if rule := rules.get(str(examined.night.facts["label_set"])):
        examined.night.doubts.append(_kept(rule))
    _settle(night, examined)


def _refuse_copies(night: IntakeNight) -> None:
    """Refuse a file that the study or the queue has already.

    Raises
    ------
    PsgError
    """
    assert night.file is not None
    sha256 = night.file.sha256
    if (recording := recording_of(night.queue.study, sha256)) is not None:
        raise PsgError(f"This file is already in the study as {recording.name}.")
    first = night.queue.nights.filter(file__sha256=sha256, pk__lt=night.pk).first()
    if first is not None and first.file is not None:
        raise PsgError("This file is a copy of another file of the queue", where=first.file.name)


def _overlaps(
    night: IntakeNight, path: Path, reader: Reader, stretches: Iterable[int]
) -> list[Doubt]:
    """Say which other recordings of the subject, in queue and study, run at the same time."""
    if not night.subject:
        return []
    study = night.queue.study
    names = {path: name for path, name in _files_of_subject(night) if path.exists()}
    shared = reader.read(lambda _: shared_times(path, names)) if names else {}
    imported = overlapping(study, night.subject, stretch_digests(study, stretches))
    notes_of = [
        *(f"{names[other]}, {_length(time)} together" for other, time in shared.items()),
        *(f"{other.name}, about {minutes} min together" for other, minutes in imported),
    ]
    return [
        Doubt(
            code="overlap",
            what="Another recording of this subject runs at the same time",
            assumed="Both are imported as nights of this subject.",
            where=where,
        )
        for where in notes_of
    ]


def _files_of_subject(night: IntakeNight) -> Iterator[tuple[Path, str]]:
    """Yield the other files of the subject that are not imported yet, with their names."""
    others = night.queue.nights.exclude(pk=night.pk).exclude(file=None)
    for other in others.filter(subject=night.subject).select_related("file"):
        assert other.file is not None
        yield incoming_path(other.file.path), other.file.name
    importing = night.queue.study.recordings.filter(
        subject__code=night.subject, state=Recording.State.INGESTING
    )
    for recording in importing.select_related("ingest"):
        yield incoming_path(recording.ingest.incoming_path), recording.name


def _length(time: timedelta) -> str:
    minutes = time.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes >= 1 else f"{time.total_seconds():.0f} s"


def _stage_inputs(night: IntakeNight) -> list[StageSourceFile]:
    kept = options_for_formats(night.queue.study)
    return [
        StageSourceFile(file.pk, incoming_path(file.path), file.options, kept)
        for file in night.stage_files
        if file.state == IntakeFile.State.READY
    ]


def _kept(rule: IntakeRule) -> Doubt:
    by = f" by {rule.set_by}" if rule.set_by else ""
    return Doubt(
        code="kept_rule",
        what="This study has an import setting for recordings with these labels",
        assumed=f"{rule.get_kind_display()} of this study, set{by} on {rule.set_at:%Y-%m-%d}.",
    )


def _settle(night: IntakeNight, examined: Examined) -> None:
    doubts = with_answered(examined.night.doubts, night.doubts)
    listed = [doubts]
    with transaction.atomic():
        night.hold()
        for file in night.files.filter(pk__in=examined.stage_files):
            noted = examined.stage_files[file.pk]
            file.facts, file.doubts = noted.facts, with_answered(noted.doubts, file.doubts)
            file.save(update_fields=["facts", "doubts"])
            listed.append(file.doubts)
        state = IntakeNight.State.QUESTIONS if open_count(listed) else IntakeNight.State.READY
        night.settle(state=state, facts=examined.night.facts, doubts=doubts, error="")


def with_answered(new: Sequence[Doubt], old: Sequence[JsonObject]) -> list[JsonObject]:
    """List doubts, with those that a person has answered and that are therefore gone."""
    listed = [doubt.as_json() for doubt in new]
    codes = {doubt["code"] for doubt in listed}
    return [*listed, *(d for d in old if d.get("answered") and d["code"] not in codes)]


# As work under a lease.


def _give_up(night: IntakeNight, error: str) -> None:
    night.settle(state=IntakeNight.State.REFUSED, error=error)


INTAKE_NIGHTS = JobKind(
    IntakeNight,
    work=examine_night,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while examining this recording. Nothing was"
    " imported. Upload the file again; if it stops again, tell the administrator.",
    refusals=(RefusedError,),
    related=("queue__study", "file"),
    queue=INGEST_QUEUE,
)
