"""Inspect a file: its derivations, grid and lights, and whether it can be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psg.doubts import Choice, Doubt
from psg.edf import Channel
from psg.epochs import EpochGrid, HasOnset, grid_for
from psg.errors import MontageError, PsgError
from psg.filters import band_hz
from psg.ingest.decisions import NightDecisions
from psg.lights import Lights, lights_of
from psg.montage import (
    EEG_DERIVATIONS,
    Derivation,
    DerivationSource,
    MontageMatch,
    find_derivations,
)
from psg.signalfile import SignalFile


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
    mains_hz: float | None = None
    """As a person says; None where nobody did, which means the 50 Hz of the published notch."""


def inspect_night(
    edf: SignalFile,
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
    match = _match(edf.channels)
    sources, notes = _usable_sources(match, edf)
    doubts = tuple(_doubts(edf, sources, notes))
    grid = grid_for(edf.duration_s, stage_entries, decisions.epoch_start_s)
    if grid.epoch_count == 0:
        raise PsgError(
            "The recording is shorter than one epoch of 30 s",
            where=f"{edf.duration_s - grid.epoch0_s:g} s from the first epoch on",
            advice="Is it the whole night?",
        )
    return NightFacts(
        duration_s=edf.duration_s,
        start_clock_s=edf.start_clock_s,
        grid=grid,
        sources=sources,
        missing=tuple(derivation for derivation in Derivation if derivation not in sources),
        lights=lights_of(a for a in edf.annotations() if 0 <= a.onset_s <= edf.duration_s),
        notes=(
            *match.notes,
            *notes,
            *_grid_notes(edf.duration_s, grid),
            *([] if stage_entries else _stage_notes(edf)),
        ),
        warnings=edf.warnings,
        doubts=doubts,
        mains_hz=decisions.mains_hz,
    )


def _doubts(
    edf: SignalFile, sources: dict[Derivation, DerivationSource], notes: list[str]
) -> list[Doubt]:
    if any(derivation in sources for derivation in EEG_DERIVATIONS):
        return []
    labels = ", ".join(map(_with_fault, edf.channels)) or "none"
    where = " ".join((f"channels: {labels[:400]}", *notes))[:800]
    choices = tuple(
        Choice(channel.label, channel.label)
        for channel in edf.channels
        if channel.usable and edf.fits_in_memory(channel.index)
    )
    if not choices:
        raise MontageError(
            "No EEG channel for staging was found",
            where=where,
            advice="At least one of F4, C4, O2 (or F3, C3, O1) is needed.",
        )
    return [
        Doubt(
            "channels",
            "No EEG channel for staging was found. At least one of F4, C4, O2 (or F3, C3, O1) is"
            " needed.",
            where=where,
            choices=choices,
            option='--channel "C4-M1=LABEL"',
        )
    ]


def _match(channels: tuple[Channel, ...]) -> MontageMatch:
    labels = [
        channel.label if channel.usable and (channel.is_voltage or not channel.unit) else ""
        for channel in channels
    ]
    return find_derivations(labels)


def _usable_sources(
    match: MontageMatch, edf: SignalFile
) -> tuple[dict[Derivation, DerivationSource], list[str]]:
    usable, notes = {}, []
    channels = edf.channels
    for derivation, source in match.sources.items():
        problem = _source_problem(derivation, source, edf)
        if problem:
            notes.append(f"{derivation.value} was left out: {problem}.")
            continue
        usable[derivation] = source
        if not channels[source.positive].unit:
            notes.append(f"{source.label} gives no unit; its values were taken as uV.")
    return usable, notes


def _source_problem(derivation: Derivation, source: DerivationSource, edf: SignalFile) -> str:
    channels = edf.channels
    positive = channels[source.positive]
    if not edf.fits_in_memory(source.positive):
        return (
            f"{positive.label} has {edf.sample_count(source.positive):,} samples"
            f" ({positive.sfreq_hz:g} Hz), more than can be filtered"
        )
    if source.negative is not None:
        negative = channels[source.negative]
        if negative.sfreq_hz != positive.sfreq_hz:
            return (
                f"{positive.label} ({positive.sfreq_hz:g} Hz) and {negative.label}"
                f" ({negative.sfreq_hz:g} Hz) cannot be subtracted"
            )
    low_hz, high_hz = band_hz(positive.sfreq_hz, derivation)
    if high_hz <= low_hz:
        return f"a sampling rate of {positive.sfreq_hz:g} Hz is too low"
    return ""


def _with_fault(channel: Channel) -> str:
    return channel.label if channel.usable else f"{channel.label} ({channel.note})"


def _grid_notes(duration_s: float, grid: EpochGrid) -> list[str]:
    notes = []
    if grid.epoch0_s:
        notes.append(f"Epochs are counted from {grid.epoch0_s:g} s into the recording.")
    rest_s = duration_s - grid.onset_s(grid.epoch_count)
    if rest_s > 0.01:
        notes.append(f"The last {rest_s:.3g} s do not fill an epoch and are left out.")
    return notes


def _stage_notes(edf: SignalFile) -> list[str]:
    """Note that the recording holds stages of its own, which are not imported."""
    texts = [item.text.lower() for item in edf.annotations()]
    count = sum(text.startswith("sleep stage") for text in texts)
    if not count:
        return []
    return [
        f"The file itself holds {count} sleep stages. They were not imported; give the same file"
        " as the stage file too if they are wanted."
    ]
