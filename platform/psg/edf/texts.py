"""Which signals of a file hold texts instead of samples: by their label, else by their bytes.

Texts name people, so a signal of texts under a label that nobody foresaw must not be kept as if it
were samples.
"""

from __future__ import annotations

import re
from typing import BinaryIO

_LABEL = re.compile(r"[EB]DF[\s+_-]*ANNOTATIONS?[\s_-]*\d*", re.IGNORECASE)
# A time, with or without a duration, before the first text of a record.
_FIRST_TAL = re.compile(rb"[+-]\d+(?:\.\d*)?(?:\x15\d+(?:\.\d*)?)?\x14[^\x00]*\x14\x00")
_PADDING = b"\x00 "
_PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
# So many bytes of a signal are all printable only if it is text; a quiet signal far from 0 has
# printable bytes as well, but the higher byte of its samples then stays the same.
_FEWEST_PRINTABLE, _FEWEST_DIFFERENT = 32, 4
_HEAD_BYTES = 4096
# Of signals that begin with zeros, to find the first record that has more.
_MOST_READS = 200_000


def is_annotation_label(label: str) -> bool:
    """Whether a label is that of annotations, however it is spelled: ``EDF ANNOTATIONS``."""
    return _LABEL.fullmatch(" ".join(label.split())) is not None


def holds_texts(record: bytes) -> bool:
    """Whether the bytes of a signal in a record are annotations, or plain text."""
    head = record[:_HEAD_BYTES].lstrip(_PADDING)
    if _FIRST_TAL.match(head + b"\x00"):
        return True
    text = record[:_HEAD_BYTES].strip(_PADDING)
    if len(text) < _FEWEST_PRINTABLE or not _PRINTABLE.issuperset(text):
        return False
    return min(len(set(text[::2])), len(set(text[1::2]))) >= _FEWEST_DIFFERENT


def find_texts(
    file: BinaryIO, widths_bytes: list[int], *, begin: int, asked: list[int]
) -> set[int]:
    """Find the signals whose first record with content holds texts.

    Parameters
    ----------
    file
        Open for reading; its place changes.
    widths_bytes
        Size of each signal in a record.
    begin
        Where the first record begins.
    asked
        Indices of the signals to look at.
    """
    record_bytes = sum(widths_bytes)
    places = [sum(widths_bytes[:index]) for index in range(len(widths_bytes))]
    texts: set[int] = set()
    left = [index for index in asked if widths_bytes[index]]
    reads = 0
    while left and reads < _MOST_READS:
        empty = []
        for index in left:
            file.seek(begin + places[index])
            record = file.read(min(widths_bytes[index], _HEAD_BYTES))
            reads += 1
            if not record:
                return texts
            if not record.strip(_PADDING):
                empty.append(index)
            elif holds_texts(record):
                texts.add(index)
        left = empty
        begin += record_bytes
    return texts
