"""Claims of rationales, checked against the signal of their epoch.

>>> [claim.kind for claim in claims_of("A spindle in C4-M1 at 12.3 s, no slow waves.")]
['spindle', 'slow_wave']

``read_claims(text)`` gives the words that were not understood, too. ``measure_night(night)`` runs
the detectors once; ``check(claim, night, epoch)`` then gives a ``ClaimVerdict``.
"""

from psg.claims.checking import check, check_epoch
from psg.claims.claim import Claim, Range, ReadText, Span, Unread
from psg.claims.measured import MeasuredEpoch, MeasuredNight, measure_night
from psg.claims.permitted import (
    PermittedKind,
    ReadAgainstSignal,
    permitted_kinds,
    read_against,
)
from psg.claims.reading import claims_of, read_claims
from psg.claims.verdict import ClaimOutcome, ClaimVerdict, MeasuredValue
from psg.claims.vocabulary import OTHER_EPOCH

__all__ = [
    "OTHER_EPOCH",
    "Claim",
    "ClaimOutcome",
    "ClaimVerdict",
    "MeasuredEpoch",
    "MeasuredNight",
    "MeasuredValue",
    "PermittedKind",
    "Range",
    "ReadAgainstSignal",
    "ReadText",
    "Span",
    "Unread",
    "check",
    "check_epoch",
    "claims_of",
    "measure_night",
    "permitted_kinds",
    "read_against",
    "read_claims",
]
