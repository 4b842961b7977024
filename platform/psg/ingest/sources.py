"""The derivations of a file as labels and a person give them, and the doubts about channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from psg.doubts import Doubt
from psg.edf import Channel
from psg.errors import MontageError
from psg.filters import MAINS_HZ
from psg.ingest.channelmap import channel_names, resolve_map, source_problem
from psg.ingest.decisions import NightDecisions
from psg.ingest.doubting import (
    EEG_ADVICE,
    assumed_meaning,
    implausible_unit,
    line_words,
    missing,
    no_eeg,
    no_unit,
    no_unit_of_microvolts,
    other_mains,
    unknown_unit,
)
from psg.ingest.plausibility import find_lines, is_implausible, range_uv
from psg.montage import (
    DERIVATIONS,
    EEG_DERIVATIONS,
    Derivation,
    DerivationSource,
    candidates,
    find_derivations,
)
from psg.montage.finding import source_notes
from psg.signalfile import SignalFile
from psg.typed_json import JsonObject
from psg.units import is_other_unit


@dataclass(frozen=True)
class NightSources:
    """The sources of a night in the fixed order, with notes for people and doubts."""

    sources: dict[Derivation, DerivationSource]
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def find_sources(
    file: SignalFile, decisions: NightDecisions, *, stated: Collection[int] = ()
) -> NightSources:
    """Find what each derivation is made of: as the channel map says, else by the labels.

    ``stated`` are the channels whose unit a person states.

    Raises
    ------
    MontageError
        When no channel could be an EEG derivation, whatever a person says.
    PsgError
        When the channel map does not fit the file.
    """
    search = _Search(file, decisions, stated)
    lines, notes = search.lines()
    return NightSources(
        search.sources,
        (*source_notes(search.sources.values()), *notes),
        (
            *search.unit_doubts(),
            *search.missing_doubts(),
            *search.assumed_doubts(),
            *lines,
        ),
    )


def described_sources(
    file: SignalFile, sources: Mapping[Derivation, DerivationSource]
) -> dict[str, JsonObject]:
    """Describe sources as a recording keeps them; the channels by their names in the raw store."""
    names = channel_names(file.channels)
    return {
        derivation.value: {
            "label": source.label,
            "reference": source.reference,
            "positive": names[source.positive],
            "negative": "" if source.negative is None else names[source.negative],
            "is_backup": source.is_backup,
            "is_alternative": source.is_alternative,
            "is_assumed": source.is_assumed,
            "is_mapped": source.is_mapped,
            "sfreq_hz": file.channels[source.positive].sfreq_hz,
        }
        for derivation, source in sources.items()
    }


class _Search:
    """The search for the derivations of a file."""

    def __init__(
        self, file: SignalFile, decisions: NightDecisions, stated: Collection[int]
    ) -> None:
        self.file = file
        self.decisions = decisions
        self.stated = stated
        self.names = channel_names(file.channels)
        mapped = resolve_map(decisions.channels, file)
        self.without = {derivation for derivation, source in mapped.items() if source is None}
        taken = {source.positive for source in mapped.values() if source is not None}
        self.labels = [
            channel.label if channel.usable and channel.index not in taken else ""
            for channel in file.channels
        ]
        by_label = find_derivations(self._known()).sources
        self.if_units_known = find_derivations(self._maybe()).sources
        self.problems: dict[Derivation, str] = {}
        self.sources: dict[Derivation, DerivationSource] = {}
        for derivation in DERIVATIONS:
            source = mapped[derivation] if derivation in mapped else by_label.get(derivation)
            if source is None:
                continue
            problem = source_problem(source, file)
            if problem:
                self.problems[derivation] = problem
            else:
                self.sources[derivation] = source

    def _known(self) -> list[str]:
        """The labels of channels whose unit is a voltage, or not given."""
        pairs = zip(self.labels, self.file.channels, strict=True)
        return [label if channel.is_voltage or not channel.unit else "" for label, channel in pairs]

    def _maybe(self) -> list[str]:
        """The labels of channels that a unit nobody knows does not exclude."""
        pairs = zip(self.labels, self.file.channels, strict=True)
        return [label if not is_other_unit(channel.unit) else "" for label, channel in pairs]

    @property
    def has_eeg(self) -> bool:
        return any(derivation in self.sources for derivation in EEG_DERIVATIONS)

    def unit_doubts(self) -> Iterator[Doubt]:
        """Doubt units that are not known, not given, or stated and absurd; once for a channel."""
        handled = set(self.stated)
        mapped = {name: source for name, source in self.sources.items() if source.is_mapped}
        for derivation, source in {**self.if_units_known, **mapped}.items():
            for channel in self._unknown(source):
                if derivation not in self.without and channel.index not in handled:
                    handled.add(channel.index)
                    is_needed = source.is_mapped or not self.has_eeg
                    yield unknown_unit(self.names[channel.index], channel.unit, is_needed=is_needed)
        for source in self.sources.values():
            for channel in self._channels(source):
                if channel.index not in handled:
                    handled.add(channel.index)
                    yield from self._amplitude_doubts(channel)

    def _amplitude_doubts(self, channel: Channel) -> Iterator[Doubt]:
        name, amplitude = self.names[channel.index], range_uv(self.file, channel.index)
        if channel.unit and is_implausible(amplitude):
            yield implausible_unit(name, amplitude)
        elif not channel.unit:
            yield (
                no_unit_of_microvolts(name, amplitude)
                if is_implausible(amplitude)
                else no_unit(name)
            )

    def missing_doubts(self) -> Iterator[Doubt]:
        """Say what is missing, and which channels may be it."""
        if not self.has_eeg and not self._units_hide_eeg():
            yield self._no_eeg()
        used = {index for s in self.sources.values() for index in (s.positive, s.negative)}
        free = [
            self.names[index] if label and index not in used else ""
            for index, label in enumerate(self._maybe())
        ]
        for derivation in DERIVATIONS:
            is_asked_for = derivation in EEG_DERIVATIONS and not self.has_eeg
            if derivation in self.sources or derivation in self.without or is_asked_for:
                continue
            problem = self.problems.get(derivation, "")
            yield missing(derivation, problem=problem, may_be=candidates(derivation, free))

    def _units_hide_eeg(self) -> bool:
        sources = self.if_units_known
        return any(self._unknown(sources[name]) for name in EEG_DERIVATIONS if name in sources)

    def _no_eeg(self) -> Doubt:
        """Ask for a channel map; where no channel is left for one, refuse."""
        labels = ", ".join(map(_with_fault, self.file.channels)) or "none"
        problems = [f"{name.value} was left out: {why}." for name, why in self.problems.items()]
        where = " ".join((f"channels: {labels[:400]}", *problems))[:800]
        names = [
            self.names[channel.index]
            for channel in self.file.channels
            if channel.usable and self.file.fits_in_memory(channel.index)
        ]
        if not names:
            raise MontageError(
                "No EEG channel for staging was found", where=where, advice=EEG_ADVICE
            )
        return no_eeg(names, where=where)

    def assumed_doubts(self) -> Iterator[Doubt]:
        """Say what labels allow but do not say."""
        return (assumed_meaning(s) for s in self.sources.values() if s.is_assumed)

    def lines(self) -> tuple[list[Doubt], list[str]]:
        """Doubt the mains where a line dominates that the notch does not remove."""
        said_hz = self.decisions.mains_hz
        notch_hz = said_hz or MAINS_HZ
        doubts, notes = [], []
        for line_hz, derivations in find_lines(self.file, self.sources, mains_hz=notch_hz).items():
            if said_hz is None and line_hz != MAINS_HZ:
                doubts.append(other_mains(line_hz, derivations))
            else:
                words = line_words(line_hz, derivations)
                notes.append(f"{words} after the notch at {notch_hz:g} Hz.")
        return doubts, notes

    def _channels(self, source: DerivationSource) -> list[Channel]:
        places = [source.positive, source.negative]
        return [self.file.channels[place] for place in places if place is not None]

    def _unknown(self, source: DerivationSource) -> list[Channel]:
        return [c for c in self._channels(source) if c.unit and not c.is_voltage]


def _with_fault(channel: Channel) -> str:
    return channel.label if channel.usable else f"{channel.label} ({channel.note})"
