"""What nights are called in an export."""

import re
from collections import Counter
from collections.abc import Sequence

from annotations.models import Scoring


def subject_names(scorings: Sequence[Scoring]) -> dict[int, str]:
    """Return the name of each scoring's night by the scoring's id.

    The subject's code, as MASS-EX has it; the recording's name where a subject has several
    nights here, so that no two rows share a custom_id.
    """
    nights = Counter(scoring.recording.subject.code for scoring in scorings)
    return {
        scoring.pk: (
            scoring.recording.subject.code
            if nights[scoring.recording.subject.code] == 1
            else scoring.recording.name
        )
        for scoring in scorings
    }


def file_stems(names: Sequence[str]) -> dict[str, str]:
    """Return a file name for each name: nothing that a path or another system could misread."""
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^\w.-]", "_", name).strip(".") or "night"
        stem, number = plain, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}_{number}"
        taken.add(stem.casefold())
        stems[name] = stem
    return stems
