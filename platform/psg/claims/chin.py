"""The level of the chin against the night's own range."""

from __future__ import annotations

from psg.claims.claim import Claim
from psg.claims.compared import compare
from psg.claims.epoch import MeasuredEpoch
from psg.claims.verdict import Finding, Measured, Outcome

CLEARLY, HARDLY = 0.65, 0.35
"""Share of low seconds from which on the tone of an epoch is low, or is not."""
THROUGHOUT = 0.9
_LEVEL_ERROR = 0.2


def chin(claim: Claim, epoch: MeasuredEpoch) -> list[Finding]:
    """Findings for a level, for microvolts, or for both."""
    measures = epoch.measures
    if measures.tone_uv is None:
        return [Finding(Outcome.CANNOT_TELL, "This recording has no chin derivation.")]
    findings = []
    if claim.level:
        findings.append(_level(claim, measures.low_tone_share, measures.tone_uv))
    if claim.amplitude_uv:
        uncertainty_uv = 1.96 * _LEVEL_ERROR * measures.tone_uv
        outcome = compare(measures.tone_uv, uncertainty_uv, claim.amplitude_uv, least_slack=1.0)
        measured = Measured("chin", round(measures.tone_uv, 1), round(uncertainty_uv, 1), "µV RMS")
        words = f"The chin has {measures.tone_uv:.1f} µV RMS."
        findings.append(Finding(outcome, words, measured))
    return findings


def _level(claim: Claim, low_share: float | None, tone_uv: float) -> Finding:
    if low_share is None:
        return Finding(
            Outcome.CANNOT_TELL, "Chin tone hardly changes in this recording and tells nothing."
        )
    words = (
        f"Tone is in the lower half of the night's range for {100 * low_share:.0f} % of the epoch"
        f" ({tone_uv:.1f} µV RMS)."
    )
    is_part = bool(claim.spans) and HARDLY / 2 < low_share < THROUGHOUT
    if claim.level not in ("low", "high") or is_part or HARDLY < low_share < CLEARLY:
        return Finding(Outcome.CANNOT_TELL, words)
    is_low = low_share >= CLEARLY
    said_low = claim.level == "low"
    return Finding(Outcome.SUPPORTED if is_low == said_low else Outcome.CONTRADICTED, words)
