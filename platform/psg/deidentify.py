"""Remove the person from an EDF or BDF file: names, dates and free texts.

Signals, stages and lights marks stay.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from psg.edf.annotations import record_tals
from psg.edf.header import FIXED_BYTES, EdfHeader, EdfLimits, read_header
from psg.errors import UnknownStageTextError
from psg.lights import lights_word
from psg.stages import parse_stage_text
from psg.units import UNKNOWN_UNIT, kept_unit, uv_per_unit

_PATIENT = (8, b"X X X X", 80)
_RECORDING = (88, b"Startdate X X X X", 80)
# 1 January 1985 is the date that EDF tools write for "unknown".
_START_DATE = (168, b"01.01.85", 8)
_RESERVED = (192, 44)
_FILE_TYPE_BYTES = 5
_LABEL_BYTES = 16
# Columns of free text in the header: bytes of a signal before the column, and its width.
_FREE_TEXTS = ((16, 80), (136, 80), (224, 32))
_UNIT = (96, 8)


def deidentify_in_place(path: str | os.PathLike[str]) -> None:
    """Overwrite everything in an EDF or BDF file that may name a person.

    That is the patient and recording fields, the start date, the texts about signals, and every
    annotation that is neither a sleep stage nor a lights mark. The clock time of day stays:
    staging needs it.

    Raises
    ------
    EdfError
        When the file is neither.
    """
    with Path(path).open("r+b") as file:
        header = read_header(file, EdfLimits())
        for offset, text, width in (_PATIENT, _RECORDING, _START_DATE):
            file.seek(offset)
            file.write(text.ljust(width))
        file.seek(_RESERVED[0] + _FILE_TYPE_BYTES)
        file.write(b" " * (_RESERVED[1] - _FILE_TYPE_BYTES))
        count = len(header.signals)
        for before, width in _FREE_TEXTS:
            file.seek(FIXED_BYTES + before * count)
            file.write(b" " * width * count)
        _strip_units(file, header)
        _strip_annotations(file, header)
        _name_annotations(file, header)


def _strip_units(file: BinaryIO, header: EdfHeader) -> None:
    """Overwrite the units that are none: the field is free text, and a name fits into it."""
    before, width = _UNIT
    for index, signal in enumerate(header.signals):
        if uv_per_unit(signal.unit) is None and kept_unit(signal.unit) == UNKNOWN_UNIT:
            file.seek(FIXED_BYTES + before * len(header.signals) + width * index)
            file.write(UNKNOWN_UNIT.encode().ljust(width))


def _name_annotations(file: BinaryIO, header: EdfHeader) -> None:
    """Give signals of texts their proper label: once stripped, their bytes no longer tell."""
    label = b"EDF Annotations" if header.sample_bytes == 2 else b"BDF Annotations"
    for index, signal in enumerate(header.signals):
        if signal.is_annotation:
            file.seek(FIXED_BYTES + _LABEL_BYTES * index)
            file.write(label.ljust(_LABEL_BYTES))


def _strip_annotations(file: BinaryIO, header: EdfHeader) -> None:
    size_bytes = os.fstat(file.fileno()).st_size
    record_bytes = header.record_bytes
    for start, width in _annotation_columns(header):
        for place in range(header.size_bytes + start, size_bytes, record_bytes):
            file.seek(place)
            record = file.read(width)
            stripped = _staging_only(record)
            if stripped != record:
                file.seek(place)
                file.write(stripped)


def _annotation_columns(header: EdfHeader) -> list[tuple[int, int]]:
    columns, position = [], 0
    for signal in header.signals:
        width = signal.samples_per_record * header.sample_bytes
        if signal.is_annotation:
            columns.append((position, width))
        position += width
    return columns


def _staging_only(record: bytes) -> bytes:
    kept = []
    for timing, texts in record_tals(record):
        # An empty text holds the time of the record and names no person.
        allowed = [text for text in texts if not text or _is_staging(text)]
        if allowed:
            kept.append(timing + b"\x14".join(allowed) + b"\x14")
    return b"".join(tal + b"\x00" for tal in kept).ljust(len(record), b"\x00")[: len(record)]


def _is_staging(text: bytes) -> bool:
    words = text.decode("latin-1")
    try:
        parse_stage_text(words)
    except UnknownStageTextError:
        return lights_word(words) is not None
    return True
