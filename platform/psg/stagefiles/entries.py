"""Stage entries of a file, and the integer codes that tools write for stages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from psg.errors import StageFileError, UnknownStageTextError
from psg.stages import Stage, parse_stage_text

# A week. No stage lies further from the start of its recording, so that nobody who lays entries
# on a grid meets a number without an end.
FARTHEST_S = 7 * 86_400.0


@dataclass(frozen=True)
class StageEntry:
    """A stage over a stretch of time; onset in seconds from the start of the recording.

    Raises
    ------
    StageFileError
        When a time is not a finite number, or lies further than a week from the start.
    """

    onset_s: float
    duration_s: float
    stage: Stage | None
    text: str

    def __post_init__(self) -> None:
        ends_s = (self.onset_s, self.duration_s, self.onset_s + self.duration_s)
        if not all(math.isfinite(end_s) for end_s in ends_s):
            raise StageFileError(
                "The time of a stage is not a finite number", where=self._place, advice=_CORRECT
            )
        if max(map(abs, ends_s)) > FARTHEST_S:
            raise StageFileError(
                "A stage lies more than a week from the start of the recording",
                where=self._place,
                advice=f"{_CORRECT} Are the times in seconds?",
            )

    @property
    def _place(self) -> str:
        return f"{self.duration_s:g} s at {self.onset_s:g} s"


_CORRECT = "Correct the onset and the duration."


# Integer codes clash between tools, so a file of integers needs a named map.

CodeMap = Mapping[int, Stage | None]

_AASM = {0: Stage.W, 1: Stage.N1, 2: Stage.N2, 3: Stage.N3}

CODE_MAPS: Mapping[str, CodeMap] = MappingProxyType(
    {
        # yasa and Visbrain: -1 artefact, -2 unscored. Dreem uses the same, -1 unscored.
        "yasa": {**_AASM, 4: Stage.R, -1: None, -2: None},
        # Profusion and NSRR keep the R&K stage 4; 6 is movement, 9 unscored.
        "profusion": {**_AASM, 4: Stage.N3, 5: Stage.R, 6: None, 9: None},
    }
)

_INTEGER = re.compile(r"[+-]?\d+(?:\.0+)?")
_LONGEST_CODE = 12
_UNSCORED_WORDS = {"art", "uns", "artefact", "artifact", ""}


def stage_of(text: str, code_map: CodeMap | None) -> Stage | None:
    """Read a stage written as a name, or as an integer of a declared map.

    Raises
    ------
    StageFileError
        For an integer without a declared map, or an integer that the map does not hold.
    UnknownStageTextError
        For a name that is no stage.
    """
    bare = text.strip()
    if bare.lower() in _UNSCORED_WORDS:
        return None
    if not _INTEGER.fullmatch(bare):
        return parse_stage_text(bare)
    if code_map is None:
        raise StageFileError(
            "The stages are integers, and tools disagree on what 4 and 5 mean",
            where=f"“{bare[:40]}”",
            advice=f"Say which code is meant: {', '.join(CODE_MAPS)}.",
        )
    # Codes have one digit. A text of hundreds of digits has no number that a float can hold.
    code = int(float(bare)) if len(bare) <= _LONGEST_CODE else None
    if code is None or code not in code_map:
        raise UnknownStageTextError(
            f"The code {bare[:_LONGEST_CODE]} is not in the declared map",
            advice=f"It holds {', '.join(str(key) for key in sorted(code_map))}.",
        )
    return code_map[code]
