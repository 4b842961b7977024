"""The content of a stage file, and the description of a format that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psg.stagefiles.facts import StageFile, StageOptions


@dataclass(frozen=True)
class Content:
    """A stage file in memory, bounded in size before it was read."""

    path: Path
    name: str
    """The file's own name, whose suffix may help; never stored."""
    data: bytes

    @cached_property
    def text(self) -> str:
        """The decoded text: UTF-8, UTF-16 with or without its mark, else Latin-1; "" if binary."""
        raise NotImplementedError  # replaced by the framework

    @cached_property
    def lines(self) -> list[str]:
        """Lines of the text without line ends, bounded in count and length."""
        return self.text.splitlines()


@dataclass(frozen=True)
class StageFormat:
    """A format of stage files: its name, how it is recognised, its reader.

    ``recognises`` must be certain: it answers True only where the content could be no other known
    format. ``description`` is a public address of the format's description.
    """

    id: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Content], bool]
    read: Callable[[Content, StageOptions], StageFile]
    reads: str
    """A sentence for the documentation: what is read."""
    refuses: str
    """A sentence for the documentation: what is refused."""
    description: str = ""
