"""How much of the epoch a rhythm fills, in seconds or as a share."""

from __future__ import annotations

from psg.claims.claim import Claim, Range
from psg.claims.compared import compare
from psg.claims.detection import Detection
from psg.claims.epoch import MeasuredEpoch
from psg.claims.trust import Trust
from psg.claims.verdict import Finding, Measured, Outcome
from psg.claims.wording import first_upper, plural, said
from psg.stages import EPOCH_S

_SLACK_S = 1.0
_SD_TO_95 = 1.96


def filled(claim: Claim, detection: Detection, trust: Trust, epoch: MeasuredEpoch) -> list[Finding]:
    """Findings for the seconds and for the share that a claim tells."""
    found_s = sum(epoch.measures.seconds(kind) for kind in detection.kinds)
    wanted = [
        (claim.length_s, claim.length_s and said(claim.length_s, "s")),
        (_seconds(claim.share), claim.share and said(claim.share, "%", 100)),
    ]
    return [
        _compared(found_s, seconds, words or "", detection, trust)
        for seconds, words in wanted
        if seconds is not None
    ]


def _seconds(share: Range | None) -> Range | None:
    return share and Range(share.low * EPOCH_S, share.high * EPOCH_S, share.about)


def _compared(
    found_s: float, wanted: Range, words: str, detection: Detection, trust: Trust
) -> Finding:
    is_known = trust.time_error_s is not None
    uncertainty_s = _SD_TO_95 * trust.time_error_s if trust.time_error_s is not None else EPOCH_S
    noun = detection.noun if detection.is_lasting else plural(detection.noun)
    reason = (
        f"{first_upper(noun)} fill{'s' if detection.is_lasting else ''} {found_s:.1f} s"
        f" ({100 * found_s / EPOCH_S:.0f} % of the epoch), the text says {words}."
    )
    measured = Measured("filled", round(found_s, 1), round(uncertainty_s, 1), "s")
    outcome = compare(found_s, uncertainty_s, wanted, least_slack=_SLACK_S)
    if outcome is Outcome.CONTRADICTED and not is_known:
        outcome = Outcome.CANNOT_TELL
    return Finding(outcome, reason, measured if is_known else None)
