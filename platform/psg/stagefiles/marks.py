"""The mark that exports of scorings carry, so that an import knows what it is a copy of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from psg.stages import Stage

_MARK = re.compile(rb"Epochwise[_ ](human|model|import|consensus)[_ ]([0-9a-f]{16})\b")
# The header of an EDF+ file, and the first rows of a table.
_SEARCHED_BYTES = 4096


@dataclass(frozen=True)
class Mark:
    """The kind of the scorer of an exported scoring, and a hash of the exported stages."""

    kind: str
    digest: str

    def __str__(self) -> str:
        return f"Epochwise_{self.kind}_{self.digest}"

    def is_of(self, stages: Sequence[Stage | str | None]) -> bool:
        """Whether these are the exported stages, so that nobody changed them since."""
        return self.digest == _digest(stages)


def mark_of(kind: str, stages: Sequence[Stage | str | None]) -> Mark:
    """Make the mark of a scoring from its scorer's kind and its stages over the whole grid."""
    return Mark(kind, _digest(stages))


def read_mark(data: bytes) -> Mark | None:
    """Find the mark in a file; None without one.

    Exports write it into the recording field of an EDF+ header, or into the first row of a table.
    In UTF-16 every second byte is empty.
    """
    found = _MARK.search(data[:_SEARCHED_BYTES].replace(b"\0", b""))
    return Mark(found[1].decode(), found[2].decode()) if found else None


def _digest(stages: Sequence[Stage | str | None]) -> str:
    text = " ".join("?" if stage is None else str(stage) for stage in stages)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
