"""What somebody asked to be in a release."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from studies.models import Track


class Source(StrEnum):
    CONSENSUS = "consensus"
    SCORER = "scorer"
    ALL = "all"


SOURCE_WORDS = {
    Source.CONSENSUS: "The consensus of each night",
    Source.SCORER: "One scorer",
    Source.ALL: "Every finished scoring",
}
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Composition:
    """Which nights, whose scorings, which epochs of them, and how subjects are split.

    Nights are named, none meaning all that there are. `shares` gives the percent of subjects of
    each part, empty for no split; `given_parts` names the part of each night instead.
    """

    source: Source = Source.CONSENSUS
    scorer_id: int | None = None
    recordings: tuple[str, ...] = ()
    track: Track = Track.FINE
    left_out_flags: tuple[str, ...] = ()
    least_mean_rating: float | None = None
    least_agreement_percent: float | None = None
    shares: dict[str, float] = field(default_factory=dict)
    given_parts: dict[str, str] = field(default_factory=dict)
    seed: int = 1
    with_ratings: bool = False
    with_images: bool = False
    with_signals: bool = False
    authors: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Composition":
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        values |= {"source": Source(data["source"]), "track": Track(data["track"])}
        return cls(**values)
