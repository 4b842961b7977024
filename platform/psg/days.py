"""Days on which recordings and stage files begin, as numbers.

Dates may tell who a person is. They are compared while files are read, and never kept.
"""

from __future__ import annotations

from datetime import date


def day_number(year: int, month: int, day: int) -> int | None:
    """Number a day; None for no day, and for 1 January, which stands for a date that was removed.

    Years of two digits, as in EDF headers, are those from 1985 on.
    """
    if year < 100:
        year += 1900 if year >= 85 else 2000
    if (month, day) == (1, 1):
        return None
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None
