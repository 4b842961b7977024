"""Whether an event shows in a derivation in which its kind is not searched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from psg.claims.claim import Claim
from psg.claims.measured import MeasuredEpoch
from psg.claims.verdict import (
    CANNOT_TELL,
    CONTRADICTED,
    PARTLY_SEEN,
    SUPPORTED,
    AspectFinding,
    MeasuredValue,
)
from psg.events import DetectedEvent, EventKind
from psg.montage import Derivation

CLEARLY, FAINTLY = 0.4, 0.2
"""Share of its size at home from which on an event shows elsewhere, and below which it does not."""


def unsearched(claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]) -> list[Derivation]:
    """Derivations of a claim in which neither its kind is searched nor these events were."""
    searched = {*kind.searched, *(event.derivation for event in events)}
    return [derivation for derivation in claim.derivations if derivation not in searched]


def shows(
    derivation: Derivation,
    kind: EventKind,
    epoch: MeasuredEpoch,
    events: Sequence[DetectedEvent],
) -> AspectFinding:
    """Compare the size of events in a derivation with that in the derivation of their kind."""
    home, band_hz = kind.derivations[0], kind.band_hz
    shares = [
        epoch.size_uv(event, derivation, band_hz) / max(epoch.size_uv(event, home, band_hz), 1e-6)
        for event in events
        if band_hz
    ]
    share = float(np.nanmedian(shares)) if np.isfinite(shares).any() else float("nan")
    if np.isnan(share):
        return AspectFinding(CANNOT_TELL, f"{derivation} was not measured.")
    measured = MeasuredValue(f"size in {derivation} beside {home}", round(100 * share), 20, "%")
    words = f"In {derivation} it has {100 * share:.0f} % of its size in {home}."
    if share >= CLEARLY:
        return AspectFinding(SUPPORTED, words, measured)
    outcome = CONTRADICTED if share < FAINTLY else CANNOT_TELL
    return AspectFinding(outcome, words, measured, why=PARTLY_SEEN)
