"""The rationale of an epoch: facts, what to check by eye, context, the reason for each rule."""

from __future__ import annotations

from collections.abc import Sequence

from psg.events.measures import HALF_S
from psg.rules.reader.clauses import Case, conclude, named, verb, where_read
from psg.rules.reader.deciding import Decision
from psg.rules.reader.findings import findings, sentence
from psg.rules.reader.signs import NightTraits, Signs
from psg.rules.reader.uncertain import near_n3, not_judged, possible_events
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
    facts = [*findings(case.here, calibration), possible_events(case)]
    parts = [*facts, _context(case), *_conclusion(case)]
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


def _conclusion(case: Case) -> list[str]:
    reasons = [sentence(conclude(case, rule_id)) for rule_id in case.decision.rules]
    if not reasons:
        reasons = _without_rule(case)
    rest = [_late_signs(case), not_judged(case), near_n3(case)]
    return [*reasons, *rest, f"Stage {case.decision.stage}."]


def _without_rule(case: Case) -> list[str]:
    if case.here.awake_by_eeg:
        return ["The EEG of C4-M1 is fast, as in W with open eyes.", "Check W by eye."]
    if case.here.here.faults and case.carried:
        since = "before the movement" if case.is_after_movement else "of the epoch before"
        return [f"What can be read does not end the stage {since}."]
    return [f"No rule of sleep is met{where_read(case)}."]


def _late_signs(case: Case) -> str:
    """Why a spindle or K complex of the second half does not decide this epoch."""
    late = tuple(event for event in case.here.n2_signs if event.middle_s >= HALF_S)
    if not late or case.here.early_n2_signs:
        return ""
    if case.decision.stage is Stage.R:
        does = "does not" if verb(late) == "lies" else "do not"
        return sentence(f"{named(late)} {verb(late)} in the second half and {does} end R here")
    if case.decision.stage not in (Stage.N1, Stage.N2):
        return ""
    counts = "counts" if verb(late) == "lies" else "count"
    return sentence(
        f"{named(late)} {verb(late)} in the second half and {counts} for the next epoch"
    )
