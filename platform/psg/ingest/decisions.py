"""What a person, a command or a rule of the study says about a recording that comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from psg.errors import PsgError
from psg.montage import Derivation
from psg.stagefiles.facts import StageOptions
from psg.typed_json import JsonObject


@dataclass(frozen=True)
class ChannelSource:
    """Labels of a file that make a derivation: a channel, or the difference of two."""

    positive: str
    negative: str = ""

    def __str__(self) -> str:
        return f"{self.positive} - {self.negative}" if self.negative else self.positive


@dataclass(frozen=True)
class NightDecisions:
    """Decisions about a recording; the empty values leave the question to the file.

    Attributes
    ----------
    channels : mapping of Derivation to ChannelSource or None
        The channel map. None says that the recording has no such derivation. Derivations that are
        not in the map are found by their labels.
    units : mapping of str to str
        Unit by label, for channels whose unit is not given or not known.
    mains_hz : float or None
        Frequency of the mains, 50 or 60 Hz.
    start_clock_s : float or None
        Time of day at which the recording starts, in seconds after midnight.
    epoch_start_s : float or None
        Where epoch 0 starts, in seconds from the start of the recording.
    stages : StageOptions
        What is said of the stage files of this recording.
    """

    channels: Mapping[Derivation, ChannelSource | None] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    mains_hz: float | None = None
    start_clock_s: float | None = None
    epoch_start_s: float | None = None
    stages: StageOptions = StageOptions()

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
            "stages": {**asdict(self.stages), "unscored": list(self.stages.unscored)},
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> NightDecisions:
        """Read what `as_json` wrote; missing keys mean that nothing was said."""
        stages = dict(said.get("stages") or {})
        stages["unscored"] = tuple(stages.get("unscored") or ())
        return cls(
            channels={
                Derivation(name): None if source is None else ChannelSource(**source)
                for name, source in (said.get("channels") or {}).items()
            },
            units=dict(said.get("units") or {}),
            mains_hz=said.get("mains_hz"),
            start_clock_s=said.get("start_clock_s"),
            epoch_start_s=said.get("epoch_start_s"),
            stages=StageOptions(**stages),
        )


def parse_channel_map(texts: list[str]) -> dict[Derivation, ChannelSource | None]:
    """Read a channel map as people write it, such as ``C4-M1=EEG C4-REF - EEG A2-REF``.

    ``C4-M1=`` alone or ``C4-M1=none`` says that the recording has no such derivation. Two labels
    are divided by a hyphen between blanks.

    Raises
    ------
    PsgError
        When a text has no known derivation, or a derivation or a channel is named twice.
    """
    raise PsgError("not written yet")
