"""Lines and cells of stage files: the first lines, and numbers read or refused with their place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from psg.errors import StageFileError
from psg.stagefiles.format import Content
from psg.stages import EPOCH_S

_HEAD_CHARACTERS = 20_000
_LONGEST_MATCHED = 300
_LINE_END = re.compile(r"\r\r?\n|\r|\n")


def first_lines(content: Content) -> list[str]:
    """Lines at the beginning of a text, to recognise it by; none of a file that is no text.

    Unlike `Content.lines` they refuse nothing, so that any file can be asked about.
    """
    if not content.is_text:
        return []
    text = content.text
    lines = _LINE_END.split(text[:_HEAD_CHARACTERS].lstrip("\ufeff"))
    return lines[:-1] if len(text) > _HEAD_CHARACTERS or lines[-1] == "" else lines


def matched(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """Match a whole line; a long one is none, since patterns may take long on it."""
    return pattern.fullmatch(line) if len(line) <= _LONGEST_MATCHED else None


def epoch_length_s(numbers: Sequence[int], onsets_s: Sequence[float]) -> float:
    """Length of the epochs of a list with numbers and times: the commonest step to the next."""
    steps_s = Counter(
        round(after_s - onset_s, 1)
        for (number, onset_s), (after, after_s) in pairwise(zip(numbers, onsets_s, strict=True))
        if after == number + 1 and after_s > onset_s
    )
    return steps_s.most_common(1)[0][0] if steps_s else EPOCH_S


def number_of(text: str, where: str) -> float:
    """Read a finite number; a comma may stand for the decimal point.

    The refusal names the place alone, since another text there may be the name of a person.

    Raises
    ------
    StageFileError
        When the text is no finite number.
    """
    value = optional_number(text)
    if value is None:
        raise StageFileError(
            "A number is missing, or is not a finite number",
            where=where,
            advice="Correct the line, or export the stages again.",
        )
    return value


def optional_number(text: str) -> float | None:
    """Read a finite number; None for any other text."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
