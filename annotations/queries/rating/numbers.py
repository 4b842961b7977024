"""Numbers of a rating study as pages and downloads say them, with a word where there is none."""

import math
from dataclasses import dataclass

from psg.agreement import Interval


@dataclass(frozen=True)
class Number:
    """A value with its interval; None where there is none, and `missing` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    subjects: int = 0
    missing: str = ""

    @classmethod
    def of(cls, interval: Interval, *, missing: str) -> "Number":
        value = known(interval.value)
        return cls(
            value=value,
            low=known(interval.low),
            high=known(interval.high),
            subjects=interval.subjects,
            missing="" if value is not None else missing,
        )

    @property
    def words(self) -> str:
        """The number as a paper has it."""
        if self.value is None:
            return "not available"
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} (95% CI {self.low:.2f} to {self.high:.2f})"


def known(value: float) -> float | None:
    return None if math.isnan(value) else value


def p_text(p: float | None) -> str:
    """A p value in a table."""
    if p is None:
        return "none"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def p_words(p: float | None) -> str:
    """A p value as a paper has it, with its sign."""
    if p is None:
        return "p not available"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
