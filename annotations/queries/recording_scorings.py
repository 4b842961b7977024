"""Everything the scorings section of a recording's page shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from annotations.models import Scorer, Scoring
from annotations.queries.agreement import (
    Agreement,
    Pair,
    ScoredNight,
    agreement,
    disagreements,
    scored_nights,
)
from annotations.queries.agreement.sleep import STATISTICS, Statistic, statistics_of
from annotations.queries.hypnograms import (
    Dissent,
    Hypnogram,
    Tick,
    dissent_runs,
    hypnogram,
    time_ticks,
)
from psg.agreement.ceiling import KAPPA
from psg.lights import Lights
from psg.stages import Stage
from recordings.models import Recording
from studies.models import User

WORST_SHOWN = 12

UNSCORED: Statistic = ("Not scored in between", "min", lambda s: s.unscored_min)


@dataclass(frozen=True)
class StatisticRow:
    """One sleep statistic over the scorers; None reads "not scored"."""

    name: str
    unit: str
    values: list[float | None]


@dataclass(frozen=True)
class LightsRow:
    """Lights off or lights on over the scorers: clock and whose mark it is; None without one."""

    name: str
    marks: list[tuple[float, str] | None]


@dataclass(frozen=True)
class MatrixRow:
    label: str
    cells: list[Pair | None]


@dataclass(frozen=True)
class WorstEpoch:
    """An epoch on which scorers differ, with who says what."""

    epoch: int
    share: float
    said: list[tuple[Scoring, Stage | None]]


@dataclass(frozen=True)
class RecordingScorings:
    recording: Recording
    hypnograms: list[Hypnogram]
    lights: list[LightsRow]
    statistics: list[StatisticRow]
    agreement: Agreement
    matrix: list[MatrixRow]
    dissent: list[Dissent]
    worst: list[WorstEpoch]
    differing_count: int
    ticks: list[Tick]
    human_kappa: float = KAPPA.value
    human_kappa_permille: int = round(1000 * KAPPA.value)
    human_source: str = KAPPA.source


def recording_scorings(
    recording: Recording, user: User, *, with_all: bool = False
) -> RecordingScorings:
    """Gather what `user` may see of the scorings; consensus first, and left out of agreement.

    Of the epochs on which scorers differ the worst come along, or all in the order of the night.
    """
    visible = Scoring.objects.of(user).filter(recording=recording).order_by("pk")
    visible = visible.select_related("scorer", "recording")
    nights = [n for n in scored_nights(recording, visible) if n.scored_count]
    nights.sort(key=lambda night: night.scoring.scorer.kind != Scorer.Kind.CONSENSUS)
    raters = [n for n in nights if n.scoring.scorer.kind != Scorer.Kind.CONSENSUS]
    found = agreement(raters)
    differing = _differing(raters) if len(raters) > 1 else []
    return RecordingScorings(
        recording=recording,
        hypnograms=[hypnogram(night) for night in nights],
        lights=_lights(nights),
        statistics=_statistics(nights),
        agreement=found,
        matrix=_matrix(raters, found),
        dissent=dissent_runs(raters) if len(raters) > 1 else [],
        worst=differing if with_all else _worst(differing),
        differing_count=len(differing),
        ticks=time_ticks(recording),
    )


def _statistics(nights: Sequence[ScoredNight]) -> list[StatisticRow]:
    computed = [statistics_of(night.scoring, night.stages) for night in nights]
    rows = (*STATISTICS, UNSCORED)
    return [StatisticRow(name, unit, [of(s) for s in computed]) for name, unit, of in rows]


def _lights(nights: Sequence[ScoredNight]) -> list[LightsRow]:
    return [
        LightsRow("Lights off", [_mark(n, lambda lights: lights.off_s) for n in nights]),
        LightsRow("Lights on", [_mark(n, lambda lights: lights.on_s) for n in nights]),
    ]


def _mark(night: ScoredNight, of: Callable[[Lights], float | None]) -> tuple[float, str] | None:
    scoring = night.scoring
    own_s, mark_s = of(Lights(scoring.lights_off_s, scoring.lights_on_s)), of(scoring.lights)
    if mark_s is None:
        return None
    start_s = scoring.recording.start_clock_s or 0
    return start_s + mark_s, "recording" if own_s is None else "own"


def _matrix(nights: Sequence[ScoredNight], found: Agreement) -> list[MatrixRow]:
    places = range(len(nights))
    pairs = dict(zip(map(frozenset, combinations(places, 2)), found.pairs, strict=True))
    return [
        MatrixRow(nights[one].label, [pairs.get(frozenset((one, two))) for two in places])
        for one in places
    ]


def _differing(nights: Sequence[ScoredNight]) -> list[WorstEpoch]:
    return [
        WorstEpoch(n, share, [(night.scoring, night.stages[n]) for night in nights])
        for n, share in enumerate(disagreements(nights))
        if share
    ]


def _worst(differing: Sequence[WorstEpoch]) -> list[WorstEpoch]:
    return sorted(differing, key=lambda one: -one.share)[:WORST_SHOWN]
