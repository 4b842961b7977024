"""A channel map against a file: which channels a person means."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from psg.edf import Channel
from psg.errors import PsgError
from psg.filters import band_hz
from psg.ingest.decisions import MINUS, ChannelMap, ChannelSource, check_channel_map
from psg.montage import Derivation, DerivationSource
from psg.montage.labels import fold, parse_label
from psg.signalfile import SignalFile

_MOST_NAMED = 12


def channel_names(channels: Sequence[Channel]) -> tuple[str, ...]:
    """Name every channel: by its label, with a number from the second of the same label on."""
    names: list[str] = []
    for channel in channels:
        label = channel.label or f"channel {channel.index + 1}"
        name, count = label, 2
        while name in names:
            name, count = f"{label} ({count})", count + 1
        names.append(name)
    return tuple(names)


def find_channel(label: str, channels: Sequence[Channel]) -> Channel:
    """Find a channel by its name; capitals, accents and blanks need not be the same.

    Raises
    ------
    PsgError
        When there is none, or several that differ in these alone.
    """
    channel = _channel(label, channels)
    if channel is not None:
        return channel
    names = channel_names(channels)
    near = get_close_matches(fold(label), [fold(name) for name in names], n=3, cutoff=0.5)
    listed = [name for name in names if fold(name) in near] or list(names[:_MOST_NAMED])
    raise PsgError(
        f"The file has no channel {label[:80]}",
        where=f"nearest: {', '.join(listed)}" if near else f"channels: {', '.join(listed)}",
        advice="Enter the label exactly as in the file.",
    )


def _channel(label: str, channels: Sequence[Channel]) -> Channel | None:
    names = channel_names(channels)
    if label in names:
        return channels[names.index(label)]
    folded = [index for index, name in enumerate(names) if _squeezed(name) == _squeezed(label)]
    return channels[folded[0]] if len(folded) == 1 else None


def _squeezed(label: str) -> str:
    return fold(label).replace(" ", "")


def resolve_map(
    channels: ChannelMap, file: SignalFile
) -> dict[Derivation, DerivationSource | None]:
    """Find the channels of a map in a file.

    Raises
    ------
    PsgError
        When a channel is not in the file or cannot be used as it is meant.
    """
    check_channel_map(channels)
    resolved: dict[Derivation, DerivationSource | None] = {}
    for derivation, source in channels.items():
        resolved[derivation] = None if source is None else _resolve(derivation, source, file)
    _check_used_once(resolved)
    return resolved


def _resolve(derivation: Derivation, said: ChannelSource, file: SignalFile) -> DerivationSource:
    positive, negative = _pair(said, file.channels)
    names = channel_names(file.channels)
    label = names[positive.index]
    reference = parse_label(0, label).reference
    if negative is not None:
        other = parse_label(0, names[negative.index])
        label, reference = f"{label}{MINUS}{names[negative.index]}", other.electrode
    source = DerivationSource(
        derivation,
        positive.index,
        None if negative is None else negative.index,
        label,
        reference,
        is_mapped=True,
    )
    problem = source_problem(source, file)
    if problem:
        raise PsgError(
            f"{derivation.value} cannot be {label}",
            where=problem,
            advice="Choose another channel, or none.",
        )
    return source


def _pair(said: ChannelSource, channels: Sequence[Channel]) -> tuple[Channel, Channel | None]:
    """Find both channels. A label may itself contain the hyphen between blanks."""
    parts = str(said).split(MINUS)
    cuts = [(said.positive, said.negative), (str(said), "")]
    cuts += [(MINUS.join(parts[:i]), MINUS.join(parts[i:])) for i in range(1, len(parts))]
    for first, second in cuts:
        positive = _channel(first, channels)
        negative = _channel(second, channels) if second else None
        if positive is not None and (negative is not None or not second):
            return positive, negative
    positive = find_channel(said.positive, channels)
    return positive, find_channel(said.negative, channels)


def _check_used_once(resolved: dict[Derivation, DerivationSource | None]) -> None:
    """Refuse two spellings of a channel for two derivations."""
    used: dict[int, Derivation] = {}
    for derivation, source in resolved.items():
        if source is None:
            continue
        if source.positive in used or source.positive == source.negative:
            first = used.get(source.positive, derivation)
            raise PsgError(
                f"The channel map names a channel twice: {source.label}",
                where=f"{first.value}, {derivation.value}",
                advice="A channel can be used for one derivation only. Choose another channel,"
                " or none.",
            )
        used[source.positive] = derivation


def source_problem(source: DerivationSource, file: SignalFile) -> str:
    """Say why a source cannot be filtered as its derivation; "" where it can."""
    positive = file.channels[source.positive]
    pair = [positive] if source.negative is None else [positive, file.channels[source.negative]]
    for channel in pair:
        if not channel.usable:
            return f"the channel {channel.label} cannot be used: {channel.note}"
        if not file.fits_in_memory(channel.index):
            return (
                f"{channel.label} has {file.sample_count(channel.index):,} samples"
                f" ({channel.sfreq_hz:g} Hz), more than can be filtered"
            )
    if pair[0].sfreq_hz != pair[-1].sfreq_hz:
        return (
            f"{pair[0].label} ({pair[0].sfreq_hz:g} Hz) and {pair[-1].label}"
            f" ({pair[-1].sfreq_hz:g} Hz) cannot be subtracted"
        )
    low_hz, high_hz = band_hz(positive.sfreq_hz, source.derivation)
    if high_hz <= low_hz:
        return f"a sampling rate of {positive.sfreq_hz:g} Hz is too low"
    return ""
