"""Predictions of the published SleepVLM project: a file `results.jsonl`, an epoch on each line.

The project does not publish the types of its values. Stages are read as texts; `label` and `pred`,
codes without a declared map, are not read. A file is read completely, or refused with the numbers
of its lines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from inference.parsing.reply import ParsedReply, ReplyFault, parse_reply
from psg.errors import PsgError, UnknownStageTextError
from psg.massex import custom_id
from psg.stages import Stage, parse_stage_text

LONGEST_LINE_BYTES = 1_000_000
MOST_BYTES = 2_000_000_000
SHOWN_LINES = 10
_NEEDED = ("custom_id", "sub_id", "image_paths", "stage", "output", "pred_stage")
_IMAGE = re.compile(r"(?:.*[/\\])?(\d{1,6})_([A-Za-z0-9]{1,8})\.png")
_WINDOW = 3
_BETWEEN_RULES = re.compile(r"[,;\s]+")


class ResultsFileError(PsgError):
    """A file of predictions that cannot be used."""


@dataclass(frozen=True)
class PublishedResult:
    """A line: the epoch, its reference, the unchanged reply, and how either side reads the reply.

    Attributes
    ----------
    number : int
        N of the row, counted from 0, from the name of the image.
    stage : Stage
        Of the reference.
    there : Stage or None
        As the file reads the reply; None where it was not parsed.
    here : ParsedReply or ReplyFault
        The reply as it is read in pre-scoring.
    reference_rules, rules : tuple of str
        As the file has them.
    rules_iou : float or None
        As the file has it.
    """

    line: int
    subject: str
    number: int
    stage: Stage
    output: str
    there: Stage | None
    here: ParsedReply | ReplyFault
    reference_rules: tuple[str, ...]
    rules: tuple[str, ...]
    rules_iou: float | None

    @property
    def stage_here(self) -> Stage | None:
        return self.here.stage if isinstance(self.here, ParsedReply) else None


class _LineFault(Exception):  # noqa: N818  it refuses nobody: the file is refused in the end
    """What is wrong with a line."""


def read_results(path: Path, *, rule_ids: Collection[str]) -> list[PublishedResult]:
    """Read a file of predictions.

    Raises
    ------
    ResultsFileError
        When lines are damaged, incomplete, contradict themselves or name an epoch twice; the error
        has the numbers of the lines.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ResultsFileError(
            f"The file has {size:,} bytes, more than {MOST_BYTES:,}",
            where=path.name,
            advice="Divide it by subject.",
        )
    faults: dict[str, list[int]] = {}
    results: list[PublishedResult] = []
    first_lines: dict[tuple[str, int], int] = {}
    with path.open("rb") as file:
        for line, text in _lines(file):
            try:
                result = _result(line, text, rule_ids)
                key = (result.subject, result.number)
                if (first := first_lines.setdefault(key, line)) != line:
                    raise _LineFault(f"The epoch is also on line {first}")
                results.append(result)
            except _LineFault as error:
                faults.setdefault(str(error), []).append(line)
    if faults:
        _refuse(path, faults)
    if not results:
        raise ResultsFileError("The file has no predictions", where=path.name)
    return results


def _refuse(path: Path, faults: Mapping[str, list[int]]) -> NoReturn:
    shown = [f"{what} ({_named(lines)})" for what, lines in list(faults.items())[:SHOWN_LINES]]
    if len(faults) > SHOWN_LINES:
        shown.append(f"and {len(faults) - SHOWN_LINES} other problems")
    raise ResultsFileError(
        "; ".join(shown),
        where=path.name,
        advice="Correct the file, or write it again. Nothing of it was used.",
    )


