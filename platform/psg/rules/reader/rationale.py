"""The rationale of an epoch: its findings, its context, and the reason for each cited rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psg.events import (
    DetectedEvent,
    alpha,
    arousal,
    blink,
    k_complex,
    rapid_eye_movement,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.registry import proven_ids
from psg.montage import Derivation
from psg.rules.reader.deciding import Decision
from psg.rules.reader.findings import (
    count_of,
    findings,
    joined,
    plural,
    seconds,
    sentence,
    times_of,
)
from psg.rules.reader.signs import LEAST_THETA_S, NightTraits, Signs
from psg.stages import Stage


@dataclass(frozen=True)
class Case:
    """An epoch with all that its conclusion may refer to."""

    here: Signs
    decision: Decision
    before: Decision | None
    after: Decision | None
    calibration: NightTraits


def conclude(case: Case, rule_id: str) -> str:
    """The clause for a cited rule, its id included."""
    return f"{_CLAUSES[rule_id](case)} ({rule_id})"


def _alpha(case: Case) -> str:
    filled = seconds(case.here.here.seconds(alpha.KIND))
    return f"alpha fills more than half of the epoch, {filled} of 30"


def _blinks(case: Case) -> str:
    return f"{count_of(case.here.here.count(blink.KIND), 'blink')} recur as in wakefulness"


def _looking(case: Case) -> str:
    return "rapid eye movements come with chin tone that is not low, as when looking around"


def _alpha_gone(case: Case) -> str:
    left = case.here.here.seconds(alpha.KIND)
    how = f"is down to {seconds(left)}" if left else "is gone"
    rhythm = case.calibration.alpha_hz
    pitch = f" of {rhythm:.1f} Hz" if rhythm else ""
    return (
        f"the alpha{pitch} that this sleeper makes {how}, and low-amplitude mixed-frequency"
        " activity takes more than half of the epoch"
    )


def _no_alpha(calibration: NightTraits) -> str:
    if Derivation.O2 in calibration.missing:
        return "alpha cannot be judged without O2-M1"
    return "this sleeper is no alpha producer"


def _drowsy(case: Case) -> str:
    epoch = case.here.here
    signs = []
    if epoch.seconds(theta.KIND) >= LEAST_THETA_S:
        signs.append(f"{seconds(epoch.seconds(theta.KIND))} of theta")
    if epoch.count(vertex_wave.KIND):
        signs.append("vertex sharp waves")
    if case.here.rolling_eyes:
        signs.append(f"the slow eye movements {times_of(epoch.of(slow_eye_movement.KIND))}")
    if not signs and case.here.eeg_is_awake is False:
        signs = ["C4-M1, which is slower than in W"]
    no_alpha = _no_alpha(case.calibration)
    if not signs:
        return f"{no_alpha}; N1 goes on with no sign of W, N2 or R"
    return f"{no_alpha}, and N1 shows in {joined(signs)}"


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
    return "N2 goes on from the epoch before, with no arousal between and neither W, N3 nor R met"


def _n2_after_n3(case: Case) -> str:
    return "slow waves no longer reach the 6 s of N3 after an epoch of N3, and W and R are not met"


def _n2_ends(case: Case) -> str:
    if case.here.early_arousals:
        return f"the arousal {times_of(case.here.early_arousals)} ends the N2 of the epoch before"
    late = case.here.late_arousals_before
    return f"the arousal {times_of(late)} of the epoch before has ended N2"


def _slow(case: Case) -> str:
    return (
        f"slow waves add up to {seconds(case.here.here.seconds(slow_wave.KIND))},"
        " more than a fifth of the epoch"
    )


def _definite_rem(case: Case) -> str:
    return (
        "low-amplitude mixed-frequency EEG, low chin tone and"
        f" {count_of(case.here.rems, 'rapid eye movement')} occur together"
    )


def _rem_on(case: Case) -> str:
    tone = "low chin tone" if case.here.here.tone_is_low else "no sign of rising tone"
    where = "before" if case.before and case.before.stage is Stage.R else "after"
    return (
        f"the epoch {where} is R, and this one continues it with low-amplitude mixed-frequency"
        f" EEG and {tone}, without a deciding spindle or K complex and without an arousal"
    )


def _rem_ends(case: Case) -> str:
    if case.decision.stage is Stage.N2:
        return "it comes without rapid eye movements to keep R going"
    if case.here.rem_arousal:
        return f"the arousal {times_of(case.here.early_arousals)} with raised chin tone ends R"
    if case.here.here.tone_is_low is False:
        return "chin tone is no longer low, which ends R"
    slow = seconds(case.here.here.seconds(slow_wave.KIND))
    return f"{slow} of slow waves interrupt the low-amplitude EEG, which ends R"


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
    )
    seen = [text for text in findings(case.here, calibration) if text]
    return " ".join([*seen, _context(case), *_conclusion(case)])


def _context(case: Case) -> str:
    if case.before is None:
        return "This is the first epoch of the night."
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
        reasons = [_without_rule(case)]
    return [*reasons, *_unproven(case.decision.rules), f"Stage {case.decision.stage}."]


def _without_rule(case: Case) -> str:
    if case.here.awake_by_eeg:
        return (
            "C4-M1 is fast with little slow activity, as in W with open eyes."
            " The accuracy of this measurement is not known."
        )
    return "No sign of sleep has appeared."


def _unproven(rules: Sequence[str]) -> list[str]:
    """Name the cited rules whose detectors are not known to be right in real recordings."""
    proven = proven_ids()
    unproven = [rule for rule in rules if not set(_DETECTORS_OF.get(rule, ())) <= proven]
    if not unproven:
        return []
    return [f"The accuracy of the measurements behind {joined(unproven)} is not known."]
