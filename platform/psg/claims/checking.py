"""A claim against a measured epoch, aspect by aspect."""

from __future__ import annotations

from psg.claims.background import background
from psg.claims.chin import chin
from psg.claims.claim import Claim
from psg.claims.detection import DETECTIONS, Detection
from psg.claims.epoch import MeasuredEpoch
from psg.claims.filled import filled
from psg.claims.kinds import LAMF, RHYTHMS, TONE
from psg.claims.places_seen import elsewhere, shows
from psg.claims.seen import absent, events_of, meant, seen
from psg.claims.trust import Trust, trust_in
from psg.claims.values import fitting, number, sizes
from psg.claims.verdict import Finding, Outcome, Verdict, verdict_of
from psg.events import Event, chin_tone

NOT_MEASURED = "Nothing here measures this."
_OPPOSITE = {
    Outcome.SUPPORTED: Outcome.CONTRADICTED,
    Outcome.CONTRADICTED: Outcome.SUPPORTED,
    Outcome.CANNOT_TELL: Outcome.CANNOT_TELL,
}


def check_epoch(claim: Claim, epoch: MeasuredEpoch) -> Verdict:
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
        return Verdict(claim, Outcome.CANNOT_TELL, NOT_MEASURED)
    missing = [name for name in detection.needs if name not in epoch.derivations]
    if missing:
        reason = f"This recording has no {' and no '.join(missing)}."
        return Verdict(claim, Outcome.CANNOT_TELL, reason)
    events = events_of(detection, epoch)
    check = _check_absent if claim.absent else _check_seen
    return check(claim, detection, trust_in(kind), epoch, events)


def _check_seen(
    claim: Claim,
    detection: Detection,
    trust: Trust,
    epoch: MeasuredEpoch,
    events: tuple[Event, ...],
) -> Verdict:
    is_rhythm = claim.kind in RHYTHMS
    amounts = filled(claim, detection, trust, epoch) if is_rhythm else []
    if amounts and _is_a_ceiling(claim) and not events:
        return verdict_of(claim, amounts, ())
    there = seen(claim, detection, trust, events)
    found = meant(events, claim.spans)
    if there.outcome is not Outcome.SUPPORTED:
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
    events: tuple[Event, ...],
) -> Verdict:
    surely, perhaps = fitting(claim, trust, events)
    if claim.kind in RHYTHMS and (amounts := filled(claim, detection, trust, epoch)):
        return verdict_of(claim, [_opposite(one) for one in amounts], events)
    places = elsewhere(claim, detection)
    none = absent(claim, detection, trust, surely)
    if none.outcome is Outcome.SUPPORTED and meant(perhaps, claim.spans):
        none = Finding(Outcome.CANNOT_TELL, "What was found lies at the border of what is said.")
    if none.outcome is not Outcome.SUPPORTED and places:
        visible = [shows(place, detection, epoch, surely) for place in places]
        if all(one.outcome is not Outcome.SUPPORTED for one in visible):
            none = Finding(Outcome.CANNOT_TELL, " ".join(one.reason for one in visible))
    return verdict_of(claim, [none], meant(surely, claim.spans))


def _opposite(finding: Finding) -> Finding:
    return Finding(_OPPOSITE[finding.outcome], finding.reason, finding.measured)
