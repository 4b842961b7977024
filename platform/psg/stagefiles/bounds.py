"""Bounds of stage files: how much a file of one night may hold."""

from __future__ import annotations

from psg.errors import StageFileError

MAX_BYTES = 32 * 1024 * 1024
# A week of stages in pieces of six seconds; a line of a stage is short in every format.
MOST_STAGES = 100_000
LONGEST_LINE = 50_000


def check_count(count: int) -> None:
    """Refuse more stages than a recording can have."""
    if count > MOST_STAGES:
        raise StageFileError(
            f"The file has more than {MOST_STAGES:,} stages",
            where=f"{count:,} stages",
            advice="It should have one stage for each epoch of one recording.",
        )


def checked_lines(lines: list[str]) -> list[str]:
    """Return lines that are short, and together not too many."""
    if len(lines) > MOST_STAGES:
        raise StageFileError(
            f"The file has more than {MOST_STAGES:,} lines",
            where=f"line {MOST_STAGES + 1}",
            advice="It should have one line for each epoch of one recording.",
        )
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise StageFileError(
                f"A line has more than {LONGEST_LINE:,} characters",
                where=f"line {number}",
                advice="A line should hold one stage. Check that this is a stage file.",
            )
    return lines
