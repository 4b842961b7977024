"""Lengths of stays and changes of stage, in simulated nights and as scorers of DOD-H saw them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypedDict

from benchmarks.evidence.recordings import DATA
from psg.simulate import Difficulty
from psg.simulate.night import reference_stages
from psg.stages import STAGES, Stage

DOD_H = DATA / "dod-h"
SCORERS = 5
NIGHTS, NIGHT_H = 8, 8.0
EPOCHS_PER_H, EPOCHS_PER_MIN = 120, 2


class Architecture(TypedDict):
    """Changes of stage an hour, mean length of a stay in minutes, and share, by stage."""

    changes_per_h: float
    mean_stay_min: dict[str, float]
    share: dict[str, float]


def architecture(hypnograms: Iterable[Sequence[Stage | None]]) -> Architecture:
    """Count over all nights; epochs without a stage end a stay and are left out."""
    stays: dict[Stage, list[int]] = {stage: [] for stage in STAGES}
    changes = epochs = 0
    for hypnogram in hypnograms:
        runs = [(stage, len(list(same))) for stage, same in groupby(hypnogram)]
        changes += len(runs) - 1
        epochs += len(hypnogram)
        for stage, length in runs:
            if stage is not None:
                stays[stage].append(length)
    scored = sum(sum(lengths) for lengths in stays.values())
    return {
        "changes_per_h": round(changes * EPOCHS_PER_H / epochs, 1),
        "mean_stay_min": {
            stage: round(sum(lengths) / max(len(lengths), 1) / EPOCHS_PER_MIN, 1)
            for stage, lengths in stays.items()
        },
        "share": {stage: round(sum(lengths) / scored, 3) for stage, lengths in stays.items()},
    }


def of_difficulty(difficulty: Difficulty) -> Architecture:
    """Of the reference expert's stages of whole nights; no signals are made."""
    return architecture(
        reference_stages(hours=NIGHT_H, seed=seed, difficulty=difficulty) for seed in range(NIGHTS)
    )


def of_scorers() -> dict[str, Architecture]:
    return {
        f"DOD-H scorer {number}": architecture(
            _read(path) for path in sorted((DOD_H / f"scorer_{number}").glob("*.json"))
        )
        for number in range(1, SCORERS + 1)
    }


def _read(path: Path) -> list[Stage | None]:
    return [STAGES[code] if code >= 0 else None for code in json.loads(path.read_text())]
