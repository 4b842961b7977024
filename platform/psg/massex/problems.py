"""Problems of a file: each kind once, with its first line and its number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from psg.errors import PsgError, StageFileError, as_text

MOST_KINDS = 20


class ProblemLevel(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """An error or a warning: what, in which line first, and what to do."""

    level: ProblemLevel
    what: str
    line: int | None = None
    advice: str = ""
    count: int = 1


class Problems:
    """The problems of a file in their order, errors before warnings."""

    def __init__(self) -> None:
        self._problems: dict[tuple[ProblemLevel, str], Problem] = {}
        self._more = 0

    def __iter__(self) -> Iterator[Problem]:
        yield from sorted(self._problems.values(), key=lambda problem: problem.level)
        if self._more:
            yield Problem(ProblemLevel.ERROR, f"{self._more} more problems like these")

    @property
    def has_errors(self) -> bool:
        return any(level is ProblemLevel.ERROR for level, _ in self._problems)

    def error(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(ProblemLevel.ERROR, as_text(what), line, as_text(advice)))

    def warn(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(ProblemLevel.WARNING, as_text(what), line, as_text(advice)))

    def refuse(self, error: PsgError) -> None:
        """Add an error that ended the reading."""
        where = f" ({error.where})" if error.where else ""
        self.error(f"{error.what}{where}", advice=error.advice)

    def raise_first(self) -> None:
        """Raise the first error, for callers that need the whole file.

        Raises
        ------
        StageFileError
        """
        for problem in self:
            if problem.level is ProblemLevel.ERROR:
                where = f"line {problem.line}" if problem.line else ""
                raise StageFileError(problem.what, where=where, advice=problem.advice)

    def _add(self, problem: Problem) -> None:
        key = (problem.level, problem.what)
        if known := self._problems.get(key):
            self._problems[key] = replace(known, count=known.count + 1)
        elif len(self._problems) < MOST_KINDS:
            self._problems[key] = problem
        else:
            self._more += 1
