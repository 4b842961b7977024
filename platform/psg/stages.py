"""Sleep stages. An unscored epoch is ``None`` (code -1) everywhere, never a stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from psg.errors import UnknownStageTextError

EPOCH_S = 30.0
UNSCORED_CODE = -1


class Stage(StrEnum):
    """The five stages of the AASM manual."""

    W = "W"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    R = "R"


STAGES: tuple[Stage, ...] = tuple(Stage)
HYPNOGRAM_ROWS: tuple[Stage, ...] = (Stage.W, Stage.R, Stage.N1, Stage.N2, Stage.N3)
"""Rows of a hypnogram from the top: R lies beside W, as on paper."""
_LABELS = {Stage.W: "Wake", Stage.R: "REM"}
_CODE_OF = {stage: code for code, stage in enumerate(STAGES)}

# Both manuals, and the spellings seen in public data. R&K stages 3 and 4 are both N3.
_STAGE_OF_TEXT: dict[str, Stage | None] = {
    "w": Stage.W,
    "wake": Stage.W,
    "1": Stage.N1,
    "n1": Stage.N1,
    "2": Stage.N2,
    "n2": Stage.N2,
    "3": Stage.N3,
    "4": Stage.N3,
    "n3": Stage.N3,
    "n4": Stage.N3,
    "r": Stage.R,
    "rem": Stage.R,
    "?": None,
    "unknown": None,
    "unscored": None,
}
_PREFIXES = ("sleep stage ", "stage ")


def stage_codes(stages: Sequence[Stage | None]) -> NDArray[np.int8]:
    """Give the integer code 0-4 of every stage, -1 for unscored; shape (n,)."""
    codes = [UNSCORED_CODE if stage is None else _CODE_OF[stage] for stage in stages]
    return np.array(codes, dtype=np.int8)


def stages_from_codes(codes: Iterable[int]) -> list[Stage | None]:
    """Give the stages behind integer codes 0-4; -1 is unscored, others are an error."""
    return [_stage_from_code(int(code)) for code in codes]


def _stage_from_code(code: int) -> Stage | None:
    if code == UNSCORED_CODE:
        return None
    if not 0 <= code < len(STAGES):
        raise UnknownStageTextError(
            f"Stage code {code} is not known",
            advice="Codes are 0-4 for W, N1, N2, N3, R, and -1 for unscored.",
        )
    return STAGES[code]


class StageForBrowser(TypedDict):
    """A stage as plain values for JSON."""

    id: str
    label: str


class StagesForBrowser(TypedDict):
    """The stages in the order of their codes 0-4, and the rows of a hypnogram from the top."""

    stages: list[StageForBrowser]
    hypnogram_rows: list[str]


def stages_for_browser() -> StagesForBrowser:
    """Return the stages as plain values for JSON."""
    return {
        "stages": [
            {"id": stage.value, "label": _LABELS.get(stage, stage.value)} for stage in STAGES
        ],
        "hypnogram_rows": [stage.value for stage in HYPNOGRAM_ROWS],
    }


def parse_stage_text(text: str) -> Stage | None:
    """Read a stage name such as ``Sleep stage 2``, ``N2``, ``REM`` or ``Sleep stage ?``.

    Raises
    ------
    UnknownStageTextError
        When the text names no stage. Movement time is such a case: it is not a stage.
    """
    bare = " ".join(text.split()).lower()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    if bare not in _STAGE_OF_TEXT:
        raise UnknownStageTextError(
            f"“{text.strip()[:40]}” is not a sleep stage",
            advice="Known names are W, N1, N2, N3, R (or 1-4, REM) and ? for unscored.",
        )
    return _STAGE_OF_TEXT[bare]
