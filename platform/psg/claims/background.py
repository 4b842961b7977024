"""Low-amplitude mixed-frequency activity: what neither alpha nor slow waves nor movement fill.

It is judged by what rules it out, as the AASM manual does: alpha in more than half of the epoch is
W, slow waves in a fifth of it are N3.
"""

from __future__ import annotations

from math import inf

from psg.claims.claim import Claim
from psg.claims.epoch import MeasuredEpoch
from psg.claims.verdict import Finding, Outcome
from psg.events import alpha, movement, slow_wave
from psg.stages import EPOCH_S

_HALF_S = EPOCH_S / 2
_FEW_S, _MANY_S = 3.0, 6.0


def background(claim: Claim, epoch: MeasuredEpoch) -> Finding:
    seconds = epoch.measures.seconds
    alpha_s, slow_s, hidden_s = (
        seconds(kind) for kind in (alpha.KIND, slow_wave.KIND, movement.KIND)
    )
    words = f"Alpha fills {alpha_s:.1f} s, slow waves {slow_s:.1f} s, movement {hidden_s:.1f} s."
    rest_s = EPOCH_S - alpha_s - slow_s - hidden_s
    least_s = EPOCH_S * (claim.share.low if claim.share and claim.share.low > -inf else 0.5)
    if alpha_s > _HALF_S or slow_s > _MANY_S or hidden_s > _HALF_S:
        outcome = Outcome.CONTRADICTED
    elif slow_s <= _FEW_S and rest_s >= least_s and not claim.spans:
        outcome = Outcome.SUPPORTED
    else:
        outcome = Outcome.CANNOT_TELL
    if claim.absent:
        outcome = _OPPOSITE[outcome]
    return Finding(outcome, words)


_OPPOSITE = {
    Outcome.SUPPORTED: Outcome.CONTRADICTED,
    Outcome.CONTRADICTED: Outcome.SUPPORTED,
    Outcome.CANNOT_TELL: Outcome.CANNOT_TELL,
}
