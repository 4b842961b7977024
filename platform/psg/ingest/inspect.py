"""Inspect a file: its derivations, grid and lights, and whether it can be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psg.doubts import Doubt
from psg.edf.annotations import Annotation
from psg.epochs import EpochGrid, HasOnset, grid_for
from psg.errors import PsgError
from psg.ingest.decisions import NightDecisions
from psg.ingest.doubting import notes_of
from psg.ingest.sources import find_sources
from psg.ingest.statedunits import resolve_units, with_units
from psg.lights import Lights, lights_of
from psg.montage import Derivation, DerivationSource
from psg.signalfile import SignalFile
from psg.stagefiles.pieces import RK_EPOCH_S
from psg.stagefiles.words import says_stage, stage_word


@dataclass(frozen=True)
class NightFacts:
    """The facts of a recording that need no filtering; nothing about the person."""

    duration_s: float
    start_clock_s: float | None
    grid: EpochGrid
    sources: dict[Derivation, DerivationSource]
    missing: tuple[Derivation, ...]
    lights: Lights
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    """Those that are not open are told in the notes, too."""
    mains_hz: float | None = None
    """As a person says; None where nobody did, which means the 50 Hz of the published notch."""
    units: Mapping[int, float] = field(default_factory=dict)
    """uV in the unit that a person states, by channel of the file."""


def inspect_night(
    file: SignalFile,
    decisions: NightDecisions | None = None,
    *,
    stage_entries: Sequence[HasOnset] | None = None,
) -> NightFacts:
    """Describe a file as what was said about it lets it be read.

    A night with an open doubt must not be stored; `psg.doubts.refuse_open` refuses it.

    Raises
    ------
    MontageError
        When no channel could be an EEG derivation, whatever a person says.
    PsgError
        When the recording is shorter than an epoch, or the grid starts outside it.
    """
    decisions = decisions or NightDecisions()
    units = resolve_units(decisions.units, file)
    found = find_sources(with_units(file, units), decisions, stated=units)
    doubts = (*found.doubts, *_clock_doubts(file, decisions))
    grid = grid_for(file.duration_s, stage_entries, decisions.epoch_start_s)
    if grid.epoch_count == 0:
        raise PsgError(
            "The recording is shorter than one epoch of 30 s",
            where=f"{file.duration_s - grid.epoch0_s:g} s from the first epoch on",
            advice="Check that the file has the whole night.",
        )
    return NightFacts(
        duration_s=file.duration_s,
        start_clock_s=(
            file.start_clock_s if decisions.start_clock_s is None else decisions.start_clock_s
        ),
        grid=grid,
        sources=found.sources,
        missing=tuple(derivation for derivation in Derivation if derivation not in found.sources),
        lights=lights_of(a for a in file.annotations() if 0 <= a.onset_s <= file.duration_s),
        notes=(
            *found.notes,
            *notes_of(doubts),
            *_grid_notes(file.duration_s, grid),
            *([] if stage_entries else _stage_notes(file)),
        ),
        warnings=file.warnings,
        doubts=doubts,
        mains_hz=decisions.mains_hz,
        units=units,
    )


def _clock_doubts(file: SignalFile, decisions: NightDecisions) -> list[Doubt]:
    if file.start_clock_s is not None or decisions.start_clock_s is not None:
        return []
    return [
        Doubt(
            "start_clock",
            "The file does not say at what time of day it starts",
            assumed="No clock time is shown, and stage files are placed from its start.",
            option="--start-clock 22:41:30",
        )
    ]


def _grid_notes(duration_s: float, grid: EpochGrid) -> list[str]:
    notes = []
    if grid.epoch0_s:
        notes.append(f"Epochs are counted from {grid.epoch0_s:g} s into the recording.")
    rest_s = duration_s - grid.onset_s(grid.epoch_count)
    if rest_s > 0.01:
        notes.append(f"The last {rest_s:.3g} s do not fill an epoch and are left out.")
    return notes


def _is_stage(annotation: Annotation) -> bool:
    """Whether a text is surely a stage: a bare word such as “Wach” only over an epoch."""
    word = stage_word(annotation.text)
    if word is None or word.stage is None:
        return says_stage(annotation.text)
    return word.has_prefix or annotation.duration_s >= RK_EPOCH_S


def _stage_notes(file: SignalFile) -> list[str]:
    """Note that the recording holds stages of its own, which are not imported."""
    count = sum(_is_stage(item) for item in file.annotations())
    if not count:
        return []
    return [
        f"The recording file contains {count} sleep stages. They were not imported. To import them,"
        " give the same file as the stage file too."
    ]
