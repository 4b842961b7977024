"""Check a claim against a measured epoch, aspect by aspect."""

from __future__ import annotations

from math import inf

from psg.claims.aspects import (
    absent,
    elsewhere,
    events_of,
    filled,
    fitting,
    meant,
    number,
    seen,
    shows,
    sizes,
)
from psg.claims.claim import Claim
from psg.claims.detection import DETECTIONS, Detection
from psg.claims.measured import MeasuredEpoch, MeasuredNight
from psg.claims.trust import Trust, trust_in
from psg.claims.verdict import (
    AspectFinding,
    ClaimOutcome,
    ClaimVerdict,
    MeasuredValue,
    compare,
    verdict_of,
)
from psg.claims.vocabulary import LAMF, RHYTHMS, TONE
from psg.events import (
    DetectedEvent,
    alpha,
    chin_tone,
    movement,
    slow_wave,
)
from psg.stages import EPOCH_S

CLEARLY, HARDLY = 0.65, 0.35
"""Share of low seconds from which on the tone of an epoch is low, or is not."""
THROUGHOUT = 0.9
_LEVEL_ERROR = 0.2


def chin(claim: Claim, epoch: MeasuredEpoch) -> list[AspectFinding]:
    """Findings for a level, for microvolts, or for both."""
    measures = epoch.measures
    if measures.tone_uv is None:
        return [AspectFinding(ClaimOutcome.CANNOT_TELL, "This recording has no chin derivation.")]
    findings = []
    if claim.level:
        findings.append(_level(claim, measures.low_tone_share, measures.tone_uv))
    if claim.amplitude_uv:
        uncertainty_uv = 1.96 * _LEVEL_ERROR * measures.tone_uv
        outcome = compare(measures.tone_uv, uncertainty_uv, claim.amplitude_uv, least_slack=1.0)
        measured = MeasuredValue(
            "chin", round(measures.tone_uv, 1), round(uncertainty_uv, 1), "µV RMS"
        )
        words = f"The chin has {measures.tone_uv:.1f} µV RMS."
        findings.append(AspectFinding(outcome, words, measured))
    return findings


def _level(claim: Claim, low_share: float | None, tone_uv: float) -> AspectFinding:
    if low_share is None:
        return AspectFinding(
            ClaimOutcome.CANNOT_TELL,
            "Chin tone hardly changes in this recording and tells nothing.",
        )
    words = (
        f"Tone is in the lower half of the night's range for {100 * low_share:.0f} % of the epoch"
        f" ({tone_uv:.1f} µV RMS)."
    )
    is_part = bool(claim.spans) and HARDLY / 2 < low_share < THROUGHOUT
    if claim.level not in ("low", "high") or is_part or HARDLY < low_share < CLEARLY:
        return AspectFinding(ClaimOutcome.CANNOT_TELL, words)
    is_low = low_share >= CLEARLY
    said_low = claim.level == "low"
    return AspectFinding(
        ClaimOutcome.SUPPORTED if is_low == said_low else ClaimOutcome.CONTRADICTED, words
    )


_HALF_S = EPOCH_S / 2
_FEW_S, _MANY_S = 3.0, 6.0


def background(claim: Claim, epoch: MeasuredEpoch) -> AspectFinding:
    seconds = epoch.measures.seconds
    alpha_s, slow_s, hidden_s = (
        seconds(kind) for kind in (alpha.KIND, slow_wave.KIND, movement.KIND)
    )
    words = f"Alpha fills {alpha_s:.1f} s, slow waves {slow_s:.1f} s, movement {hidden_s:.1f} s."
    rest_s = EPOCH_S - alpha_s - slow_s - hidden_s
    least_s = EPOCH_S * (claim.share.low if claim.share and claim.share.low > -inf else 0.5)
    if alpha_s > _HALF_S or slow_s > _MANY_S or hidden_s > _HALF_S:
        outcome = ClaimOutcome.CONTRADICTED
    elif slow_s <= _FEW_S and rest_s >= least_s and not claim.spans:
        outcome = ClaimOutcome.SUPPORTED
    else:
        outcome = ClaimOutcome.CANNOT_TELL
    if claim.absent:
        outcome = _OPPOSITE[outcome]
    return AspectFinding(outcome, words)


