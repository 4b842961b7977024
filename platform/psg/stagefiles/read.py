"""Read a stage file with the reader of its format."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from psg.edf import EdfFile
from psg.edf.annotations import Annotation
from psg.errors import StageFileError, UnknownStageTextError
from psg.lights import Lights, lights_of
from psg.stagefiles.entries import CodeMap, StageEntry
from psg.stagefiles.formats import (
    check_count,
    read_csv_stages,
    read_json_stages,
    read_text_stages,
    read_xml_stages,
)
from psg.stages import EPOCH_S, parse_stage_text

MAX_TEXT_BYTES = 32 * 1024 * 1024


def read_stage_file(
    path: str | os.PathLike[str], *, code_map: CodeMap | None = None
) -> list[StageEntry]:
    """Read the stages of a file, by onset.

    Parameters
    ----------
    path : path-like
        EDF+ annotations, NSRR or Profusion XML, Visbrain or yasa text, csv, or a json list.
    code_map : mapping of int to Stage or None, optional
        Meaning of integers; a file of integers is refused without it.

    Raises
    ------
    StageFileError
        When the file holds no stages, or some that cannot be read without guessing.
    """
    path = Path(path)
    try:
        entries = _entries(path, code_map)
    except (ValueError, LookupError, ArithmeticError, RecursionError, struct.error) as error:
        # A fault of a reader that the formats do not name themselves; RefusedError is none of
        # these. The file stays refused as a whole, with what the reader stumbled over.
        raise StageFileError(
            "The stage file cannot be read",
            where=f"{type(error).__name__}: {error}"[:200],
            advice="Export the stages again, as EDF+, XML, csv or text.",
        ) from error
    if not entries:
        raise StageFileError(
            "The file holds no sleep stages",
            advice="It should have one line or annotation per epoch, such as “Sleep stage N2”.",
        )
    return sorted(entries, key=lambda entry: entry.onset_s)


def _entries(path: Path, code_map: CodeMap | None) -> list[StageEntry]:
    head = _head(path)
    if _is_edf(head):
        return _from_annotations(EdfFile.open(path).annotations())
    return _from_text(path, head, code_map)


def read_lights(path: str | os.PathLike[str]) -> Lights:
    """Read the lights marks of an EDF+ stage file; other formats have none."""
    path = Path(path)
    return lights_of(EdfFile.open(path).annotations()) if _is_edf(_head(path)) else Lights()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _is_edf(head: bytes) -> bool:
    return head.strip(b" \0") == b"0" and len(head) == 8


def _from_text(path: Path, head: bytes, code_map: CodeMap | None) -> list[StageEntry]:
    if not head:
        raise StageFileError("The stage file is empty", where="0 bytes", advice="Export it again.")
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise StageFileError(
            "The stage file is too large",
            where=f"over {MAX_TEXT_BYTES // 2**20} MiB",
            advice="A stage file of one night is small; is this the recording?",
        )
    data = path.read_bytes()
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_xml_stages(data)
    text = _decode(data)
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return read_csv_stages(text, code_map)
    if suffix == ".json":
        return read_json_stages(text, code_map)
    return read_text_stages(text, code_map)


def _decode(data: bytes) -> str:
    if b"\x00" in data:
        raise StageFileError(
            "The stage file is neither text nor EDF",
            advice="Export the stages as EDF+, XML, csv or text.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _from_annotations(annotations: Iterable[Annotation]) -> list[StageEntry]:
    """Keep the stages among annotations of all kinds.

    A text that begins with "Sleep stage" must name a stage; other texts are other events. Bare
    names (``N2``) count only where nothing says ``Sleep stage``.
    """
    listed = list(annotations)
    named = [item for item in listed if item.text.lower().startswith("sleep stage")]
    stages = named or [item for item in listed if _is_bare_stage(item.text)]
    check_count(len(stages))
    return [_entry(item) for item in stages]


def _is_bare_stage(text: str) -> bool:
    try:
        parse_stage_text(text)
    except UnknownStageTextError:
        return False
    return True


def _entry(annotation: Annotation) -> StageEntry:
    try:
        stage = parse_stage_text(annotation.text)
    except UnknownStageTextError as error:
        raise UnknownStageTextError(
            error.what, where=f"annotation at {annotation.onset_s:g} s", advice=error.advice
        ) from None
    return StageEntry(annotation.onset_s, annotation.duration_s or EPOCH_S, stage, annotation.text)
