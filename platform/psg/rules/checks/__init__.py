"""Checks of a scoring against its rule edition: one file a check.

An error says that a citation contradicts the edition; a warning says that a sequence is unusual
and worth a second look. Only stages and cited rules are read, never the signals.
"""

from psg.rules.checks.finding import Finding, Level, ScoredEpoch
from psg.rules.checks.run import check_scoring

__all__ = ["Finding", "Level", "ScoredEpoch", "check_scoring"]
