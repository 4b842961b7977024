"""From the labels of a file to the six derivations that staging reads.

The true reference is kept beside the derivation: a linked-ear or Cz reference is read as
``F4-M1`` by models trained on it, but it is recorded for what it is.
"""

from psg.montage.derivations import (
    DERIVATIONS,
    EEG_DERIVATIONS,
    EOG_DERIVATIONS,
    Derivation,
    DerivationSource,
    MontageMatch,
)
from psg.montage.finding import candidates, find_derivations

__all__ = [
    "DERIVATIONS",
    "EEG_DERIVATIONS",
    "EOG_DERIVATIONS",
    "Derivation",
    "DerivationSource",
    "MontageMatch",
    "candidates",
    "find_derivations",
]
