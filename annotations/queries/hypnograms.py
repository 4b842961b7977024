"""Hypnograms of several scorings on one time axis, as shapes that a template can draw.

One unit across is one epoch, one unit down is one stage row; the page stretches both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from annotations.models import Scorer
from annotations.queries.agreement import ScoredNight, disagreements
from psg.hypnogram import Bout, bouts
from psg.stages import EPOCH_S, Stage
from recordings.models import Recording

ROW_OF = {Stage.W: 0, Stage.R: 1, Stage.N1: 2, Stage.N2: 3, Stage.N3: 4}
HOUR_S = 3600
TICKS_AT_MOST = 10


@dataclass(frozen=True)
class Hypnogram:
    """One scoring: a stepped line broken where unscored, its R bouts and its unscored bouts."""

    night: ScoredNight
    line: str
    rem: list[Bout]
    unscored: list[Bout]

    @property
    def lights(self) -> list[float]:
        """Epochs, not always whole, at which the lights go off and on, as far as marked."""
        scoring = self.night.scoring
        found = scoring.lights.after(scoring.recording.epoch0_s)
        return [mark_s / EPOCH_S for mark_s in (found.off_s, found.on_s) if mark_s is not None]

    @property
    def is_consensus(self) -> bool:
        return self.night.scoring.scorer.kind == Scorer.Kind.CONSENSUS


@dataclass(frozen=True)
class Dissent:
    """Neighbouring epochs on which scorers differ to the same degree, 0 to 1."""

    first: int
    epoch_count: int
    share: float


@dataclass(frozen=True)
class Tick:
    epoch: float
    text: str


def hypnogram(night: ScoredNight) -> Hypnogram:
    found = bouts(night.stages)
    return Hypnogram(
        night=night,
        line=_line(found),
        rem=[bout for bout in found if bout.stage is Stage.R],
        unscored=[bout for bout in found if bout.stage is None],
    )


def _line(found: Sequence[Bout]) -> str:
    """Return an SVG path: across each bout, up or down between scored neighbours."""
    parts: list[str] = []
    is_drawing = False
    for bout in found:
        if bout.stage is None:
            is_drawing = False
            continue
        row = ROW_OF[bout.stage] + 0.5
        parts.append(f"V{row}" if is_drawing else f"M{bout.first} {row}")
        parts.append(f"H{bout.end}")
        is_drawing = True
    return "".join(parts)


def dissent_runs(nights: Sequence[ScoredNight]) -> list[Dissent]:
    """Return the stretches on which scorers differ; where all agree there is none."""
    runs: list[Dissent] = []
    for epoch, share in enumerate(disagreements(nights)):
        last = runs[-1] if runs else None
        if last and last.share == share and last.first + last.epoch_count == epoch:
            runs[-1] = Dissent(last.first, last.epoch_count + 1, share)
        elif share:
            runs.append(Dissent(epoch, 1, share))
    return runs


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
