"""The nights to be judged on, one at a time: a night of eight hours takes 70 MB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from inference.training.data import LabelledNight
from inference.training.data_loading import data_in
from inference.training.data_simulated import COHORTS, simulated_night
from inference.training.errors import TrainingError
from inference.training.evaluation.processes import Recording, made
from psg.rules.editions import DEFAULT_EDITION
from psg.simulate import cohort_seeds
from psg.stagefiles import CodeMap


@dataclass(frozen=True)
class Source:
    """Where nights come from, in which words, and how each is made when its turn comes."""

    about: str
    part: str
    night_count: int
    rule_edition: str
    recordings: Sequence[Recording]


def simulated_source(part: str, *, nights: int, hours: float, cache: Path | None) -> Source:
    """Simulated subjects of a part; those for testing are unlike every training subject."""
    seeds = cohort_seeds(COHORTS[part], nights)
    return Source(
        about=f"{nights} simulated nights of {hours:g} h, {COHORTS[part]} subjects",
        part=part,
        night_count=nights,
        rule_edition=DEFAULT_EDITION,
        recordings=[
            partial(_simulated, seed, part=part, hours=hours, cache=cache) for seed in seeds
        ],
    )


def _simulated(
    seed: int, *, part: str, hours: float, cache: Path | None
) -> Sequence[LabelledNight]:
    return [simulated_night(seed, part=part, hours=hours, cache=cache)]


def folder_source(
    folder: Path | None,
    part: str,
    *,
    recordings: Path,
    cache: Path | None,
    codes: CodeMap | None = None,
) -> Source:
    """Nights of one part of an unpacked release or a folder in MASS-EX layout, or all nights of
    a folder with stage files; without a folder of labels, nights without any.

    Raises
    ------
    TrainingError
        When the data is not whole, or has no night of that part.
    """
    data = data_in(folder, recordings=recordings, cache=cache, codes=codes)
    nights = sorted(data.part(part), key=attrgetter("recording"))
    if not nights:
        parts = sorted({night.part for night in data.nights})
        raise TrainingError(
            f"The data has no night for {part}",
            where=str(folder),
            advice=f"It has {', '.join(parts)}: release it with a split, or name another part.",
        )
    by_recording = (tuple(its) for _, its in groupby(nights, attrgetter("recording")))
    return Source(
        about=data.about,
        part=part,
        night_count=len(nights),
        rule_edition=data.rule_edition,
        recordings=[made(its) for its in by_recording],
    )
