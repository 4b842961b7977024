"""The composition of a release, and what its study allows it to contain."""

from dataclasses import dataclass, field
from enum import StrEnum

from psg.typed_json import JsonObject, as_json, from_json
from studies.models import Study, Track


class ReleaseSource(StrEnum):
    CONSENSUS = "consensus"
    SCORER = "scorer"
    ALL = "all"


SOURCE_WORDS = {
    ReleaseSource.CONSENSUS: "Consensus of each recording",
    ReleaseSource.SCORER: "Single scorer",
    ReleaseSource.ALL: "All finished scorings",
}
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Composition:
    """The recordings, scorings and epochs of a release, and its split by subject.

    Without `recordings` all of the study are meant. `shares` gives the percent of subjects of
    each part, empty for no split; `given_parts` gives the part of each recording instead.
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
    with_published: bool = False
    authors: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        return dict(as_json(self))

    @classmethod
    def from_json(cls, data: object) -> "Composition":
        return from_json(cls, data)


# What a study allows a release to contain: texts, images of epochs and signals.


TERMS = "in its release terms"


@dataclass(frozen=True)
class Carried:
    """The kinds of data in the files of a release, each of which the study has to allow."""

    words: bool = False
    images: bool = False
    signals: bool = False


def carried_of(study: Study, composition: Composition, *, has_words: bool) -> Carried:
    """Return what the files will contain; images that are not allowed are only listed."""
    return Carried(
        words=has_words,
        images=carries_images(study, composition),
        signals=composition.with_signals and study.may_release_signals,
    )


def carries_images(study: Study, composition: Composition) -> bool:
    return composition.with_images and study.may_release_images


def leave_problems(study: Study, composition: Composition, *, has_words: bool) -> list[str]:
    problems = []
    if has_words and not study.may_release_words:
        problems.append(
            "The study does not allow the release of rationales. Choose the coarse track and no"
            f" ratings, or allow it {TERMS}."
        )
    if composition.with_signals and not study.may_release_signals:
        problems.append(
            "The study does not allow the release of signals. Exclude the signals, or allow them"
            f" {TERMS}."
        )
    return problems


def leave_notes(study: Study, composition: Composition) -> list[str]:
    """Return what was requested and is excluded, though the release can be frozen."""
    notes = []
    if composition.with_images and not study.may_release_images:
        notes.append(f"Images are listed but not included: the study does not allow them {TERMS}.")
    if composition.with_published and not carries_images(study, composition):
        notes.append(
            "The published layout has no samples for pre-training: they need the images of the"
            " epochs."
        )
    return notes


def no_longer_allowed(study: Study, carries: Carried) -> list[str]:
    """Return the kinds of data in a frozen release that its study does not allow now."""
    kinds = {
        "words": carries.words and not study.may_release_words,
        "images": carries.images and not study.may_release_images,
        "signals": carries.signals and not study.may_release_signals,
    }
    return [kind for kind, is_refused in kinds.items() if is_refused]


# The part of every recording where there is no split.
UNSPLIT = "all"
