"""Check a claim against a measured epoch, aspect by aspect."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from psg.claims.aspects import (
    absence,
    events_of,
    is_filled_clearly,
    is_upper_bound,
    meant,
    number,
    presence,
    seconds_filled,
    values,
    with_values,
)
from psg.claims.claim import Claim
from psg.claims.measured import MeasuredEpoch, MeasuredNight
from psg.claims.places import shows, unsearched
from psg.claims.unread import BACKGROUND_IN, HIDDEN, gap_in, not_read, searched_kind
from psg.claims.verdict import (
    BETWEEN,
    CANNOT_TELL,
    CONTRADICTED,
    NOT_EXACT,
    PARTLY_SEEN,
    SD_TO_95,
    SUPPORTED,
    WITHIN_ERROR,
    AspectFinding,
    ClaimVerdict,
    MeasuredValue,
    compare,
    events_text,
    not_proven,
    verdict_of,
)
from psg.claims.vocabulary import LAMF
from psg.events import (
    DetectedEvent,
    EventKind,
    alpha,
    blink,
    chin_tone,
    event_kind,
    movement,
    slow_wave,
)
from psg.events.eyes import without_eeg
from psg.events.kind import LEAST_PRECISION
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.stages import EPOCH_S

NOT_MEASURED = "This is not measured."
OFTEN_WRONG = "In real recordings such detections are often wrong."
LEVEL_NOT_TESTED = "Levels of chin tone are not tested on real recordings."
BACKGROUND_NOT_PROVEN = "The detection of alpha is not proven on real recordings."


def check(claim: Claim, night: MeasuredNight, epoch: int) -> ClaimVerdict:
    """Check a claim about an epoch (counted from 0) of a measured night."""
    return check_epoch(claim, night.epoch(epoch))


def check_epoch(claim: Claim, epoch: MeasuredEpoch) -> ClaimVerdict:
    """Check a claim about an epoch.

    A claim is contradicted only where the detector of its kind errs rarely enough (``Trust`` of
    ``psg.events.registry``). A claim of something that is not measured cannot be decided. Unless
    the night is simulated, nothing is decided by a detector that was not compared with enough
    marks in real recordings.
    """
    if why := not_read(claim, epoch) or why_not_measured(claim, epoch):
        return ClaimVerdict(claim, CANNOT_TELL, why)
    findings, events = _findings(claim, epoch)
    verdict = verdict_of(claim, findings, events)
    doubt = gap_in(claim, verdict, epoch)
    if not (doubt or epoch.is_simulated):
        doubt = _doubt(claim, verdict, epoch)
    if not doubt:
        return verdict
    # Without the errors of its measures, which were measured on simulated nights.
    facts = dict.fromkeys(finding.fact for finding in findings[:2])
    reason = " ".join([*facts, doubt])
    return replace(verdict, outcome=CANNOT_TELL, reason=reason, measured=())


def why_not_measured(claim: Claim, epoch: MeasuredEpoch) -> str:
    if claim.kind == LAMF:
        return ""
    if claim.kind == chin_tone.KIND and claim.level != "rise":
        if epoch.measures.tone_uv is not None:
            return ""
        return NO_CHIN if epoch.measures.measured_s(Derivation.CHIN) else HIDDEN
    kind = event_kind(claim.kind)
    if kind is None or not (kind.find or kind.parts):
        return NOT_MEASURED
    kind = searched_kind(claim, kind, epoch)
    missing = [name for name in kind.derivations if name not in epoch.derivations]
    if missing:
        return f"This recording has no {' and no '.join(missing)}."
    read = [name for name in epoch.derivations if name not in epoch.measures.faults]
    if claim.kind == blink.KIND:
        return blink.untold(read)
    return without_eeg(read) if kind.derivations == EOG_DERIVATIONS else ""


def _doubt(claim: Claim, verdict: ClaimVerdict, epoch: MeasuredEpoch) -> str:
    """Why the detector of a claim does not allow a verdict on a real recording; or nothing."""
    kind = event_kind(claim.kind)
    if claim.kind == LAMF or kind is None:
        return BACKGROUND_NOT_PROVEN
    if claim.kind == chin_tone.KIND and claim.level != "rise":
        # A level in microvolts is measured, not detected.
        return LEVEL_NOT_TESTED if claim.level else ""
    kind = kind.in_real_recordings()
    trust = kind.trust
    if trust.precision is None or trust.recall is None:
        return not_proven(kind)
    is_decided = verdict.outcome is not CANNOT_TELL
    if is_decided and kind.is_rhythm and not is_filled_clearly(claim, kind, epoch):
        return NOT_EXACT
    # What may be no event shows nothing: neither that it is there, nor that its size is another.
    rests_on = verdict.events if is_decided and not claim.absent else ()
    if rests_on and trust.is_there(len(rests_on)) < LEAST_PRECISION:
        return OFTEN_WRONG
    return ""


Findings = tuple[list[AspectFinding], tuple[DetectedEvent, ...]]
"""The findings of a claim, and the events that were compared."""


def _findings(claim: Claim, epoch: MeasuredEpoch) -> Findings:
    if claim.kind == chin_tone.KIND and claim.level != "rise":
        return _tone(claim, epoch), ()
    kind = event_kind(claim.kind)
    if claim.kind == LAMF or kind is None:
        return [_background(claim, epoch)], ()
    kind = searched_kind(claim, kind, epoch)
    if not epoch.is_simulated:
        kind = kind.in_real_recordings()
    find = _of_absent if claim.absent else _of_present
    return find(claim, kind, epoch, events_of(kind, epoch))


def _of_present(
    claim: Claim, kind: EventKind, epoch: MeasuredEpoch, events: tuple[DetectedEvent, ...]
) -> Findings:
    amounts = seconds_filled(claim, kind, epoch) if kind.is_rhythm else []
    if amounts and is_upper_bound(claim) and not events:
        return amounts, ()
    there = presence(claim, kind, events)
    near = meant(events, claim.spans)
    if there.outcome is not SUPPORTED:
        return [there], near
    findings = [there, *amounts, *values(claim, kind, near)]
    findings += [shows(place, kind, epoch, near) for place in unsearched(claim, kind, near)]
    if counted := number(claim, kind, len(events)):
        findings.append(counted)
    return findings, near


def _of_absent(
    claim: Claim, kind: EventKind, epoch: MeasuredEpoch, events: tuple[DetectedEvent, ...]
) -> Findings:
    surely, perhaps = with_values(claim, kind, events)
    if kind.is_rhythm and (amounts := seconds_filled(claim, kind, epoch)):
        return [_negated(finding) for finding in amounts], events
    none = absence(claim, kind, surely)
    if none.outcome is SUPPORTED and meant(perhaps, claim.spans):
        border = f"Detected: {events_text(kind, meant(perhaps, claim.spans))}."
        none = AspectFinding(CANNOT_TELL, border, why=WITHIN_ERROR)
    places = unsearched(claim, kind, surely)
    if surely and none.outcome is not SUPPORTED and places:
        visible = [shows(place, kind, epoch, surely) for place in places]
        if all(finding.outcome is not SUPPORTED for finding in visible):
            none = AspectFinding(
                CANNOT_TELL, " ".join(finding.fact for finding in visible), why=PARTLY_SEEN
            )
    return [none], meant(surely, claim.spans)


def _negated(finding: AspectFinding) -> AspectFinding:
    return replace(finding, outcome=finding.outcome.opposite)


# The level of the chin, against the night's own range.

CLEARLY_LOW, HARDLY_LOW = 0.65, 0.35
"""Share of low seconds from which on the tone of an epoch is low, and below which it is not."""
THROUGHOUT = 0.9
_TONE_ERROR = 0.2
NO_CHIN = "This recording has no chin derivation."
NEITHER_LEVEL = "That is neither clearly low nor clearly high."


def _tone(claim: Claim, epoch: MeasuredEpoch) -> list[AspectFinding]:
    """Findings for a level, for microvolts, or for both."""
    tone_uv = epoch.measures.tone_uv or 0.0
    findings = []
    if claim.level:
        findings.append(_tone_level(claim, epoch.measures.low_tone_share, tone_uv))
    if claim.amplitude_uv:
        uncertainty_uv = SD_TO_95 * _TONE_ERROR * tone_uv
        outcome = compare(tone_uv, uncertainty_uv, claim.amplitude_uv, least_slack=1.0)
        measured = MeasuredValue("chin", round(tone_uv, 1), round(uncertainty_uv, 1), "µV RMS")
        words = f"The chin has {tone_uv:.1f} µV RMS."
        findings.append(AspectFinding(outcome, words, measured, why=WITHIN_ERROR))
    return findings


def _tone_level(claim: Claim, low_share: float | None, tone_uv: float) -> AspectFinding:
    if low_share is None:
        return AspectFinding(
            CANNOT_TELL,
            f"The chin has {tone_uv:.1f} µV RMS.",
            why="Chin tone varies too little in this recording to be called low or high.",
        )
    words = (
        f"Tone is in the lower half of the night's range for {100 * low_share:.0f} % of the epoch"
        f" ({tone_uv:.1f} µV RMS)."
    )
    is_part = bool(claim.spans) and HARDLY_LOW / 2 < low_share < THROUGHOUT
    if claim.level not in ("low", "high") or is_part or HARDLY_LOW < low_share < CLEARLY_LOW:
        return AspectFinding(CANNOT_TELL, words, why=NEITHER_LEVEL)
    is_low = low_share >= CLEARLY_LOW
    return AspectFinding(SUPPORTED if is_low == (claim.level == "low") else CONTRADICTED, words)


# Low-amplitude mixed-frequency activity is judged by its exclusions, as in the AASM manual: alpha
# in more than half of the epoch is W, slow waves in a fifth of it are N3.

_HALF_S = EPOCH_S / 2
_FEW_S, _MANY_S = 3.0, 6.0


def _background(claim: Claim, epoch: MeasuredEpoch) -> AspectFinding:
    alpha_s, slow_s, hidden_s = (
        epoch.measures.seconds(kind) for kind in (alpha.KIND, slow_wave.KIND, movement.KIND)
    )
    words = f"Alpha fills {alpha_s:.1f} s, slow waves {slow_s:.1f} s, movement {hidden_s:.1f} s."
    rest_s = epoch.measures.measured_s(*BACKGROUND_IN) - alpha_s - slow_s
    least_s = EPOCH_S * (claim.share.low if claim.share and claim.share.low > -inf else 0.5)
    if alpha_s > _HALF_S or slow_s > _MANY_S or hidden_s > _HALF_S:
        outcome = CONTRADICTED
    elif slow_s <= _FEW_S and rest_s >= least_s and not claim.spans:
        outcome = SUPPORTED
    else:
        outcome = CANNOT_TELL
    return AspectFinding(outcome.opposite if claim.absent else outcome, words, why=BETWEEN)
