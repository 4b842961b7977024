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


class FileStems:
    """File names for names: nothing that a path or another system could misread."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """Return the file name of `name`, the same whenever it is asked for."""
        if name not in self._stems:
            self._stems[name] = self._free(re.sub(r"[^\w.-]", "_", name).strip(".") or "night")
        return self._stems[name]

    def _free(self, plain: str) -> str:
        stem, number = plain, 1
        while stem.casefold() in self._taken:
            number += 1
            stem = f"{plain}_{number}"
        self._taken.add(stem.casefold())
        return stem
