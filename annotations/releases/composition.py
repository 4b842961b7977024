"""What a release is composed of, what the study lets it carry."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from studies.models import Study, Track


class ReleaseSource(StrEnum):
    CONSENSUS = "consensus"
    SCORER = "scorer"
    ALL = "all"


SOURCE_WORDS = {
    ReleaseSource.CONSENSUS: "The consensus of each night",
    ReleaseSource.SCORER: "One scorer",
    ReleaseSource.ALL: "Every finished scoring",
}
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Composition:
    """Which nights, whose scorings, which epochs of them, and how subjects are split.

    Nights are named, none meaning all that there are. `shares` gives the percent of subjects of
    each part, empty for no split; `given_parts` names the part of each night instead.
    """

    source: ReleaseSource = ReleaseSource.CONSENSUS
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
        values |= {"source": ReleaseSource(data["source"]), "track": Track(data["track"])}
        return cls(**values)


# What a study lets leave: words, images of epochs and signals, each by a leave of its own.


TERMS = "under its terms of release"


def carried_of(study: Study, composition: Composition, *, has_words: bool) -> dict[str, bool]:
    """Return what the files will hold of each kind; images without leave are only named."""
    return {
        "words": has_words,
        "images": carries_images(study, composition),
        "signals": composition.with_signals and study.may_release_signals,
    }


def carries_images(study: Study, composition: Composition) -> bool:
    return composition.with_images and study.may_release_images


def leave_problems(study: Study, composition: Composition, *, has_words: bool) -> list[str]:
    problems = []
    if has_words and not study.may_release_words:
        problems.append(
            "The study does not allow its rationales to leave: choose the coarse track and no"
            f" ratings, or allow it {TERMS}."
        )
    if composition.with_signals and not study.may_release_signals:
        problems.append(
            "The study does not allow its signals to leave: compose without them, or allow it"
            f" {TERMS}."
        )
    return problems


def leave_notes(study: Study, composition: Composition) -> list[str]:
    """Say what was asked for and is left out, though nothing is in the way."""
    if composition.with_images and not study.may_release_images:
        return [
            f"Images are only named, not included: the study does not allow them to leave {TERMS}."
        ]
    return []


def no_longer_allowed(study: Study, manifest: dict[str, Any]) -> list[str]:
    """Name what a frozen release carries and its study no longer lets leave."""
    leaves = {
        "words": study.may_release_words,
        "images": study.may_release_images,
        "signals": study.may_release_signals,
    }
    carries = manifest.get("carries", {})
    return [kind for kind, may_leave in leaves.items() if carries.get(kind) and not may_leave]


# The part of each night: given, drawn by subject, or none; and what is wrong with a split.


UNSPLIT = "all"
