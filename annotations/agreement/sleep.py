"""Sleep statistics of every scoring, and how two scorers differ in them over nights."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import Floats, bootstrap_of, known, told
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.scoring.models import Scoring
from psg.agreement import DifferenceSums, bias, limits, spread
from psg.hypnogram import SleepStatistics, sleep_statistics
from psg.stages import Stage, stages_from_codes

Statistic = tuple[str, str, Callable[[SleepStatistics], float | None]]

STATISTICS: tuple[Statistic, ...] = (
    ("Time in bed", "min", lambda s: s.tib_min),
    ("Sleep period", "min", lambda s: s.spt_min),
    ("Total sleep time", "min", lambda s: s.tst_min),
    ("Wake after sleep onset", "min", lambda s: s.waso_min),
    ("Sleep efficiency", "%", lambda s: s.se_pct),
    ("Sleep maintenance", "%", lambda s: s.sme_pct),
    ("Sleep onset latency", "min", lambda s: s.sol_min),
    ("REM latency", "min", lambda s: s.rem_latency_min),
    ("N1 of sleep", "%", lambda s: s.stage_pct[Stage.N1]),
    ("N2 of sleep", "%", lambda s: s.stage_pct[Stage.N2]),
    ("N3 of sleep", "%", lambda s: s.stage_pct[Stage.N3]),
    ("R of sleep", "%", lambda s: s.stage_pct[Stage.R]),
)


def statistics_of(scoring: Scoring, stages: Sequence[Stage | None]) -> SleepStatistics:
    """Compute those of one scoring, between its own marks of the lights."""
    lights = scoring.lights.after(scoring.recording.epoch0_s)
    return sleep_statistics(stages, lights_off_s=lights.off_s, lights_on_s=lights.on_s)


def measured(sheet: Sheet) -> dict[int, Floats]:
    """(n_statistics,) of every scoring by its key, NaN where a statistic is undefined."""
    found = {}
    for night in sheet.nights:
        for scoring in night.scorings.values():
            stages = stages_from_codes(sheet.coded[scoring.pk].stages)
            computed = statistics_of(scoring, stages)
            values = [of(computed) for _, _, of in STATISTICS]
            found[scoring.pk] = np.array(values, dtype=np.float64)
    return found


def sleep_differences(sheet: Sheet) -> list[dict[str, Any]]:
    """Bias and limits of agreement of every pair of columns, over the nights both scored."""
    values = measured(sheet)
    return [
        {
            "scorers": [one.label, two.label],
            "keys": [one.key, two.key],
            "statistics": _told(*_differences(sheet, values, one, two)),
        }
        for one, two in combinations(sheet.columns, 2)
        if any(one.key in n.scorings and two.key in n.scorings for n in sheet.nights)
    ]


def pair_differences(sheet: Sheet, one: Column, two: Column) -> list[dict[str, Any]]:
    """The same of one pair, first less second, with the difference in every night."""
    values = measured(sheet)
    differences, both = _differences(sheet, values, one, two)
    if not both:
        return []
    rows = _told(differences, both)
    means = _values_of(both, values, two) + differences / 2
    for place, row in enumerate(rows):
        row["nights"] = [
            {
                "recording": night.recording.name,
                "mean": known(mean),
                "difference": known(difference),
            }
            for night, mean, difference in zip(
                both, means[:, place], differences[:, place], strict=True
            )
        ]
    return rows


def _differences(
    sheet: Sheet, values: dict[int, Floats], one: Column, two: Column
) -> tuple[Floats, list[SheetRow]]:
    """First less second, and the nights that both scored."""
    both = [n for n in sheet.nights if one.key in n.scorings and two.key in n.scorings]
    return _values_of(both, values, one) - _values_of(both, values, two), both


def _values_of(nights: Sequence[SheetRow], values: dict[int, Floats], column: Column) -> Floats:
    return np.array([values[night.scorings[column.key].pk] for night in nights])


def _told(differences: NDArray[np.float64], nights: Sequence[SheetRow]) -> list[dict[str, Any]]:
    sums = DifferenceSums.of(differences)
    bootstrap = bootstrap_of([night.recording.subject_id for night in nights])
    intervals = bootstrap.intervals(lambda times: _values(sums.drawn(times)))
    whole = sums.drawn(np.ones(len(differences)))
    spreads, count = spread(whole), len(STATISTICS)
    return [
        {
            "name": name,
            "unit": unit,
            "recordings": int(whole.counts[place]),
            "bias": told(intervals[place]),
            "sd": known(float(spreads[place])),
            "lower_limit": told(intervals[count + place]),
            "upper_limit": told(intervals[2 * count + place]),
        }
        for place, (name, unit, _) in enumerate(STATISTICS)
    ]


def _values(sums: DifferenceSums) -> Floats:
    return np.concatenate([bias(sums), *limits(sums)], axis=-1)
