"""The scorings section of a recording's page: hypnograms, statistics, agreement, disagreements."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from django.db.models import QuerySet

from annotations.agreement.one_night import (
    Agreement,
    Pair,
    ScoredNight,
    agreement,
    disagreements,
    scored_nights,
)
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.agreement.sleep import STATISTICS, STATISTICS_NOTE, Statistic, statistics_of
from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import visible_scorings
from psg.agreement.ceiling import KAPPA
from psg.hypnogram import Bout, bouts
from psg.lights import Lights
from psg.stages import EPOCH_S, Stage
from recordings.models import Recording
from studies.models import User

ROW_OF = {Stage.W: 0, Stage.R: 1, Stage.N1: 2, Stage.N2: 3, Stage.N3: 4}
HOUR_S = 3600
TICKS_AT_MOST = 10


@dataclass(frozen=True)
class Hypnogram:
    """A scoring as SVG paths, two units a row: stages but for gaps, R bouts, unscored bouts."""

    night: ScoredNight
    line: str
    rem: str
    unscored: str

    @property
    def lights(self) -> list[float]:
        """Lights off and lights on, where marked, in epochs (with fractions)."""
        scoring = self.night.scoring
        lights = scoring.lights.after(scoring.recording.epoch0_s)
        return [mark_s / EPOCH_S for mark_s in (lights.off_s, lights.on_s) if mark_s is not None]

    @property
    def is_consensus(self) -> bool:
        return self.night.scoring.scorer.kind == Scorer.Kind.CONSENSUS


@dataclass(frozen=True)
class Dissent:
    """The epochs on which scorers differ to the same degree, 0 to 1, as an SVG path."""

    share: float
    path: str


@dataclass(frozen=True)
class Tick:
    epoch: float
    text: str


def hypnogram(night: ScoredNight) -> Hypnogram:
    of_night = bouts(night.stages)
    return Hypnogram(
        night=night,
        line=_line(of_night),
        rem=_boxes((bout for bout in of_night if bout.stage is Stage.R), top="2.5", height=1),
        unscored=_boxes((bout for bout in of_night if bout.stage is None), top="0", height=10),
    )


def _line(of_night: Sequence[Bout]) -> str:
    """Return a path: across each bout, up or down between scored neighbours."""
    parts: list[str] = []
    is_drawing = False
    for bout in of_night:
        if bout.stage is None:
            is_drawing = False
            continue
        y = 2 * ROW_OF[bout.stage] + 1
        parts.append(f"V{y}" if is_drawing else f"M{bout.first} {y}")
        parts.append(f"h{bout.epoch_count}")
        is_drawing = True
    return "".join(parts)


def _boxes(of_night: Iterable[Bout], *, top: str, height: int) -> str:
    """Return a path of a box for each bout; a box for each as an element takes five times more."""
    return "".join(
        f"M{bout.first} {top}h{bout.epoch_count}v{height}h-{bout.epoch_count}z" for bout in of_night
    )


def dissent_runs(nights: Sequence[ScoredNight]) -> list[Dissent]:
    """Return the epochs on which scorers differ, those of the same degree together."""
    paths: dict[float, str] = {}
    first = 0
    for share, run in groupby(disagreements(nights)):
        count = len(list(run))
        if share:
            paths[share] = f"{paths.get(share, '')}M{first} 0h{count}v1h-{count}z"
        first += count
    return [Dissent(share, path) for share, path in sorted(paths.items())]


def time_ticks(recording: Recording) -> list[Tick]:
    """Return whole hours of the clock, or of the recording where no clock is known."""
    clock_s = recording.start_clock_s
    start_s = (clock_s or 0) + recording.epoch0_s
    end_s = start_s + recording.epoch_count * EPOCH_S
    step_h = max(1, math.ceil((end_s - start_s) / HOUR_S / TICKS_AT_MOST))
    hours = range(math.ceil(start_s / HOUR_S), math.floor(end_s / HOUR_S) + 1, step_h)
    return [
        Tick(
            epoch=(hour * HOUR_S - start_s) / EPOCH_S,
            text=f"{hour} h" if clock_s is None else f"{hour % 24:02d}:00",
        )
        for hour in hours
    ]


# The parts of the section together

WORST_SHOWN = 12
UNSCORED: Statistic = ("Unscored between lights", "min", lambda s: s.unscored_min)


@dataclass(frozen=True)
class StatisticRow:
    """A sleep statistic of every scorer; None where undefined."""

    name: str
    unit: str
    values: list[float | None]


@dataclass(frozen=True)
class LightsRow:
    """Lights off or lights on of every scorer.

    A mark is in seconds from the start of the recording, with its origin, `own` or `recording`;
    None without a mark.
    """

    name: str
    marks: list[tuple[float, str] | None]


@dataclass(frozen=True)
class ScorerRow:
    """A scorer's marks of lights off and lights on, and statistics in their order."""

    label: str
    marks: list[tuple[float, str] | None]
    values: list[float | None]


@dataclass(frozen=True)
class KappaRow:
    label: str
    cells: list[Pair | None]


