"""Integers that tools write for stages. They clash, so a file of integers needs a named map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from psg.stages import Stage

CodeMap = Mapping[int, Stage | None]

_AASM = {0: Stage.W, 1: Stage.N1, 2: Stage.N2, 3: Stage.N3}
_RK = {**_AASM, 4: Stage.N3, 5: Stage.R}

CODE_MAPS: Mapping[str, CodeMap] = MappingProxyType(
    {
        # yasa and Visbrain: -1 artefact, -2 unscored. Dreem uses the same, -1 unscored.
        "yasa": {**_AASM, 4: Stage.R, -1: None, -2: None},
        # Profusion and NSRR keep the R&K stage 4; 6 is movement, 9 unscored. ISRUC likewise.
        "profusion": {**_RK, 6: None, 9: None},
        # SpiSOP and SleepTrip: 8 movement time, -1 unscored.
        "spisop": {**_RK, 8: None, -1: None},
        # DREAMS counts down: 5 is wake, 0 is R&K stage 4; negative is movement or unscored.
        "dreams": {
            5: Stage.W,
            4: Stage.R,
            3: Stage.N1,
            2: Stage.N2,
            1: Stage.N3,
            0: Stage.N3,
            -1: None,
            -2: None,
            -3: None,
        },
        # The database of St. Vincent's University Hospital: 1 is REM; 6 artefact, 7 indeterminate.
        "ucddb": {
            0: Stage.W,
            1: Stage.R,
            2: Stage.N1,
            3: Stage.N2,
            4: Stage.N3,
            5: Stage.N3,
            6: None,
            7: None,
        },
    }
)
RK_NUMBERS: CodeMap = {1: Stage.N1, 2: Stage.N2, 3: Stage.N3, 4: Stage.N3}

# As numpy writes integers.
_EXPONENT = re.compile(r"[+-]?\d\.\d{1,20}[eE][+-]\d{2}")
_INTEGER = re.compile(r"([+-]?\d{1,6})(?:[.,]0*)?")
# An integer, however long: longer ones are in no map.
_ANY_INTEGER = re.compile(r"[+-]?\d+(?:[.,]0*)?")
NO_CODE = -(10**9)


def code_of(text: str) -> int | None:
    """Read an integer such as ``2`` or ``2.0``; None for any other text.

    >>> code_of("2.0"), code_of("N2"), code_of("2.000e+00")
    (2, None, 2)
    """
    bare = text.strip()
    if _EXPONENT.fullmatch(bare):
        return int(value) if (value := float(bare)).is_integer() else None
    match = _INTEGER.fullmatch(bare)
    if match:
        return int(match.group(1))
    return NO_CODE if _ANY_INTEGER.fullmatch(bare) else None
