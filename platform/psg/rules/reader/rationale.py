"""The rationale of an epoch: its findings, its context, and the reason for each cited rule."""

from __future__ import annotations

from collections.abc import Sequence

from psg.events import (
    EventKind,
    alpha,
    arousal,
    blink,
    event_kind,
    k_complex,
    rapid_eye_movement,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.measures import HALF_S
from psg.events.registry import proven_ids
from psg.rules.reader.clauses import Case, conclude, named, verb, where_read
from psg.rules.reader.deciding import Decision
from psg.rules.reader.findings import findings, joined, plural, sentence
from psg.rules.reader.signs import NightTraits, Signs
from psg.stages import Stage


def rationale_of(
    epoch: int,
    decisions: Sequence[Decision],
    signs: Sequence[Signs],
    calibration: NightTraits,
) -> str:
    """The rationale of an epoch in plain sentences."""
    earlier = range(epoch - 1, -1, -1)
    case = Case(
        here=signs[epoch],
        decision=decisions[epoch],
        before=decisions[epoch - 1] if epoch else None,
        after=decisions[epoch + 1] if epoch + 1 < len(decisions) else None,
        calibration=calibration,
        epoch=epoch,
        night=signs,
        carried=next((decisions[place] for place in earlier if not signs[place].hidden), None),
        after_sleep=any(decisions[place].stage is not Stage.W for place in earlier),
    )
    parts = [*findings(case.here, calibration), _context(case), *_conclusion(case)]
    return " ".join(part for part in parts if part)


_ABOUT_EPOCH_BEFORE = {"N2.2", "N2.3", "N2.4"}


def _context(case: Case) -> str:
    if case.before is None:
        return "This is the first epoch of the recording."
    goes_on_in_r = case.before.stage is Stage.R and "R.2" in case.decision.rules
    is_told = not case.is_after_movement and _ABOUT_EPOCH_BEFORE.intersection(case.decision.rules)
    if goes_on_in_r or is_told:
        return ""  # The clauses of these rules say what it is.
    return f"The epoch before is {case.before.stage}."


_DETECTORS_OF = {
    "W.1": (alpha.KIND,),
    "W.2": (blink.KIND,),
    "W.3": (rapid_eye_movement.KIND,),
    "N1.1": (alpha.KIND,),
    "N1.2": (theta.KIND, vertex_wave.KIND, slow_eye_movement.KIND),
    "N2.1": (spindle.KIND, k_complex.KIND),
    "N2.4": (arousal.KIND,),
    "N3.1": (slow_wave.KIND,),
    "R.1": (rapid_eye_movement.KIND,),
}
"""The detectors that a rule rests on. Rules of continuation rest on those of other epochs."""


def _conclusion(case: Case) -> list[str]:
    reasons = [sentence(conclude(case, rule_id)) for rule_id in case.decision.rules]
    if not reasons:
        reasons = _without_rule(case)
    return [*reasons, *_late_signs(case), *_to_check(case), f"Stage {case.decision.stage}."]


def _without_rule(case: Case) -> list[str]:
    if case.here.awake_by_eeg:
        return [
            "The EEG of C4-M1 is low and fast, as in W with open eyes.",
            "Check W by eye: neither alpha nor the eyes show it.",
        ]
    if case.here.here.faults and case.carried:
        since = "before the movement" if case.is_after_movement else "of the epoch before"
        return [f"What can be read does not end the stage {since}."]
    new = "new sign" if case.after_sleep else "sign"
    return [f"No {new} of sleep has appeared{where_read(case)}."]


def _late_signs(case: Case) -> list[str]:
    """Why a spindle or K complex of an epoch of N1 does not make it N2."""
    late = [event for event in case.here.n2_signs if event.middle_s >= HALF_S]
    if case.decision.stage is not Stage.N1 or not late:
        return []
    counts = "counts" if verb(tuple(late)) == "lies" else "count"
    return [sentence(f"{named(tuple(late))} {counts} for the epoch after")]


def _to_check(case: Case) -> list[str]:
    """Name the cited rules whose detectors are not known to be right in real recordings."""
    kinds_of = {rule: _unproven(rule, case) for rule in case.decision.rules}
    doubted = [rule for rule, kinds in kinds_of.items() if kinds]
    if not doubted:
        return []
    kinds = {kind.id: kind for rule in doubted for kind in kinds_of[rule]}.values()
    nouns = [kind.noun if kind.is_lasting else plural(kind.noun) for kind in kinds]
    is_known = all(kind.on_real_marks.precision_at_least is not None for kind in kinds)
    why = "often wrong in real recordings" if is_known else "not proven on real recordings"
    return [f"Check {joined(doubted)} by eye: the detection of {joined(nouns)} is {why}."]


def _unproven(rule: str, case: Case) -> list[EventKind]:
    """The unproven detectors that a rule rests on; none where it also rests on a proven one."""
    proven = proven_ids()
    kinds = _DETECTORS_OF.get(rule, ())
    seen = {kind for kind in kinds if case.here.here.count(kind)}
    if rule == "N2.1":
        seen = {event.kind for event in case.here.deciding_n2_signs}
    if seen & proven:
        return []
    rests_on = [kind for kind in kinds if kind in seen] or kinds
    return [found for kind in rests_on if kind not in proven and (found := event_kind(kind))]
