"""The six derivations, and what each is made of in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Derivation(StrEnum):
    """The six derivations, in the fixed order of bands from top to bottom."""

    F4 = "F4-M1"
    C4 = "C4-M1"
    O2 = "O2-M1"
    E1 = "E1-M2"
    E2 = "E2-M2"
    CHIN = "Chin"


DERIVATIONS: tuple[Derivation, ...] = tuple(Derivation)
EEG_DERIVATIONS = (Derivation.F4, Derivation.C4, Derivation.O2)
EOG_DERIVATIONS = (Derivation.E1, Derivation.E2)


@dataclass(frozen=True)
class DerivationSource:
    """The source of a derivation: a channel of the file, or the difference of two.

    Attributes
    ----------
    positive, negative : int
        Places of the channels in the file; ``negative`` is None for a channel alone.
    label : str
        Labels of the file, as ``EEG C4 - EEG A2`` for a difference.
    reference : str
        The true reference, empty where the file does not say it.
    is_backup : bool
        Whether the electrode of the other side stands in.
    is_alternative : bool
        Whether a derivation stands in that AASM accepts instead, such as Fz-Cz.
    is_assumed : bool
        Whether the labels allow this meaning and do not say it.
    is_mapped : bool
        Whether a person says so.
    """

    derivation: Derivation
    positive: int
    negative: int | None
    label: str
    reference: str
    is_backup: bool = False
    is_alternative: bool = False
    is_assumed: bool = False
    is_mapped: bool = False


@dataclass(frozen=True)
class MontageMatch:
    """The derivations of a file with their sources, those missing, and notes for people."""

    sources: dict[Derivation, DerivationSource] = field(default_factory=dict)
    missing: tuple[Derivation, ...] = ()
    notes: tuple[str, ...] = ()
