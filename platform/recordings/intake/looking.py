"""What a recording and its stage files say before the import, and signals to look at.

The reader of a worker runs this: there is no database here.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobs.reader import Tell
from psg.doubts import Choice, Doubt, OpenDoubtsError
from psg.errors import PsgError
from psg.ingest import (
    NightDecisions,
    NightFacts,
    StageInput,
    StagesAlong,
    inspect_with_stages,
)
from psg.ingest.doubting import notes_of
from psg.ingest.overlap import stretches_of
from psg.readers import format_at, open_recording
from psg.signalfile import SignalFile
from psg.stagefiles import Placed, StageOptions, read_stage_file
from psg.typed_json import JsonObject
from recordings.intake.answers import LEAVE_OUT
from recordings.intake.reading import value_words
from recordings.intake.rules import label_digest, options_over
from recordings.intake.signals import write_signals

SIGNALS = "signals.npz"


@dataclass(frozen=True, eq=False)
class StageSourceFile:
    """A stage file to read with a night."""

    pk: int
    path: Path
    noted: JsonObject
    kept: dict[str, JsonObject]
    """What the study keeps, by format."""

    def options(self, format_: str = "") -> StageOptions:
        return options_over(self.kept.get(format_, {}), self.noted)


@dataclass
class StageFileFacts:
    """What a file says, as JSON, and its doubts."""

    facts: JsonObject = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class Examined:
    """What the files of a night say."""

    night: StageFileFacts = field(default_factory=StageFileFacts)
    stretches: range = range(0)
    """In which the recording runs; compared and not stored."""
    stage_files: dict[int, StageFileFacts] = field(default_factory=dict)


def examine(
    path: Path,
    name: str,
    folder: Path,
    decide: Callable[[str], NightDecisions],
    stage_inputs: Sequence[StageSourceFile],
    sha256: str,
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
    examined = Examined(StageFileFacts(_file_facts(file, path)))
    decisions = decide(str(examined.night.facts["label_set"]))
    write_signals(file, folder / SIGNALS)
    inputs = _read_stage_files(stage_inputs, examined)
    facts, along = inspect_with_stages(file, decisions, list(inputs.values()), sha256=sha256)
    examined.stretches = stretches_of(file, facts.start_clock_s)
    examined.night.facts |= _night_facts(facts)
    examined.night.doubts += facts.doubts
    for source, its in zip(inputs, along, strict=True):
        noted = examined.stage_files[source.pk]
        _say(noted, its)
        if (kept := source.kept.get(inputs[source].file.format)) is not None:
            noted.doubts.append(_kept_reading(kept))
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
        "notes": [note for note in facts.notes if note not in notes_of(facts.doubts)],
    }


def _read_stage_files(
    sources: Sequence[StageSourceFile], examined: Examined
) -> dict[StageSourceFile, StageInput]:
    """Read stage files; one that cannot be read is a doubt."""
    inputs = {}
    for source in sources:
        noted = examined.stage_files[source.pk] = StageFileFacts()
        try:
            inputs[source] = _read(source)
        except PsgError as error:
            noted.doubts += _of_refusal(error)
        else:
            noted.facts = {"format": inputs[source].file.format}
    return inputs


def _read(source: StageSourceFile) -> StageInput:
    options = source.options()
    file = read_stage_file(source.path, options)
    if file.format in source.kept:
        options = source.options(file.format)
        file = read_stage_file(source.path, options)
    return StageInput(file, options)


def _say(noted: StageFileFacts, along: StagesAlong) -> None:
    """Describe a stage file on the epochs of its recording; without stages while in doubt."""
    if along.refused is not None:
        noted.doubts += _of_refusal(along.refused)
        return
    placed_file = along.or_refused()
    noted.doubts += placed_file.doubts
    if placed_file.placed:
        pairs = zip(placed_file.placed, along.clocks_s, strict=True)
        noted.facts |= {
            "tables": [_table(placed, clock_s) for placed, clock_s in pairs],
            "notes": list(placed_file.notes),
        }


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


def _kept_reading(value: JsonObject) -> Doubt:
    return Doubt(
        code="kept_rule",
        what="This study has an import setting for stage files of this format",
        assumed=f"The setting was used ({value_words(value)}).",
    )
