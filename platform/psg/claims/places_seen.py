"""Whether an event shows in the derivation that a text names, where it is looked for in another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from psg.claims.claim import Claim
from psg.claims.detection import Detection
from psg.claims.epoch import MeasuredEpoch
from psg.claims.verdict import Finding, Measured, Outcome
from psg.events import Event
from psg.montage import Derivation

CLEARLY, FAINTLY = 0.4, 0.2
"""Size in the named derivation, as a share of that where it was found: it shows, it does not."""
_EYES = frozenset({Derivation.E1, Derivation.E2})


def elsewhere(claim: Claim, detection: Detection) -> list[Derivation]:
    """Derivations that are named and in which this kind is not looked for."""
    searched = {detection.needs[0], *(_EYES if _EYES & set(detection.needs) else ())}
    return [derivation for derivation in claim.derivations if derivation not in searched]


def shows(
    derivation: Derivation, detection: Detection, epoch: MeasuredEpoch, events: Sequence[Event]
) -> Finding:
    """How large the events are there, beside where they were found."""
    home = detection.needs[0]
    shares = [
        epoch.size_uv(event, derivation, detection.band_hz)
        / max(epoch.size_uv(event, home, detection.band_hz), 1e-6)
        for event in events
    ]
    share = float(np.nanmedian(shares)) if np.isfinite(shares).any() else float("nan")
    if np.isnan(share):
        return Finding(Outcome.CANNOT_TELL, f"{derivation} was not measured.")
    measured = Measured(f"size in {derivation} beside {home}", round(100 * share), 20, "%")
    words = f"In {derivation} it has {100 * share:.0f} % of its size in {home}."
    if share >= CLEARLY:
        return Finding(Outcome.SUPPORTED, words, measured)
    outcome = Outcome.CONTRADICTED if share < FAINTLY else Outcome.CANNOT_TELL
    return Finding(outcome, words, measured)