def _named(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    rest = f" and {len(lines) - SHOWN_LINES} more" if len(lines) > SHOWN_LINES else ""
    return f"lines {', '.join(map(str, lines[:SHOWN_LINES]))}{rest}"


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, with their numbers; none is read beyond the limit."""
    line = 0
    while text := file.readline(LONGEST_LINE_BYTES + 1):
        line += 1
        if len(text) > LONGEST_LINE_BYTES:
            while text and not text.endswith(b"\n"):
                text = file.readline(LONGEST_LINE_BYTES)
            yield line, b""
        elif text.strip():
            yield line, text


def _result(line: int, text: bytes, rule_ids: Collection[str]) -> PublishedResult:
    if not text:
        raise _LineFault(f"The line is longer than {LONGEST_LINE_BYTES:,} bytes")
    values = _object(text)
    if missing := [name for name in _NEEDED if name not in values]:
        raise _LineFault(f"The line has no {', '.join(missing)}")
    subject = _text(values, "sub_id")
    number, stage = _epoch(values)
    if _text(values, "custom_id") != custom_id(subject, number, stage):
        raise _LineFault("custom_id and the name of the image are of different epochs")
    if _stage(values["stage"], "stage") != stage:
        raise _LineFault("stage and the name of the image have different stages")
    output = values["output"] if values["output"] is not None else ""
    if not isinstance(output, str):
        raise _LineFault("output is not a text")
    here = parse_reply(output, rule_ids=rule_ids)
    return PublishedResult(
        line=line,
        subject=subject,
        number=number,
        stage=stage,
        output=output,
        there=_stage_there(values, here),
        here=here,
        reference_rules=_rules(values, "gt_applicable_rules"),
        rules=_rules(values, "applicable_rules"),
        rules_iou=_share(values.get("rules_iou")),
    )


def _object(text: bytes) -> dict[str, object]:
    try:
        # NaN is what a table writes for a missing value; an infinite number is a fault.
        values = json.loads(text.decode("utf-8-sig"), parse_constant=_missing)
    except UnicodeDecodeError:
        raise _LineFault("The line is not UTF-8 text") from None
    except (ValueError, RecursionError):
        cut = "" if text.endswith(b"\n") else "; the file seems to be cut off"
        raise _LineFault(f"The line is not complete JSON{cut}") from None
    if not isinstance(values, dict):
        raise _LineFault("The line is not a JSON object")
    return values


def _missing(constant: str) -> None:
    if constant != "NaN":
        raise ValueError(constant)


def _text(values: Mapping[str, object], name: str) -> str:
    value = values[name]
    if not isinstance(value, str) or not value.strip():
        raise _LineFault(f"{name} is not a text")
    return value


def _epoch(values: Mapping[str, object]) -> tuple[int, Stage]:
    """Return N and the stage that the name of the middle image has."""
    paths = values["image_paths"]
    if not isinstance(paths, list) or len(paths) != _WINDOW:
        raise _LineFault("image_paths is not a list of three names")
    match = _IMAGE.fullmatch(paths[1]) if isinstance(paths[1], str) else None
    if match is None:
        raise _LineFault("The second image has no name such as 12_N2.png")
    return int(match[1]), _stage(match[2], "The name of the image")


def _stage(value: object, name: str) -> Stage:
    try:
        stage = parse_stage_text(value) if isinstance(value, str) else None
    except UnknownStageTextError:
        stage = None
    if stage is None:
        raise _LineFault(f"{name} has no stage")
    return stage


def _stage_there(values: Mapping[str, object], here: ParsedReply | ReplyFault) -> Stage | None:
    """Return the stage as the file reads the reply; refuse another stage than its output has."""
    given = values["pred_stage"]
    if given is None or given == "" or values.get("parse_error"):
        return None
    stage = _stage(given, "pred_stage")
    if isinstance(here, ParsedReply) and here.stage != stage:
        raise _LineFault("pred_stage is another stage than that of output")
    return stage


def _rules(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = values.get(name)
    if value is None:
        return ()
    items = _BETWEEN_RULES.split(value) if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise _LineFault(f"{name} is not a list of texts")
    return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))


def _share(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _LineFault("rules_iou is not a number")
    return float(value)
