"""Where a wave is said to be: derivations by any label, and regions of the head."""

from __future__ import annotations

from functools import lru_cache

from psg.claims.words import phrase_table
from psg.montage import Derivation, find_derivations

_F4, _C4, _O2 = Derivation.F4, Derivation.C4, Derivation.O2
_EYES = (Derivation.E1, Derivation.E2)

REGIONS = phrase_table(
    [
        ("frontal", (_F4,)),
        ("frontally", (_F4,)),
        ("fronto central", (_F4, _C4)),
        ("frontocentral", (_F4, _C4)),
        ("frontocentrally", (_F4, _C4)),
        ("central", (_C4,)),
        ("centrally", (_C4,)),
        ("vertex", (_C4,)),
        ("occipital", (_O2,)),
        ("occipitally", (_O2,)),
        ("posterior", (_O2,)),
        ("posteriorly", (_O2,)),
        ("occiput", (_O2,)),
        ("eog", _EYES),
        ("eye channel", _EYES),
        ("eye derivation", _EYES),
        ("both eyes", _EYES),
        ("left eye", (Derivation.E1,)),
        ("right eye", (Derivation.E2,)),
    ]
)


@lru_cache(maxsize=256)
def derivation_of(label: str) -> Derivation | None:
    """The derivation that a label of a channel stands for; that of the other side is its twin."""
    found = find_derivations([label]).found
    return next(iter(found), None)
