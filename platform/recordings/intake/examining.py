"""What a worker finds out about a night before its import: facts, doubts, signals to look at."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from jobs.kinds import JobKind
from jobs.models import ATTEMPTS
from jobs.reader import Reader, Tell
from jobs.workers import INGEST_QUEUE
from psg.doubts import Choice, Doubt, OpenDoubtsError
from psg.errors import PsgError, RefusedError
from psg.ingest import NightDecisions, NightFacts, inspect_night, night_before_stages
from psg.ingest.doubting import told
from psg.ingest.overlap import shared_times
from psg.readers import format_at, open_recording
from psg.signalfile import SignalFile
from psg.stagefiles import (
    Aligned,
    NightTimes,
    Placed,
    StageEntry,
    StageFile,
    StageOptions,
    align_file,
    origin_entries,
    place_aligned_file,
    read_stage_file,
)
from psg.typed_json import JsonObject
from recordings.incoming import incoming_path
from recordings.intake.deciding import LEAVE_OUT
from recordings.intake.models import IntakeFile, IntakeNight, IntakeRule
from recordings.intake.packing import pack_parts
from recordings.intake.reading import open_count, value_words
from recordings.intake.receiving import preview_path
from recordings.intake.rules import (
    channel_rules,
    label_digest,
    options_for_formats,
    options_over,
    said_about,
)
from recordings.intake.signals import write_signals
from recordings.models import Recording
from recordings.storing import work_folder


@dataclass(frozen=True)
class StageSourceFile:
    """A stage file to read with a night."""

    pk: int
    path: Path
    said: JsonObject
    kept: dict[str, JsonObject]
    """What the study keeps, by format."""

    def options(self, format_: str = "") -> StageOptions:
        return options_over(self.kept.get(format_, {}), self.said)


@dataclass
class Said:
    """What a file says, as JSON, and its doubts."""

    facts: JsonObject = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class Examined:
    """What the files of a night say."""

    night: Said = field(default_factory=Said)
    stage_files: dict[int, Said] = field(default_factory=dict)


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
        look = partial(examine, path, night.file.name, folder, decide, _stage_inputs(night))
        examined = reader.read(look)
        examined.night.doubts += _overlaps(night, path, reader)
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
    same = night.queue.study.recordings.filter(sha256=sha256)
    if (recording := same.exclude(state=Recording.State.FAILED).first()) is not None:
        raise PsgError(f"This file is already in the study as {recording.name}.")
    first = night.queue.nights.filter(file__sha256=sha256, pk__lt=night.pk).first()
    if first is not None and first.file is not None:
        raise PsgError("This file is a copy of another file of the queue", where=first.file.name)


def _overlaps(night: IntakeNight, path: Path, reader: Reader) -> list[Doubt]:
    """Say which other recordings of the subject in the queue run at the same time."""
    others = night.queue.nights.exclude(pk=night.pk).exclude(subject="").exclude(file=None)
    names = {
        incoming_path(other.file.path): other.file.name
        for other in others.filter(subject=night.subject).select_related("file")
        if other.file is not None
    }
    shared = reader.read(lambda _: shared_times(path, names)) if names else {}
    return [
        Doubt(
            code="overlap",
            what="Another recording of this subject runs at the same time",
            assumed="Both are imported as nights of this subject.",
            where=f"{names[other]}, {_length(time)} together",
        )
        for other, time in shared.items()
    ]


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


def _kept_reading(value: JsonObject) -> Doubt:
    return Doubt(
        code="kept_rule",
        what="This study has an import setting for stage files of this format",
        assumed=f"The setting was used ({value_words(value)}).",
    )


def _settle(night: IntakeNight, examined: Examined) -> None:
    doubts = with_answered(examined.night.doubts, night.doubts)
    listed = [doubts]
    with transaction.atomic():
        night.hold()
        for file in night.files.filter(pk__in=examined.stage_files):
            said = examined.stage_files[file.pk]
            file.facts, file.doubts = said.facts, with_answered(said.doubts, file.doubts)
            file.save(update_fields=["facts", "doubts"])
            listed.append(file.doubts)
        state = IntakeNight.State.QUESTIONS if open_count(listed) else IntakeNight.State.READY
        night.settle(state=state, facts=examined.night.facts, doubts=doubts, error="")


def with_answered(new: Sequence[Doubt], old: Sequence[JsonObject]) -> list[JsonObject]:
    """List doubts, with those that a person has answered and that are therefore gone."""
    listed = [doubt.as_json() for doubt in new]
    codes = {doubt["code"] for doubt in listed}
    return [*listed, *(d for d in old if d.get("answered") and d["code"] not in codes)]


# What the reader does: no database from here on.


SIGNALS = "signals.npz"


def examine(
    path: Path,
    name: str,
    folder: Path,
    decide: Callable[[str], NightDecisions],
    stage_inputs: Sequence[StageSourceFile],
    tell: Tell,
) -> Examined:
    """Read a recording and its stage files as the import would, and keep nothing.

    `decide` gives the decisions for a set of labels.

    Raises
    ------
    PsgError
        When the recording cannot be read; faults of stage files are doubts.
    """
    file = open_recording(path, spool=folder, name=name)
    examined = Examined(Said(_file_facts(file, path)))
    decisions = decide(str(examined.night.facts["label_set"]))
    write_signals(file, folder / SIGNALS)
    night = night_before_stages(file, decisions)
    aligned = {each.pk: _align(each, night, examined) for each in stage_inputs}
    origins = [entry for its in aligned.values() for entry in its.origins]
    facts = inspect_night(file, decisions, stage_entries=origins)
    examined.night.facts |= _night_facts(facts)
    examined.night.doubts += facts.doubts
    for source in stage_inputs:
        said, its = examined.stage_files[source.pk], aligned[source.pk]
        _place(said, its, replace(night, grid=facts.grid))
        if its.file.format in source.kept:
            said.doubts.append(_kept_reading(source.kept[its.file.format]))
    return examined


def _file_facts(file: SignalFile, path: Path) -> JsonObject:
    format_ = format_at(path)
    labels = [channel.label for channel in file.channels]
    return {
        "format": format_.title if format_ else "",
        "label_set": label_digest(labels),
        "duration_s": file.duration_s,
        "channels": [
            {
                "label": channel.label,
                "sfreq_hz": channel.sfreq_hz,
                "unit": channel.unit,
                "usable": channel.usable,
                "note": channel.note,
            }
            for channel in file.channels
        ],
        "warnings": list(file.warnings),
    }


def _night_facts(facts: NightFacts) -> JsonObject:
    return {
        "start_clock_s": facts.start_clock_s,
        "epoch_count": facts.grid.epoch_count,
        "derivations": {
            derivation.value: {
                "label": source.label,
                "reference": source.reference,
                "is_backup": source.is_backup,
            }
            for derivation, source in facts.sources.items()
        },
        "missing": [derivation.value for derivation in facts.missing],
        # Doubts are listed by themselves.
        "notes": [note for note in facts.notes if note not in told(facts.doubts)],
    }


@dataclass(frozen=True)
class _Stages:
    """A stage file whose tables count from the start of the recording; none while in doubt."""

    file: StageFile
    options: StageOptions
    aligned: Sequence[Aligned] = ()

    @property
    def origins(self) -> list[StageEntry]:
        return [entry for each in self.aligned for entry in origin_entries(each.table)]


def _align(source: StageSourceFile, night: NightTimes, examined: Examined) -> _Stages:
    said = examined.stage_files[source.pk] = Said()
    options, file = source.options(), StageFile(format="", tables=())
    try:
        file = read_stage_file(source.path, options)
        if file.format in source.kept:
            options = source.options(file.format)
            file = read_stage_file(source.path, options)
        said.facts = {"format": file.format}
        said.doubts += file.doubts
        return _Stages(file, options, align_file(file, night, options))
    except PsgError as error:
        said.doubts += _of_refusal(error)
        return _Stages(file, options)


def _place(said: Said, stages: _Stages, night: NightTimes) -> None:
    if not stages.aligned:
        return  # what it says is not known yet
    try:
        placed_file = place_aligned_file(stages.file, stages.aligned, night, stages.options)
    except PsgError as error:
        said.doubts += _of_refusal(error)
        return
    said.doubts = list(placed_file.doubts)
    clocks = [each.table.clock_s for each in stages.aligned]
    tables = [
        _table(placed, clock_s) for placed, clock_s in zip(placed_file.placed, clocks, strict=True)
    ]
    said.facts |= {"tables": tables, "notes": list(placed_file.notes)}


def _table(placed: Placed, clock_s: float | None) -> JsonObject:
    return {
        "scorer": placed.scorer,
        "stages": dict(Counter(stage.name if stage else "unscored" for stage in placed.stages)),
        "clock_s": clock_s,
        "shift_s": placed.shift_s,
        "events": len(placed.events),
    }


def _of_refusal(error: PsgError) -> list[Doubt]:
    """Ask what is to become of a stage file that cannot be used."""
    if isinstance(error, OpenDoubtsError):
        return list(error.doubts)
    return [
        Doubt(
            code="stage_file",
            what=f"This stage file cannot be used: {error}",
            choices=(Choice(LEAVE_OUT, "Import the recording without this stage file"),),
        )
    ]


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
