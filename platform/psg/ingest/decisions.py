"""What a person, a command or a rule of the study says about a recording that comes in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from psg.errors import PsgError
from psg.lights import DAY_S, second_at
from psg.montage import DERIVATIONS, Derivation
from psg.stagefiles.facts import StageOptions
from psg.typed_json import JsonObject, as_json, from_json

MAINS_HZ = (50.0, 60.0)
NO_CHANNEL = "none"
# Between two labels of a difference. A hyphen without blanks belongs to a label.
MINUS = " - "
_MOST_UNITS = 512
_LONGEST = 200
_MOST_NAMED = 5


@dataclass(frozen=True)
class ChannelSource:
    """Labels of a file that make a derivation: a channel, or the difference of two."""

    positive: str
    negative: str = ""

    def __str__(self) -> str:
        return f"{self.positive}{MINUS}{self.negative}" if self.negative else self.positive

    @classmethod
    def of(cls, text: str) -> ChannelSource:
        """Read ``EEG C4-REF - EEG A2-REF`` or a single label."""
        positive, _, negative = text.partition(MINUS)
        return cls(positive.strip(), negative.strip())


ChannelMap = Mapping[Derivation, ChannelSource | None]


@dataclass(frozen=True)
class NightDecisions:
    """Decisions about a recording; the empty values leave the question to the file.

    Attributes
    ----------
    channels : mapping of Derivation to ChannelSource or None
        The channel map. None says that the recording has no such derivation. Derivations that are
        not in the map are found by their labels.
    units : mapping of str to str
        Unit by label, for channels whose unit is not given, not known, or wrong.
    mains_hz : float or None
        Frequency of the mains, 50 or 60 Hz.
    start_clock_s : float or None
        Time of day at which the recording starts, in seconds after midnight.
    epoch_start_s : float or None
        Where epoch 0 starts, in seconds from the start of the recording.
    stages : StageOptions
        What is said of the stage files of this recording.
    """

    channels: ChannelMap = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    mains_hz: float | None = None
    start_clock_s: float | None = None
    epoch_start_s: float | None = None
    stages: StageOptions = field(default_factory=StageOptions)

    def __post_init__(self) -> None:
        check_channel_map(self.channels)
        if self.mains_hz is not None and self.mains_hz not in MAINS_HZ:
            raise PsgError(
                f"The mains frequency cannot be {self.mains_hz:g} Hz",
                advice="It must be 50 or 60 Hz.",
            )
        if self.start_clock_s is not None and not 0 <= self.start_clock_s < DAY_S:
            raise PsgError("The start is not a time of day", advice="Give one such as 22:41:30.")
        if self.epoch_start_s is not None and not math.isfinite(self.epoch_start_s):
            raise PsgError("The epoch start is not a number", advice="Give seconds, such as 12.3.")

    def as_json(self) -> JsonObject:
        return {
            "channels": {
                derivation.value: None if source is None else asdict(source)
                for derivation, source in self.channels.items()
            },
            "units": dict(self.units),
            "mains_hz": self.mains_hz,
            "start_clock_s": self.start_clock_s,
            "epoch_start_s": self.epoch_start_s,
            "stages": as_json(self.stages),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> NightDecisions:
        """Read what `as_json` wrote; missing keys mean that nothing was said.

        A channel may also be a text, as people write it: ``"EEG C4-REF - EEG A2-REF"``.

        Raises
        ------
        PsgError
            When a key is not known, or something else stands there.
        """
        _refuse_unknown(said)
        try:
            return cls(
                channels={
                    derivation_of(name): _source(source)
                    for name, source in _object(said, "channels").items()
                },
                units={_text(label): _text(unit) for label, unit in _units(said).items()},
                mains_hz=_number(said, "mains_hz"),
                start_clock_s=_number(said, "start_clock_s"),
                epoch_start_s=_number(said, "epoch_start_s"),
                stages=from_json(StageOptions, _object(said, "stages")),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise PsgError(
                "The decisions are not in the expected format",
                where=str(error)[:_LONGEST],
                advice="See docs/recordings.md, table of decisions.",
            ) from error


def _refuse_unknown(said: Mapping[str, Any]) -> None:
    """Refuse a misspelt key, such as `mains`: whoever wrote it believes that it was heard."""
    known = {field.name for field in fields(NightDecisions)}
    if unknown := sorted(str(key)[:40] for key in said if key not in known):
        raise PsgError(
            "These decisions are not known",
            where=", ".join(unknown[:_MOST_NAMED]),
            advice="See docs/recordings.md, table of decisions. Nothing was changed.",
        )


def _object(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = said.get(key) or {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{key} is not an object")
    return value


def _units(said: Mapping[str, Any]) -> Mapping[str, Any]:
    units = _object(said, "units")
    if len(units) > _MOST_UNITS:
        raise ValueError(f"{len(units)} units")
    return units


def _number(said: Mapping[str, Any], key: str) -> float | None:
    value = said.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key} is not a number")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise TypeError("a label is not a short text")
    return value.strip()


def _source(value: object) -> ChannelSource | None:
    if value is None or isinstance(value, str):
        return _written_source(value or "")
    if not isinstance(value, Mapping) or set(value) - {"positive", "negative"}:
        raise TypeError("a channel is neither a text nor positive and negative")
    negative = value.get("negative") or ""
    return ChannelSource(_text(value.get("positive")), _text(negative) if negative else "")


def _written_source(text: str) -> ChannelSource | None:
    text = text.strip()
    return ChannelSource.of(text[: 2 * _LONGEST]) if text and text != NO_CHANNEL else None


# What people write behind the options of a command.


def parse_channel_map(texts: Iterable[str]) -> dict[Derivation, ChannelSource | None]:
    """Read a channel map as people write it, such as ``C4-M1=EEG C4-REF - EEG A2-REF``.

    ``C4-M1=`` alone or ``C4-M1=none`` says that the recording has no such derivation. Two labels
    are divided by a hyphen between blanks.

    Raises
    ------
    PsgError
        When a text has no known derivation, or a derivation or a channel is named twice.
    """
    channels: dict[Derivation, ChannelSource | None] = {}
    for text in texts:
        name, equals, source = text.partition("=")
        if not equals:
            raise PsgError(
                "A channel of the map has no equals sign",
                where=f"“{text[:_LONGEST]}”",
                advice="Write it as “C4-M1=EEG C4-REF - EEG A2-REF”.",
            )
        derivation = derivation_of(name)
        if derivation in channels:
            raise PsgError(
                f"The channel map names {derivation.value} twice", advice="Name it once."
            )
        channels[derivation] = _written_source(source)
    check_channel_map(channels)
    return channels


def check_channel_map(channels: ChannelMap) -> None:
    """Refuse a map that uses a channel for two derivations, or subtracts it from itself.

    One negative channel may serve several derivations, as a mastoid does.
    """
    sources = [source for source in channels.values() if source is not None]
    for source in sources:
        if source.positive == source.negative:
            raise PsgError(
                f"The channel map subtracts {source.positive} from itself",
                advice="Name two channels, or one alone.",
            )
    label, count = next(
        iter(Counter(source.positive for source in sources).most_common(1)), ("", 0)
    )
    if count > 1:
        names = " and ".join(
            derivation.value
            for derivation, source in channels.items()
            if source is not None and source.positive == label
        )
        raise PsgError(
            f"The channel map names the channel {label} for {names}",
            advice="A channel can be used for one derivation only. Choose another channel,"
            " or none.",
        )


def derivation_of(name: str) -> Derivation:
    """Find a derivation by its name, such as ``C4-M1`` or ``chin``.

    Raises
    ------
    PsgError
        When there is none of this name.
    """
    wanted = str(name).strip().upper()
    for derivation in DERIVATIONS:
        if wanted in (derivation.value.upper(), derivation.name):
            return derivation
    raise PsgError(
        f"There is no derivation {str(name).strip()[:40]}",
        advice=f"The derivations are {', '.join(DERIVATIONS)}.",
    )


def parse_units(texts: Iterable[str]) -> dict[str, str]:
    """Read units as people write them, such as ``EEG C4=uV``.

    Raises
    ------
    PsgError
        When a text has no label or no unit, or a label is named twice.
    """
    units: dict[str, str] = {}
    for text in texts:
        label, _, unit = (part.strip() for part in text.rpartition("="))
        if not label or not unit:
            raise PsgError(
                "A unit has no label or no unit",
                where=f"“{text[:_LONGEST]}”",
                advice="Write it as “EEG C4=uV”.",
            )
        if label in units:
            raise PsgError(f"The unit of {label} is given twice", advice="Give it once.")
        units[label] = unit
    return units


def parse_start_clock(text: str) -> float:
    """Read a time of day such as ``22:41:30``, in seconds after midnight.

    Raises
    ------
    PsgError
        When the text is no time of day.
    """
    clock_s = second_at(text, start_clock_s=0)
    if clock_s is None:
        raise PsgError(
            "The start is not a time of day",
            where=f"“{text[:40]}”",
            advice="Give one such as 22:41:30.",
        )
    return clock_s
