"""What a stage file says: stages and other events of each scorer, their clock, and the doubts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from psg.doubts import Doubt
from psg.errors import PsgError
from psg.lights import Lights
from psg.stagefiles.declared import digest_of, meaning_of
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.marks import Mark
from psg.stages import EPOCH_S


class EventKind(StrEnum):
    """Kinds of events that stage files hold besides stages."""

    AROUSAL = "arousal"
    RESPIRATORY = "respiratory"
    DESATURATION = "desaturation"
    LIMB = "limb"
    ARTEFACT = "artefact"
    OTHER = "other"


@dataclass(frozen=True)
class FileEvent:
    """An event that is no stage, such as an arousal; onset in s as the stages of its table.

    ``name`` comes from a list of known names (such as ``obstructive apnea``), or is empty: free
    text of a file may name a person and is never kept. ``channel`` likewise is a known label of a
    channel, or empty.
    """

    onset_s: float
    duration_s: float
    kind: EventKind
    name: str = ""
    channel: str = ""


@dataclass(frozen=True)
class StageTable:
    """The stages of a scorer in a file.

    Onsets of ``entries``, ``events`` and ``lights`` are seconds from the zero of the file.
    ``clock_s`` is the time of day of that zero in seconds after midnight; None where the file has
    no clock, and the zero then is the start of the recording. ``by_epoch`` says that the file
    counts epochs and gives no times, so that its zero is epoch 0 of the grid. ``may_be_elapsed``
    says that the times of day have no date, and may be the time since the start of a recording.
    ``days`` are the days (`psg.days`) on which the zero may lie, by a date that may be day first or
    month first; they are compared and never kept.
    """

    entries: tuple[StageEntry, ...]
    scorer: str = ""
    events: tuple[FileEvent, ...] = ()
    lights: Lights = field(default_factory=Lights)
    clock_s: float | None = None
    may_be_elapsed: bool = False
    days: tuple[int, ...] = ()
    by_epoch: bool = False
    epoch_s: float = EPOCH_S
    numbered_from: int | None = None


@dataclass(frozen=True)
class StageFile:
    """Everything a stage file says.

    ``format`` is the id of its reader, ``sha256`` the hash of its bytes, and ``mark`` that of an
    export from here or from another site.
    """

    format: str
    tables: tuple[StageTable, ...]
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()
    sha256: str = ""
    mark: Mark | None = None


# How long a stage without a duration lasts: an epoch, or until the next one.
LASTS_EPOCH, LASTS_NEXT = "epoch", "next"


@dataclass(frozen=True)
class StageOptions:
    """What a person says of a stage file; the empty values leave it to the file.

    Attributes
    ----------
    codes : str
        Name of the map of integer codes (`CODE_MAPS`).
    first_epoch : int or None
        The number with which the file counts its first epoch.
    unscored : tuple of str
        Texts of the file that mean "no stage". Only their digests are held.
    meanings : tuple of str
        Texts of the file that mean a stage, such as ``SP=R``; digests likewise.
    epoch_s : float or None
        Length of an epoch of the file, 20 or 30 s; 20-s epochs are then converted to 30-s ones.
    place : str
        ``clock``: by times of day; ``index``: the file starts with the recording; ``elapsed``: its
        times count from the start of the recording; ``day 2``: by clock, on that day.
    lasts : str
        How long a stage without a duration lasts: ``epoch``, or until the ``next`` one.
    format : str
        Id of the format, where the content fits several.
    scorer : str
        The scorer to read, where the file has several.
    """

    codes: str = ""
    first_epoch: int | None = None
    unscored: tuple[str, ...] = field(default=())
    meanings: tuple[str, ...] = field(default=())
    epoch_s: float | None = None
    place: str = ""
    lasts: str = ""
    format: str = ""
    scorer: str = ""

    def __post_init__(self) -> None:
        if self.lasts not in ("", LASTS_EPOCH, LASTS_NEXT):
            raise PsgError(
                f"“{self.lasts[:20]}” is no length of a stage", advice="Use epoch or next."
            )
        object.__setattr__(self, "unscored", tuple(map(digest_of, self.unscored)))
        object.__setattr__(self, "meanings", tuple(map(meaning_of, self.meanings)))
