"""The rationale of an epoch: its findings, its context, and the reason for each cited rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psg.events import (
    DetectedEvent,
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
from psg.events.measures import HALF_S, seconds_text
from psg.events.registry import proven_ids
from psg.rules.reader.deciding import Decision, stretch_like_r
from psg.rules.reader.findings import (
    count_of,
    findings,
    joined,
    plural,
    sentence,
    times_of,
)
from psg.rules.reader.signs import (
    LEAST_EPOCHS_LIKE_R,
    LEAST_REMS_TO_ENTER_R,
    LEAST_THETA_S,
    N3_SECONDS,
    NightTraits,
    Signs,
)
from psg.stages import Stage


@dataclass(frozen=True)
class Case:
    """An epoch with all that its conclusion may refer to."""

    here: Signs
    decision: Decision
    before: Decision | None
    after: Decision | None
    calibration: NightTraits
    epoch: int
    night: Sequence[Signs]


def conclude(case: Case, rule_id: str) -> str:
    """The clause for a cited rule, its id included."""
    return f"{_CLAUSES[rule_id](case)} ({rule_id})"


def _alpha(case: Case) -> str:
    filled = seconds_text(case.here.here.seconds(alpha.KIND))
    return f"alpha fills more than half of the epoch, {filled} of 30"


def _blinks(case: Case) -> str:
    return f"{count_of(case.here.here.count(blink.KIND), 'blink')} recur as in wakefulness"


def _looking(case: Case) -> str:
    return "rapid eye movements come with chin tone that is not low, as when looking around"


def _alpha_gone(case: Case) -> str:
    left = case.here.here.seconds(alpha.KIND)
    how = f"is down to {seconds_text(left)}" if left else "is gone"
    rhythm = case.calibration.alpha_hz
    pitch = f" of {rhythm:.1f} Hz" if rhythm else ""
    return (
        f"the alpha{pitch} that this sleeper makes {how}, and low-amplitude mixed-frequency"
        " activity takes more than half of the epoch"
    )


_NO_ALPHA = "with no waking alpha in this recording to compare with"


def _drowsy(case: Case) -> str:
    epoch = case.here.here
    signs = []
    if epoch.seconds(theta.KIND) >= LEAST_THETA_S:
        signs.append(f"{seconds_text(epoch.seconds(theta.KIND))} of theta")
    if epoch.count(vertex_wave.KIND):
        signs.append("vertex sharp waves")
    if case.here.rolling_eyes:
        signs.append(f"the slow eye movements {times_of(epoch.of(slow_eye_movement.KIND))}")
    if not signs and case.here.eeg_is_awake is False:
        signs = ["the EEG of C4-M1, slower than in W"]
    if signs:
        return f"{_NO_ALPHA}, N1 is scored by {joined(signs)}"
    if case.before and case.before.stage is Stage.N1:
        return "N1 continues from the epoch before"
    return "no rule of another stage is met, so N1 is scored"


def _n2_sign(case: Case) -> str:
    early = case.here.early_n2_signs
    if early:
        return f"{_named(early)} {_verb(early)} in the first half of the epoch, and N3 is not met"
    late = case.here.deciding_n2_signs
    return f"{_named(late)} {_verb(late)} in the last half of the epoch before, and N3 is not met"


def _named(events: tuple[DetectedEvent, ...]) -> str:
    first = events[0]
    noun = "spindle" if first.kind == spindle.KIND else "K complex"
    same = [event for event in events if event.kind == first.kind]
    name = noun if len(same) == 1 else plural(noun)
    return f"the {name} {times_of(same)}"


def _verb(events: tuple[DetectedEvent, ...]) -> str:
    same = [event for event in events if event.kind == events[0].kind]
    return "lies" if len(same) == 1 else "lie"


def _n2_on(case: Case) -> str:
    return "N2 continues from the epoch before, with no arousal and no sign of W, N3 or R"


def _n2_after_n3(case: Case) -> str:
    is_broad = case.here.here.seconds(slow_wave.KIND) >= N3_SECONDS
    slow = "what counts for N3 falls" if is_broad else "slow waves fall"
    return f"after an epoch of N3 {slow} short of 6 s, with no sign of W or R"


def _n2_ends(case: Case) -> str:
    if case.here.early_arousals:
        return f"the arousal {times_of(case.here.early_arousals)} ends N2"
    late = case.here.late_arousals_before
    return f"in the epoch before, the arousal {times_of(late)} ended N2"


def _slow(case: Case) -> str:
    is_met = case.here.here.seconds(slow_wave.KIND) >= N3_SECONDS
    slow = "slow waves fill" if is_met else "what counts for N3 fills"
    return f"{slow} more than a fifth of the epoch"


def _definite_rem(case: Case) -> str:
    return (
        "low-amplitude mixed-frequency EEG, low chin tone and"
        f" {count_of(case.here.rems, 'rapid eye movement')} occur together"
        f"{_around(case)}"
    )


def _around(case: Case) -> str:
    """What speaks for R beside a single eye movement."""
    if case.here.rems >= LEAST_REMS_TO_ENTER_R:
        return ""
    around = stretch_like_r(case.night, case.epoch)
    if others := sum(epoch.rems for epoch in around) - case.here.rems:
        return f", with {others} more in like epochs around it"
    if len(around) >= LEAST_EPOCHS_LIKE_R:
        return f", in {len(around)} epochs with such EEG and tone"
    return ""


def _rem_on(case: Case) -> str:
    tone = "low chin tone" if case.here.here.tone_is_low else "no sign of rising tone"
    where = "before" if case.before and case.before.stage is Stage.R else "after"
    rise = " in which chin tone rises" if case.here.early_arousals else ""
    return (
        f"the epoch {where} is R, and this one continues it with low-amplitude mixed-frequency"
        f" EEG and {tone}, without a deciding spindle or K complex and without an arousal{rise}"
    )


def _rem_ends(case: Case) -> str:
    if case.decision.stage is Stage.N2:
        if case.here.rems:
            return "signs of N2 outnumber rapid eye movements, which ends R"
        return "it comes without rapid eye movements to keep R going"
    if case.here.rem_arousal:
        return f"the arousal {times_of(case.here.early_arousals)} with a rise of chin tone ends R"
    if case.calibration.has_chin_tone and not case.here.here.tone_is_low:
        return "chin tone is no longer low, which ends R"
    return "slow waves interrupt the low-amplitude EEG, which ends R"


def _moving_awake(case: Case) -> str:
    if case.here.any_alpha:
        return "movement hides more than half of the epoch, and alpha shows in the rest"
    return "movement hides more than half of the epoch, between epochs of W"


def _moving(case: Case) -> str:
    source = "that follows" if case.after else "before, the night's last that can be read"
    return f"movement hides more than half of the epoch, so it takes the stage of the one {source}"


_CLAUSES: dict[str, Callable[[Case], str]] = {
    "W.1": _alpha,
    "W.2": _blinks,
    "W.3": _looking,
    "N1.1": _alpha_gone,
    "N1.2": _drowsy,
    "N2.1": _n2_sign,
    "N2.2": _n2_on,
    "N2.3": _n2_after_n3,
    "N2.4": _n2_ends,
    "N3.1": _slow,
    "R.1": _definite_rem,
    "R.2": _rem_on,
    "R.3": _rem_ends,
    "MBM.1": _moving_awake,
    "MBM.2": _moving,
}


def rationale_of(
    epoch: int,
    decisions: Sequence[Decision],
    signs: Sequence[Signs],
    calibration: NightTraits,
) -> str:
    """The rationale of an epoch in plain sentences."""
    case = Case(
        here=signs[epoch],
        decision=decisions[epoch],
        before=decisions[epoch - 1] if epoch else None,
        after=decisions[epoch + 1] if epoch + 1 < len(decisions) else None,
        calibration=calibration,
        epoch=epoch,
        night=signs,
    )
    parts = [*findings(case.here, calibration), _context(case), *_conclusion(case)]
    return " ".join(part for part in parts if part)


_ABOUT_EPOCH_BEFORE = {"N2.2", "N2.3", "N2.4"}


def _context(case: Case) -> str:
    if case.before is None:
        return "This is the first epoch of the recording."
    goes_on_in_r = case.before.stage is Stage.R and "R.2" in case.decision.rules
    if goes_on_in_r or _ABOUT_EPOCH_BEFORE.intersection(case.decision.rules):
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
    if case.here.here.faults:
        return ["What can be read does not end the stage of the epoch before."]
    return ["No sign of sleep has appeared."]


def _late_signs(case: Case) -> list[str]:
    """Why a spindle or K complex of an epoch of N1 does not make it N2."""
    late = [event for event in case.here.n2_signs if event.middle_s >= HALF_S]
    if case.decision.stage is not Stage.N1 or not late:
        return []
    counts = "counts" if _verb(tuple(late)) == "lies" else "count"
    return [sentence(f"{_named(tuple(late))} {counts} for the epoch after")]


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
