"""EDF+ annotations: time-stamped annotation lists (TALs) inside an ordinary signal.

The first TAL of a record, with an empty text, keeps the time: it says when the record
starts. Onsets here are seconds from the start of the header's clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from psg.edf.header import decode_text

_TIMING = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14")
_TIME_KEEPER = re.compile(rb"([+-]\d+(?:\.\d*)?)\x14\x14")


@dataclass(frozen=True)
class Annotation:
    """A text at a place in the recording; ``duration_s`` is 0 where the file gives none."""

    onset_s: float
    duration_s: float
    text: str


def record_onset_s(record: bytes) -> float | None:
    """Read when a record starts, None where its first TAL does not tell."""
    match = _TIME_KEEPER.match(record)
    return float(match.group(1)) if match else None


def record_tals(record: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Split a record into TALs, each its timing and its texts; damaged ones are passed over."""
    for tal in record.split(b"\x00"):
        match = _TIMING.match(tal)
        if match:
            yield match.group(0), tal[match.end() :].removesuffix(b"\x14").split(b"\x14")


def record_annotations(record: bytes) -> Iterator[Annotation]:
    """Read the annotations of one record.

    Texts that begin with ``<`` hold XML in some archives and are left out.
    """
    for timing, texts in record_tals(record):
        match = _TIMING.match(timing)
        assert match is not None
        onset_s, duration_s = float(match.group(1)), float(match.group(2) or 0)
        for text in map(decode_text, texts):
            if text and not text.startswith("<"):
                yield Annotation(onset_s, duration_s, text)
