"""What a study lets leave: words, images of epochs and signals, each by a leave of its own."""

from typing import Any

from annotations.releases.composition import Composition
from studies.models import Study

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
