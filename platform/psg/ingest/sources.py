"""The derivations of a file as labels and a person give them, and the doubts about channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from psg.doubts import Choice, Doubt
from psg.edf import Channel
from psg.errors import MontageError
from psg.filters import MAINS_HZ
from psg.ingest.channelmap import channel_names, resolve_map, source_problem
from psg.ingest.decisions import NightDecisions
from psg.ingest.glance import find_lines, is_absurd, range_uv
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
from psg.units import UNKNOWN_UNIT, is_other_unit

_UNITS = tuple(Choice(unit, unit) for unit in ("uV", "mV", "V", "nV"))
_LOST = "No channel was found for "
_MAINS = (Choice("50", "50 Hz"), Choice("60", "60 Hz"))


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
            *search.amplitude_doubts(),
            *lines,
        ),
    )


def told(doubts: Iterable[Doubt]) -> list[str]:
    """Say what was assumed, a sentence each; what is missing without a trace is said in one."""
    assumed = [doubt for doubt in doubts if not doubt.is_open]
    lost = [doubt for doubt in assumed if _is_lost(doubt)]
    sentences = [str(doubt) for doubt in assumed if not _is_lost(doubt)]
    if len(lost) < 2:
        return sentences + [str(doubt) for doubt in lost]
    names = [doubt.what.removeprefix(_LOST) for doubt in lost]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return [*sentences, f"{_LOST}{listed}. The recording has none of them."]


def _is_lost(doubt: Doubt) -> bool:
    return doubt.what.startswith(_LOST) and not doubt.where


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
        """Doubt units that are not known, of channels that would else be used, and not given."""
        told: set[int] = set()
        for derivation, source in {**self.if_units_known, **self._mapped()}.items():
            if derivation in self.without:
                continue
            for channel in self._unknown(source):
                if channel.index not in told:
                    told.add(channel.index)
                    is_needed = source.is_mapped or not self.has_eeg
                    yield self._unknown_unit(channel, is_needed=is_needed)
        for source in self.sources.values():
            for channel in self._channels(source):
                if not channel.unit and channel.index not in told:
                    told.add(channel.index)
                    yield self._no_unit(channel)

    def _mapped(self) -> dict[Derivation, DerivationSource]:
        return {name: source for name, source in self.sources.items() if source.is_mapped}

    def _unknown(self, source: DerivationSource) -> list[Channel]:
        return [c for c in self._channels(source) if c.unit and not c.is_voltage]

    def _unknown_unit(self, channel: Channel, *, is_needed: bool) -> Doubt:
        name = self.names[channel.index]
        return Doubt(
            f"unit_{name}",
            f"{name} is in {_quoted(channel.unit)}, which is not known",
            assumed="" if is_needed else "It is left out.",
            choices=_UNITS,
            option=f'--unit "{name}=uV"',
        )

    def _no_unit(self, channel: Channel) -> Doubt:
        name = self.names[channel.index]
        amplitude_uv = range_uv(self.file, channel.index)
        if is_absurd(amplitude_uv):
            return Doubt(
                f"unit_{name}",
                f"{name} gives no unit, and its range of {amplitude_uv:.3g} cannot be in uV",
                choices=_UNITS,
                option=f'--unit "{name}=mV"',
            )
        return Doubt(
            f"unit_{name}",
            f"{name} gives no unit",
            assumed="Its values were taken as uV.",
            choices=_UNITS,
            option=f'--unit "{name}=mV"',
        )

    def amplitude_doubts(self) -> Iterator[Doubt]:
        """Doubt a unit that is stated, but makes the signal absurd."""
        told = set(self.stated)
        for source in self.sources.values():
            for channel in self._channels(source):
                if not channel.is_voltage or channel.index in told:
                    continue
                told.add(channel.index)
                amplitude_uv = range_uv(self.file, channel.index)
                if is_absurd(amplitude_uv):
                    yield self._absurd(channel, amplitude_uv)

    def _absurd(self, channel: Channel, amplitude_uv: float) -> Doubt:
        name = self.names[channel.index]
        return Doubt(
            f"unit_{name}",
            f"{name} has a range of {amplitude_uv:.3g} uV, which no electrode gives",
            assumed="Its unit was taken as the file states it.",
            choices=_UNITS,
            option=f'--unit "{name}=uV"',
        )

    def missing_doubts(self) -> Iterator[Doubt]:
        """Say what is missing, and which channels may be it."""
        if not self.has_eeg and not self._units_hide_eeg():
            yield self.no_eeg()
        used = {index for s in self.sources.values() for index in (s.positive, s.negative)}
        free = ["" if i in used else label for i, label in enumerate(self._maybe())]
        for derivation in DERIVATIONS:
            if derivation in self.sources or derivation in self.without:
                continue
            if derivation in EEG_DERIVATIONS and not self.has_eeg:
                continue
            may_be = candidates(derivation, free)
            name = derivation.value
            problem = self.problems.get(derivation)
            what = f"{name} was left out: {problem}" if problem else f"{_LOST}{name}"
            yield Doubt(
                f"missing_{derivation.name.lower()}",
                what,
                assumed=f"The recording has no {_words(derivation)}.",
                where=f"it may be {', '.join(may_be)}" if may_be else "",
                choices=tuple(Choice(label, label) for label in may_be),
                option=f'--channel "{name}={may_be[0] if may_be else "LABEL"}"',
            )

    def _units_hide_eeg(self) -> bool:
        sources = self.if_units_known
        return any(self._unknown(sources[name]) for name in EEG_DERIVATIONS if name in sources)

    def assumed_doubts(self) -> Iterator[Doubt]:
        """Say what labels allow but do not say."""
        for derivation, source in self.sources.items():
            if not source.is_assumed:
                continue
            if derivation is Derivation.CHIN:
                what, assumed = "does not name a muscle", "It was taken as the chin EMG."
            else:
                what, assumed = "names one reference", "Both channels were taken to have it."
            yield Doubt(
                f"assumed_{derivation.name.lower()}",
                f"{source.label} {what}",
                assumed=assumed,
                option=f'--channel "{derivation.value}=none"',
            )

    def lines(self) -> tuple[list[Doubt], list[str]]:
        """Doubt the mains where a line dominates that the notch does not remove."""
        said_hz = self.decisions.mains_hz
        doubts, notes = [], []
        found = find_lines(self.file, self.sources, mains_hz=said_hz or MAINS_HZ)
        for line_hz, derivations in found.items():
            what = f"A line at {line_hz:g} Hz dominates {', '.join(derivations)}"
            if said_hz is not None or line_hz == MAINS_HZ:
                notes.append(f"{what} after the notch at {said_hz or MAINS_HZ:g} Hz.")
            else:
                doubts.append(
                    Doubt(
                        "mains",
                        what,
                        assumed="Mains of 50 Hz were assumed, as the published images have it.",
                        choices=_MAINS,
                        option=f"--mains {line_hz:g}",
                    )
                )
        return doubts, notes

    def no_eeg(self) -> Doubt:
        """Ask for a channel map; where no channel is left for one, refuse."""
        labels = ", ".join(map(_with_fault, self.file.channels)) or "none"
        where = " ".join((f"channels: {labels[:400]}", *self._problem_words()))[:800]
        may_be = [
            Choice(self.names[channel.index], self.names[channel.index])
            for channel in self.file.channels
            if channel.usable and self.file.fits_in_memory(channel.index)
        ]
        advice = "At least one of F4, C4, O2 (or F3, C3, O1) is needed."
        if not may_be:
            raise MontageError("No EEG channel for staging was found", where=where, advice=advice)
        return Doubt(
            "channels",
            f"No EEG channel for staging was found. {advice}",
            where=where,
            choices=tuple(may_be),
            option='--channel "C4-M1=LABEL"',
        )

    def _problem_words(self) -> list[str]:
        return [
            f"{derivation.value} was left out: {problem}."
            for derivation, problem in self.problems.items()
        ]

    def _channels(self, source: DerivationSource) -> list[Channel]:
        places = [source.positive, source.negative]
        return [self.file.channels[place] for place in places if place is not None]


def _quoted(unit: str) -> str:
    return "a unit" if unit == UNKNOWN_UNIT else f"“{unit}”"


def _words(derivation: Derivation) -> str:
    return "chin EMG" if derivation is Derivation.CHIN else derivation.value


def _with_fault(channel: Channel) -> str:
    return channel.label if channel.usable else f"{channel.label} ({channel.note})"
