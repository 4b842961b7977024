"""What is wrong with a file: each kind once, with its first line and how often it occurs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from psg.errors import PsgError, StageFileError

MOST_KINDS = 20


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing to put right or to know: what, in which line first, and what to do about it."""

    level: Level
    what: str
    line: int | None = None
    advice: str = ""
    count: int = 1


class Problems:
    """The problems of one file in the order they were met, errors and warnings apart."""

    def __init__(self) -> None:
        self._found: dict[tuple[Level, str], Problem] = {}
        self._more = 0

    def __iter__(self) -> Iterator[Problem]:
        yield from sorted(self._found.values(), key=lambda problem: problem.level)
        if self._more:
            yield Problem(Level.ERROR, f"{self._more} more problems like these")

    @property
    def has_errors(self) -> bool:
        return any(level is Level.ERROR for level, _ in self._found)

    def error(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(Level.ERROR, what, line, advice))

    def warn(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(Level.WARNING, what, line, advice))

    def refuse(self, error: PsgError) -> None:
        """Add an error that ended the reading."""
        where = f" ({error.where})" if error.where else ""
        self.error(f"{error.what}{where}", advice=error.advice)

    def raise_first(self) -> None:
        """Raise the first error, for callers that take a file as a whole or not at all.

        Raises
        ------
        StageFileError
        """
        for problem in self:
            if problem.level is Level.ERROR:
                where = f"line {problem.line}" if problem.line else ""
                raise StageFileError(problem.what, where=where, advice=problem.advice)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(problem) for problem in self]

    def _add(self, problem: Problem) -> None:
        key = (problem.level, problem.what)
        if known := self._found.get(key):
            self._found[key] = replace(known, count=known.count + 1)
        elif len(self._found) < MOST_KINDS:
            self._found[key] = problem
        else:
            self._more += 1
