"""Kept epochs of a release by stage, rule, track, scorer and part."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.releases.nights import NightEntry
from psg.stages import STAGES


@dataclass
class Counts:
    """Kept epochs by scorer and part, as tables show them."""

    stages: dict[str, Counter[str]] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    tracks: Counter[str] = field(default_factory=Counter)
    scorers: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "stages": {part: _in_order(found) for part, found in sorted(self.stages.items())},
            "rules": dict(sorted(self.rules.items())),
            "tracks": dict(sorted(self.tracks.items())),
            "scorers": dict(sorted(self.scorers.items())),
        }


def counts_of(
    entries: Sequence[NightEntry], contents: Sequence[tuple[Counter[str], Counter[str]]]
) -> Counts:
    counts = Counts()
    for entry, (stages, rules) in zip(entries, contents, strict=True):
        counts.stages.setdefault(entry.part, Counter()).update(stages)
        counts.rules.update(rules)
        counts.tracks[entry.track] += entry.kept_count
        counts.scorers[entry.scorer] += entry.kept_count
    return counts


def _in_order(found: Counter[str]) -> dict[str, int]:
    return {stage.value: found[stage.value] for stage in STAGES}
