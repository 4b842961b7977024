"""Recordings of a subject that run at the same time, which no person can have slept.

When a recording ran may tell who was recorded, and is not stored. Digests of the stretches of
5 min in which it ran are compared; without the secret key of the site they tell no time.
"""

from collections.abc import Iterable, Iterator

from django.utils.crypto import salted_hmac

from psg.ingest.overlap import STRETCH_S
from recordings.models import Recording
from studies.models import Study

_DIGITS = 10  # of a digest: two of a study are hardly ever equal by chance


def stretch_digests(study: Study, stretches: Iterable[int]) -> list[str]:
    """Return what is stored of the stretches in which a recording ran."""
    return [
        salted_hmac("recordings.overlaps", f"{study.pk}:{stretch}", algorithm="sha256").hexdigest()[
            :_DIGITS
        ]
        for stretch in stretches
    ]


def overlapping(
    study: Study, subject_code: str, digests: Iterable[str]
) -> Iterator[tuple[Recording, int]]:
    """Yield recordings of a subject that ran at the same time, and for how many minutes, about.

    Two recordings that share a single stretch may follow one another.
    """
    mine = set(digests)
    others = study.recordings.filter(subject__code=subject_code).only("name", "stretches")
    for other in others.exclude(state=Recording.State.FAILED) if mine else ():
        both = len(mine.intersection(other.stretches))
        if both > 1:
            yield other, round((both - 1) * STRETCH_S / 60)


def overlap_notes(recording: Recording) -> list[str]:
    """Say which other recordings of the subject run at the same time, for leads, as it is now."""
    others = overlapping(recording.study, recording.subject.code, recording.stretches)
    return [
        "Another recording of this subject runs at the same time"
        f" ({other.name}, about {minutes} min together)."
        for other, minutes in others
        if other.pk != recording.pk
    ]
