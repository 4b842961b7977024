"""Rows of a table, whose cells are checked singly."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.massex.problems import Problems
from psg.stages import STAGES

# The wide forms are read as the plain ones where East Asian input is set up.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

LONGEST_RATIONALE = 10_000
_STAGE_NAMES = {stage.value for stage in STAGES}


@dataclass(frozen=True)
class MassexRow:
    """An annotated epoch of a MASS-EX file, and the line in which it begins."""

    subject: str
    number: int
    stage: str
    rules: tuple[str, ...]
    rationale: str
    line: int = 0


def read_row(cells: Mapping[str, str], line: int, problems: Problems) -> MassexRow | None:
    """Read the cells of a row; None, and a problem, where it is no annotated epoch."""
    subject, stage, rationale = cells["Subject"], cells["Stage"], cells.get("reasoning_text", "")
    try:
        number = count(cells["N"])
    except StageFileError as error:
        problems.error(error.what, line=line, advice="N counts epochs from 0.")
        return None
    if not subject or len(subject) > 60 or _controls(subject):
        problems.error("Subject is empty, too long, or no text", line=line)
        return None
    if stage not in _STAGE_NAMES:
        what = f"“{stage[:20]}” is not a stage of MASS-EX"
        problems.error(what, line=line, advice="Stages: W, N1, N2, N3, R.")
        return None
    if cells["custom_id"] != custom_id(subject, number, stage):
        what = "custom_id does not fit Subject, N and Stage"
        problems.error(what, line=line, advice="Was the file edited? It is Subject#N_Stage.")
        return None
    _check_words(rationale, line, problems)
    parts = (part.strip() for part in cells["applicable_rules"].split(","))
    return MassexRow(subject, number, stage, tuple(p for p in parts if p), rationale, line)


def count(text: str) -> int:
    """Read a count of epochs.

    Raises
    ------
    StageFileError
    """
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise StageFileError(f"“{text[:20]}” is not a count")
    return int(text)


def seconds(text: str) -> float:
    """Read a time.

    Raises
    ------
    StageFileError
    """
    try:
        value_s = float(text)
    except ValueError:
        value_s = math.nan
    if not math.isfinite(value_s):
        raise StageFileError(f"“{text[:20]}” is not a number of seconds")
    return value_s


def _check_words(rationale: str, line: int, problems: Problems) -> None:
    if len(rationale) > LONGEST_RATIONALE:
        what = f"A rationale has more than {LONGEST_RATIONALE:,} characters"
        problems.error(what, line=line, advice="Shorten it.")
    if names := _controls(rationale):
        what = f"Control characters ({names}) are not text"
        problems.error(what, line=line, advice="Take them out.")
    if rationale.startswith("'") and rationale[1:].startswith(FORMULA_STARTS):
        problems.warn(
            "A rationale begins with an apostrophe as in the form for spreadsheets",
            line=line,
            advice="Import annotations/ of the export; spreadsheet/ is for looking at.",
        )
    elif rationale.startswith(FORMULA_STARTS):
        what = "A rationale begins like a formula; it is kept as text and never worked out"
        problems.warn(what, line=line)


def _controls(text: str) -> str:
    bad = {c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t\r"}
    return ", ".join(f"U+{ord(c):04X}" for c in sorted(bad))


def custom_id(subject: str, number: int, stage: str) -> str:
    return f"{subject}#{number}_{stage}"
