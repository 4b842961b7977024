"""Sleep statistics of every scoring, and how two scorers differ in them over nights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotations.agreement.measures import Codes, Estimate, Floats, bootstrap_of, defined
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.scoring.models import Scoring
from psg.agreement import DifferenceSums, bias, limits, spread
from psg.hypnogram import SleepStatistics, statistics_of_codes
from psg.stages import Stage, stage_codes

Statistic = tuple[str, str, Callable[[SleepStatistics], float | None]]

STATISTICS: tuple[Statistic, ...] = (
    ("Time in bed", "min", lambda s: s.tib_min),
    ("Sleep period", "min", lambda s: s.spt_min),
    ("Total sleep time", "min", lambda s: s.tst_min),
    ("Wake after sleep onset", "min", lambda s: s.waso_min),
    ("Wake within sleep period", "min", lambda s: s.wake_in_spt_min),
    ("Sleep efficiency", "%", lambda s: s.se_pct),
    ("Sleep maintenance", "%", lambda s: s.sme_pct),
    ("Sleep onset latency", "min", lambda s: s.sol_min),
    ("REM latency", "min", lambda s: s.rem_latency_min),
    ("N1 of sleep", "%", lambda s: s.stage_pct[Stage.N1]),
    ("N2 of sleep", "%", lambda s: s.stage_pct[Stage.N2]),
    ("N3 of sleep", "%", lambda s: s.stage_pct[Stage.N3]),
    ("R of sleep", "%", lambda s: s.stage_pct[Stage.R]),
    ("Unscored between lights", "%", lambda s: s.unscored_pct),
)
STATISTICS_NOTE = (
    "Time in bed: from lights off to lights on, as marked by the scorer, else as given for the"
    " recording, else from the first to the last scored epoch. Sleep latency begins at lights off,"
    " REM latency at the first epoch of sleep. Wake after sleep onset ends at lights on, as the"
    " AASM defines it; wake within the sleep period ends at the last epoch of sleep. N1, N2, N3"
    " and R are shares of the total sleep time. Unscored epochs count as time in bed only. None:"
    " the stage does not occur, or unscored epochs leave the value unknown."
)


@dataclass(frozen=True)
class SleepDifference:
    """A sleep statistic of two scorers: bias and limits of agreement (Bland and Altman)."""

    name: str
    unit: str
    recordings: int
    bias: Estimate
    sd: float | None
    lower_limit: Estimate
    upper_limit: Estimate

    @property
    def bias_and_limits(self) -> tuple[Estimate, ...]:
        return self.bias, self.lower_limit, self.upper_limit


@dataclass(frozen=True)
class PairSleep:
    """Differences of two scorers, first minus second, in every sleep statistic."""

    scorers: tuple[str, str]
    keys: tuple[str, str]
    statistics: tuple[SleepDifference, ...]


@dataclass(frozen=True)
class NightDifference:
    """Mean and difference of two scorers in a recording; None where undefined."""

    recording: str
    mean: float | None
    difference: float | None


STRIP_WIDTH, STRIP_MARGIN = 240, 4


@dataclass(frozen=True)
class Strip:
    """The differences of all recordings on a line STRIP_WIDTH units wide."""

    nights: list[tuple[float, NightDifference]]
    """Position of each recording, and its difference."""
    zero: float
    bias: float
    limits: tuple[float, float] | None
    """Position of the lower limit, and the width up to the upper one."""
    lowest: float
    highest: float
    """The ends of the line: the outermost of zero, the limits and the differences."""


@dataclass(frozen=True)
class SleepDifferenceByNight(SleepDifference):
    """The same with the difference in every recording."""

    nights: tuple[NightDifference, ...]

    @property
    def strip(self) -> Strip | None:
        """Positions of the differences; None below two, where the bias shows all there is."""
        differences = [n.difference for n in self.nights if n.difference is not None]
        if len(differences) < 2 or self.bias.value is None:
            return None
        low, high = self.lower_limit.value, self.upper_limit.value
        limits = None if low is None or high is None else (low, high)
        ends = [0.0, *differences, *(limits or ())]
        start, reach = min(ends), (max(ends) - min(ends)) or 1.0

        def position(value: float) -> float:
            inner = STRIP_WIDTH - 2 * STRIP_MARGIN
            return round(STRIP_MARGIN + inner * (value - start) / reach, 1)

        left, right = (position(limit) for limit in limits or (start, start))
        return Strip(
            nights=[
                (position(night.difference), night)
                for night in self.nights
                if night.difference is not None
            ],
            zero=position(0.0),
            bias=position(self.bias.value),
            limits=(left, round(right - left, 1)) if limits else None,
            lowest=start,
            highest=max(ends),
        )


def statistics_of(scoring: Scoring, stages: Sequence[Stage | None]) -> SleepStatistics:
    """Compute the sleep statistics of a scoring, between its own marks of the lights."""
    return _statistics(scoring, stage_codes(stages))


def _statistics(scoring: Scoring, codes: Codes) -> SleepStatistics:
    lights = scoring.lights.after(scoring.recording.epoch0_s)
    return statistics_of_codes(codes, lights_off_s=lights.off_s, lights_on_s=lights.on_s)


def statistics_by_scoring(sheet: Sheet) -> dict[int, Floats]:
    """Return (n_statistics,) by the key of the scoring, NaN where a statistic is undefined."""
    statistics = {}
    for night in sheet.nights:
        for scoring in night.scorings.values():
            computed = _statistics(scoring, sheet.coded[scoring.pk].stages)
            values = [of(computed) for _, _, of in STATISTICS]
            statistics[scoring.pk] = np.array(values, dtype=np.float64)
    return statistics


def sleep_differences(sheet: Sheet, values: Mapping[int, Floats]) -> tuple[PairSleep, ...]:
    """Compare every pair of columns over the nights that both scored.

    Parameters
    ----------
    values
        From `statistics_by_scoring`, of all scorings of the sheet.
    """
    pairs = list(combinations(sheet.columns, 2))
    nights = {pair: _nights_of_both(sheet, *pair) for pair in pairs}
    # Pairs with the same nights have the same draws, which take as long as the rest.
    alike = sorted(pairs, key=lambda pair: [night.recording.pk for night in nights[pair]])
    differences = {p: _differences(values, *p, nights[p]) for p in alike if nights[p]}
    return tuple(
        PairSleep(
            scorers=(first.label, second.label),
            keys=(first.key, second.key),
            statistics=tuple(differences[first, second]),
        )
        for first, second in pairs
        if nights[first, second]
    )


def pair_differences(
    sheet: Sheet, first: Column, second: Column
) -> tuple[SleepDifferenceByNight, ...]:
    """Compare two columns, first minus second, with the difference in every night."""
    values = statistics_by_scoring(sheet)
    nights = _nights_of_both(sheet, first, second)
    if not nights:
        return ()
    of_second = _values_of(nights, values, second)
    differences = _values_of(nights, values, first) - of_second
    means = of_second + differences / 2
    return tuple(
        SleepDifferenceByNight(
            **vars(statistic),
            nights=tuple(
                NightDifference(night.recording.name, defined(mean), defined(difference))
                for night, mean, difference in zip(
                    nights, means[:, place], differences[:, place], strict=True
                )
            ),
        )
        for place, statistic in enumerate(_differences(values, first, second, nights))
    )


def _nights_of_both(sheet: Sheet, first: Column, second: Column) -> list[SheetRow]:
    return [n for n in sheet.nights if first.key in n.scorings and second.key in n.scorings]


def _values_of(nights: Sequence[SheetRow], values: Mapping[int, Floats], column: Column) -> Floats:
    return np.array([values[night.scorings[column.key].pk] for night in nights])


def _differences(
    values: Mapping[int, Floats], first: Column, second: Column, nights: Sequence[SheetRow]
) -> list[SleepDifference]:
    differences = _values_of(nights, values, first) - _values_of(nights, values, second)
    sums = DifferenceSums.of(differences)
    bootstrap = bootstrap_of([night.recording.subject_id for night in nights])
    intervals = bootstrap.intervals(lambda times: _values(sums.drawn(times)))
    whole = sums.drawn(np.ones(len(differences)))
    spreads, count = spread(whole), len(STATISTICS)
    return [
        SleepDifference(
            name=name,
            unit=unit,
            recordings=int(whole.counts[place]),
            bias=Estimate.of(intervals[place]),
            sd=defined(float(spreads[place])),
            lower_limit=Estimate.of(intervals[count + place]),
            upper_limit=Estimate.of(intervals[2 * count + place]),
        )
        for place, (name, unit, _) in enumerate(STATISTICS)
    ]


def _values(sums: DifferenceSums) -> Floats:
    return np.concatenate([bias(sums), *limits(sums)], axis=-1)
