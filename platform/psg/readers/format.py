"""A format of recordings: its name, how it is recognised, its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psg.signalfile import SignalFile

HEAD_BYTES = 4096


@dataclass(frozen=True)
class NightFiles:
    """The files of a night on disk.

    Attributes
    ----------
    main : Path
        The file by which the format is recognised.
    parts : mapping of str to Path
        The other files of the night by suffix, such as ``.vmrk``.
    spool : Path
        A folder for what a reader must unpack; whoever opens the night removes it.
    """

    main: Path
    spool: Path
    parts: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordingFormat:
    """A format of recordings.

    ``recognises`` gets the first `HEAD_BYTES` of a file and must be certain. It runs in web
    processes: a format that needs mne imports it only where it reads.
    ``description`` is a public address of the format's description.
    """

    id: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    open: Callable[[NightFiles], SignalFile]
    reads: str
    """A sentence for the documentation: what is read."""
    refuses: str
    """A sentence for the documentation: what is refused."""
    description: str
    part_suffixes: tuple[str, ...] = ()
    """Suffixes of the other files of a night."""
    named_parts: Callable[[bytes], tuple[str, ...]] = lambda head: ()
    """Names of other files of the night, as the head of the main file gives them."""
    is_cleaned_in_place: bool = False
    """Whether `deidentify_in_place` can remove names from the file that came in."""
