"""Figures of all readers over all nights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inference.training.evaluation.judgement import Judgement
from inference.training.evaluation.judging import JUDGED, JudgedNight
from inference.training.evaluation.readers import MAJORITY


class Totals:
    """Adds up judged nights. Their order decides last digits, so it must not be left to chance."""

    def __init__(self, readers: Sequence[str]) -> None:
        self._judgements = {name: Judgement() for name in readers}
        self._left_out: dict[str, dict[str, str]] = {name: {} for name in readers}

    def add(self, night: JudgedNight) -> None:
        for name, one in night.judgements.items():
            self._judgements[name].add(one)
        for name, why in night.left_out.items():
            self._left_out[name][night.stages.name] = why

    def figures(self) -> dict[str, Any]:
        """Figures of every reader, those of the commonest stage among them."""
        found = {name: self._figures(name) for name in self._judgements}
        return {**found, MAJORITY: self._judgements[JUDGED].commonest_stage()}

    def _figures(self, name: str) -> dict[str, Any]:
        left_out = self._left_out[name]
        told = {"left_out": [{"night": night, "why": why} for night, why in left_out.items()]}
        judgement = self._judgements[name]
        if not judgement.sums:
            why = next(iter(left_out.values()))
            return {"missing": f"it can read none of these nights: {why}", "nights": 0, **told}
        found = {**judgement.figures(), **told}
        if left_out:
            same = self._judgements[JUDGED].agreement(without=left_out)
            found["judged_on_same_nights"] = same
        return found