_OPPOSITE = {
    ClaimOutcome.SUPPORTED: ClaimOutcome.CONTRADICTED,
    ClaimOutcome.CONTRADICTED: ClaimOutcome.SUPPORTED,
    ClaimOutcome.CANNOT_TELL: ClaimOutcome.CANNOT_TELL,
}


NOT_MEASURED = "Nothing here measures this."


def check_epoch(claim: Claim, epoch: MeasuredEpoch) -> ClaimVerdict:
    """Supported, contradicted or cannot tell, with what was measured.

    A claim is contradicted only where the detector is known to err rarely enough; see
    ``psg.claims.trust``. What is not measured at all cannot be told.
    """
    if claim.kind == LAMF:
        return verdict_of(claim, [background(claim, epoch)], ())
    if claim.kind == TONE and claim.level != "rise":
        return verdict_of(claim, chin(claim, epoch), ())
    kind = chin_tone.KIND if claim.kind == TONE else claim.kind
    detection = DETECTIONS.get(kind)
    if detection is None:
        return ClaimVerdict(claim, ClaimOutcome.CANNOT_TELL, NOT_MEASURED)
    missing = [name for name in detection.needs if name not in epoch.derivations]
    if missing:
        reason = f"This recording has no {' and no '.join(missing)}."
        return ClaimVerdict(claim, ClaimOutcome.CANNOT_TELL, reason)
    events = events_of(detection, epoch)
    check = _check_absent if claim.absent else _check_seen
    return check(claim, detection, trust_in(kind), epoch, events)


def _check_seen(
    claim: Claim,
    detection: Detection,
    trust: Trust,
    epoch: MeasuredEpoch,
    events: tuple[DetectedEvent, ...],
) -> ClaimVerdict:
    is_rhythm = claim.kind in RHYTHMS
    amounts = filled(claim, detection, trust, epoch) if is_rhythm else []
    if amounts and _is_a_ceiling(claim) and not events:
        return verdict_of(claim, amounts, ())
    there = seen(claim, detection, trust, events)
    found = meant(events, claim.spans)
    if there.outcome is not ClaimOutcome.SUPPORTED:
        return verdict_of(claim, [there], found)
    findings = [there, *amounts, *sizes(claim, trust, found, is_wave=not is_rhythm)]
    findings += [shows(place, detection, epoch, found) for place in elsewhere(claim, detection)]
    if counted := number(claim, detection, trust, len(events)):
        findings.append(counted)
    return verdict_of(claim, findings, found)


def _is_a_ceiling(claim: Claim) -> bool:
    """ "Less than a fifth" holds where there is none at all."""
    return any(one is not None and one.low < 0 for one in (claim.share, claim.length_s))


def _check_absent(
    claim: Claim,
    detection: Detection,
    trust: Trust,
    epoch: MeasuredEpoch,
    events: tuple[DetectedEvent, ...],
) -> ClaimVerdict:
    surely, perhaps = fitting(claim, trust, events)
    if claim.kind in RHYTHMS and (amounts := filled(claim, detection, trust, epoch)):
        return verdict_of(claim, [_opposite(one) for one in amounts], events)
    places = elsewhere(claim, detection)
    none = absent(claim, detection, trust, surely)
    if none.outcome is ClaimOutcome.SUPPORTED and meant(perhaps, claim.spans):
        none = AspectFinding(
            ClaimOutcome.CANNOT_TELL, "What was found lies at the border of what is said."
        )
    if none.outcome is not ClaimOutcome.SUPPORTED and places:
        visible = [shows(place, detection, epoch, surely) for place in places]
        if all(one.outcome is not ClaimOutcome.SUPPORTED for one in visible):
            none = AspectFinding(ClaimOutcome.CANNOT_TELL, " ".join(one.reason for one in visible))
    return verdict_of(claim, [none], meant(surely, claim.spans))


def _opposite(finding: AspectFinding) -> AspectFinding:
    return AspectFinding(_OPPOSITE[finding.outcome], finding.reason, finding.measured)


def check(claim: Claim, night: MeasuredNight, epoch: int) -> ClaimVerdict:
    """Compare a claim about an epoch (counted from 0) with what is measured in it."""
    return check_epoch(claim, night.epoch(epoch))
