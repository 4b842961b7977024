"""Import of an uploaded file: verify, de-identify, filter, store, draw the spectrogram."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from jobs.kinds import JobKind
from jobs.models import ATTEMPTS
from jobs.reader import Tell
from jobs.workers import INGEST_QUEUE
from psg.deidentify import deidentify_in_place
from psg.doubts import refuse_open
from psg.edf import Channel
from psg.errors import PsgError, RefusedError
from psg.ingest import (
    NightDecisions,
    NightFacts,
    StageInput,
    described_sources,
    inspect_with_stages,
    intake_record,
    store_night,
    with_units,
)
from psg.ingest.overlap import stretches_of
from psg.lights import Lights
from psg.readers import format_at, open_recording
from psg.stagefiles import PlacedFile, StageOptions, read_stage_file, settled
from psg.stagefiles.scorers import scorer_names
from psg.typed_json import JsonObject, from_json
from recordings.incoming import drop_incoming, incoming_path, settle_incoming
from recordings.models import Ingest, Recording, StageSource, recording_ready
from recordings.nightwork import NightWork, unexpected_faults
from recordings.notices import tell_of_work
from recordings.overlaps import stretch_digests
from recordings.storing import drop_work_folders

# Begin and end of each step on the progress bar, in percent.
_SPANS = {
    "verify": (0, 5),
    "de-identify": (5, 10),
    "filter": (10, 65),
    "spectrogram": (65, 70),
    "raw view": (70, 95),
    "store": (95, 100),
}

# Names of the stores in the folder of an attempt.
_SIGNALS, _RAW = "signals.epw", "raw.epw"


@dataclass(frozen=True)
class _Night:
    """What the reader found in a file and its stage files; the stores are files."""

    channels: tuple[Channel, ...]
    derivations: dict[str, JsonObject]
    intake: JsonObject
    facts: NightFacts
    stretches: range
    """In which the recording ran; only digests of them are stored."""
    stage_files: list[PlacedFile]
    lights: Lights
    notes: list[str]
    spectrogram: bytes


def read_file(ingest: Ingest) -> None:
    """Do the work of a claimed ingest.

    Raises
    ------
    RefusedError
        When the file cannot be read; trying again would not help.
    OSError, DatabaseError
        When disk or database are full or away; trying again may help.
    LeaseLostError
    """
    with unexpected_faults(
        ingest,
        what="The night was read but could not be stored",
        advice="Upload it again. If that does not help, give this message to the administrator;"
        " the server log has the details.",
    ):
        _read_and_store(ingest)


def _read_and_store(ingest: Ingest) -> None:
    settle_incoming(*ingest.incoming_names)
    path = incoming_path(ingest.incoming_path)
    if not path.exists():
        raise PsgError("The uploaded file is gone from the server", advice="Upload it again.")
    work = NightWork(ingest, path, _SPANS)
    with work.made(partial(_read, path, ingest, ingest.recording.sha256)) as (night, folder):
        _finish(work, night, folder)
    drop_incoming(*ingest.incoming_names)


def _read(path: Path, ingest: Ingest, sha256: str, folder: Path, tell: Tell) -> _Night:
    """Read a file into `folder`; runs in the process of the reader, without a database."""
    file = open_recording(path, spool=folder)
    decisions = NightDecisions.from_json(ingest.stated)
    sources = read_sources(ingest.stage_sources)
    facts, along = inspect_with_stages(file, decisions, sources, sha256=sha256)
    stage_files = [each.or_refused() for each in along]
    refuse_open([*facts.doubts, *(doubt for each in stage_files for doubt in each.doubts)])
    lights = facts.lights
    for placed in (placed for each in stage_files for placed in each.placed):
        lights = lights.over(placed.lights)
    tell("de-identify", 0, 1)
    # Files of other formats and archives stay as they came until they are deleted.
    if (format := format_at(path)) and format.is_cleaned_in_place:
        deidentify_in_place(path)
    spectrogram, quality = store_night(
        file,
        facts,
        signals_path=folder / _SIGNALS,
        raw_path=folder / _RAW,
        progress=tell,
    )
    as_read = with_units(file, facts.units)
    return _Night(
        channels=as_read.channels,
        derivations=described_sources(as_read, facts.sources),
        intake=intake_record(
            file,
            facts,
            decisions,
            format_title=_format_title(path),
            stage_files=stage_files,
        ),
        facts=facts,
        stretches=stretches_of(file, facts.start_clock_s),
        stage_files=_with_scorers(stage_files, ingest.stage_sources),
        lights=lights,
        notes=[*facts.notes, *quality, *(note for each in stage_files for note in each.notes)],
        spectrogram=spectrogram,
    )


def _format_title(path: Path) -> str:
    known = format_at(path)
    return known.title.partition(",")[0] if known else ""


def read_sources(sources: Sequence[StageSource]) -> list[StageInput]:
    """Read stage files with what is said of each.

    Raises
    ------
    StageFileError, OpenDoubtsError
    """
    inputs = []
    for source in sources:
        options = from_json(StageOptions, source.options)
        file = settled(read_stage_file(incoming_path(source.path), options))
        inputs.append(StageInput(file, options))
    return inputs


def _with_scorers(
    placed_files: Sequence[PlacedFile], sources: Sequence[StageSource]
) -> list[PlacedFile]:
    """Name the scorer of each table, every one by another name."""
    taken: set[str] = set()
    named = []
    for placed_file, source in zip(placed_files, sources, strict=True):
        of_file = [placed.scorer for placed in placed_file.placed]
        names = scorer_names(of_file, source.scorer, taken=taken)
        taken.update(names)
        tables = zip(placed_file.placed, names, strict=True)
        placed = tuple(replace(placed, scorer=name) for placed, name in tables)
        named.append(replace(placed_file, placed=placed))
    return named


def _finish(work: NightWork, night: _Night, folder: Path) -> None:
    with work.finished() as changing:
        recording = changing.recording
        for field, value in _facts(night).items():
            setattr(recording, field, value)
        recording.stretches = stretch_digests(recording.study, night.stretches)
        recording.notes = night.notes
        stores = {"signals_file": folder / _SIGNALS, "raw_file": folder / _RAW}
        changing.store(stores, spectrogram=night.spectrogram)
        recording.state = Recording.State.READY
        recording.save()
        recording_ready.send(
            sender=Recording,
            recording=recording,
            stage_files=night.stage_files,
        )


def _facts(night: _Night) -> dict[str, object]:
    facts = night.facts
    return {
        "start_clock_s": facts.start_clock_s,
        "duration_s": facts.duration_s,
        "epoch_count": facts.grid.epoch_count,
        "epoch0_s": facts.grid.epoch0_s,
        "lights_off_s": night.lights.off_s,
        "lights_on_s": night.lights.on_s,
        "channels": [
            {
                "label": channel.label,
                "sfreq_hz": channel.sfreq_hz,
                "unit": channel.unit,
                "uv_per_unit": channel.uv_per_unit,
                "usable": channel.usable,
                "note": channel.note,
            }
            for channel in night.channels
        ],
        "derivations": night.derivations,
        "mains_hz": facts.mains_hz,
        "intake": night.intake,
        "warnings": list(facts.warnings),
    }


def _give_up(ingest: Ingest, error: str) -> None:
    with transaction.atomic():
        ingest.settle(state=Ingest.State.FAILED, error=error, finished_at=timezone.now())
        Recording.objects.filter(pk=ingest.recording_id).update(state=Recording.State.FAILED)
        tell_of_work(ingest)
    drop_incoming(*ingest.incoming_names)
    drop_work_folders(incoming_path(ingest.incoming_path))


INGESTS = JobKind(
    Ingest,
    work=read_file,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while reading this file. Nothing was"
    " imported. Import the file again; if it stops again, tell the administrator.",
    refusals=(RefusedError,),
    related=("recording",),
    queue=INGEST_QUEUE,
)


def remove_failed(*, recording: Recording) -> None:
    """Remove a recording whose import failed. Other recordings are never removed here."""
    with transaction.atomic():
        locked = Recording.objects.select_for_update().get(pk=recording.pk)
        if locked.state != Recording.State.FAILED:
            raise PsgError(
                f"{recording} was imported", advice="Only failed recordings can be removed."
            )
        locked.delete()