@dataclass(frozen=True)
class WorstEpoch:
    """An epoch on which scorers differ, with the stage of each scoring."""

    epoch: int
    share: float
    stages: list[tuple[Scoring, Stage | None]]

    @property
    def number(self) -> int:
        """The epoch as people count it, from 1."""
        return self.epoch + 1


@dataclass(frozen=True)
class RecordingScorings:
    recording: Recording
    hypnograms: list[Hypnogram]
    lights: list[LightsRow]
    statistics: list[StatisticRow]
    agreement: Agreement
    """Of all scorings that are no consensus and no copy, also of unfinished ones and of models."""
    headline: Agreement | None
    """Of the scorings that count on the agreement page; None where these are fewer than two."""
    headline_scorers: list[str]
    compared: list[ScoredNight]
    """The scorings of `agreement`, in the order of `matrix`."""
    matrix: list[KappaRow]
    dissent: list[Dissent]
    worst: list[WorstEpoch]
    differing_count: int
    ticks: list[Tick]
    human_kappa: float = KAPPA.value
    human_kappa_permille: int = round(1000 * KAPPA.value)
    human_source: str = KAPPA.source
    statistics_note: str = STATISTICS_NOTE

    @property
    def kappa_dots(self) -> str:
        """A path with a point for each pair, on a line from 0 to 1000."""
        pairs = [pair for pair in self.agreement.pairs if pair.kappa is not None]
        return "".join(f"M{pair.permille} 26h0" for pair in pairs)

    @property
    def by_scorer(self) -> list[ScorerRow]:
        """Lights marks and statistics with a row for each scorer."""
        return [
            ScorerRow(
                entry.night.label,
                [row.marks[place] for row in self.lights],
                [row.values[place] for row in self.statistics],
            )
            for place, entry in enumerate(self.hypnograms)
        ]


def recording_scorings(
    recording: Recording, user: User, *, with_all: bool = False
) -> RecordingScorings:
    """Return the scorings that `user` may see: consensus, own ones, those that count, others.

    Withdrawn scorings are left out. A consensus and copies of other scorings do not count in the
    agreement. The headline is that of the agreement page, over the same scorers.

    Parameters
    ----------
    with_all
        List all epochs with a disagreement in the order of the night, not only the WORST_SHOWN.
    """
    visible = visible_scorings(user).filter(recording=recording).order_by("pk")
    visible = visible.exclude(state=Scoring.State.WITHDRAWN)
    visible = visible.select_related("scorer", "recording", "copy_of__scorer")
    counted = _counted_on_agreement_page(visible)

    def place(night: ScoredNight) -> tuple[bool, bool, bool]:
        scoring = night.scoring
        is_consensus = scoring.scorer.kind == Scorer.Kind.CONSENSUS
        return not is_consensus, scoring.scorer.user_id != user.pk, scoring.pk not in counted

    nights = [n for n in scored_nights(recording, visible) if n.scored_count]
    nights.sort(key=place)
    raters = [n for n in nights if _counts(n.scoring)]
    compared = agreement(raters)
    headline = [night for night in raters if night.scoring.pk in counted]
    differing = _differing(raters) if len(raters) > 1 else []
    return RecordingScorings(
        recording=recording,
        hypnograms=[hypnogram(night) for night in nights],
        lights=_lights(nights),
        statistics=_statistics(nights),
        agreement=compared,
        headline=agreement(headline) if len(headline) > 1 else None,
        headline_scorers=[night.label for night in headline],
        compared=raters,
        matrix=_matrix(raters, compared),
        dissent=dissent_runs(raters) if len(raters) > 1 else [],
        worst=differing if with_all else _worst(differing),
        differing_count=len(differing),
        ticks=time_ticks(recording),
    )


def _counts(scoring: Scoring) -> bool:
    """Whether a scoring counts in the agreement: a consensus is made from the others."""
    return scoring.scorer.kind != Scorer.Kind.CONSENSUS and not scoring.is_copy


def _counted_on_agreement_page(visible: "QuerySet[Scoring]") -> set[int]:
    """Return the scorings of a recording that its agreement page compares by default."""
    sheet = sheet_of(visible)
    nights = sheet.only(compared_columns(sheet)).nights
    return {scoring.pk for night in nights for scoring in night.scorings.values()}


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
    return mark_s, "recording" if own_s is None else "own"


def _matrix(nights: Sequence[ScoredNight], compared: Agreement) -> list[KappaRow]:
    places = range(len(nights))
    pairs = dict(zip(map(frozenset, combinations(places, 2)), compared.pairs, strict=True))
    return [
        KappaRow(nights[row].label, [pairs.get(frozenset((row, column))) for column in places])
        for row in places
    ]


def _differing(nights: Sequence[ScoredNight]) -> list[WorstEpoch]:
    return [
        WorstEpoch(n, share, [(night.scoring, night.stages[n]) for night in nights])
        for n, share in enumerate(disagreements(nights))
        if share
    ]


def _worst(differing: Sequence[WorstEpoch]) -> list[WorstEpoch]:
    return sorted(differing, key=lambda epoch: -epoch.share)[:WORST_SHOWN]
