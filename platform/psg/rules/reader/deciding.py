"""From signs to stages: a pass forward, then the two rules that look ahead.

The pass carries the stage of the epoch before, since N2 and R go on until something ends
them. Looking ahead are R.2, which reaches back from definite R over like epochs before it, and
movement, which takes the stage of the epoch that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psg.montage import Derivation
from psg.rules.reader.signs import (
    BESIDE_NON_REM,
    LEAST_EPOCHS_LIKE_R,
    LEAST_REMS_TO_ENTER_R,
    NightTraits,
    Signs,
)
from psg.stages import Stage


@dataclass(frozen=True)
class Decision:
    stage: Stage
    rules: tuple[str, ...]


HIDDEN = None
"""Stands for an epoch hidden by movement until its neighbours are known."""


def decide(signs: Sequence[Signs], calibration: NightTraits) -> list[Decision]:
    """Stage and rules of every epoch of a night."""
    forward: list[Decision | None] = []
    before: Decision | None = None
    for epoch, here in enumerate(signs):
        around = stretch_like_r(signs, epoch) if here.rems else ()
        decision = HIDDEN if here.hidden else _decide_epoch(here, before, calibration, around)
        forward.append(decision)
        before = decision or before
    return _ended_once(_settle_hidden(_reach_back(forward, signs), signs))


def stretch_like_r(signs: Sequence[Signs], epoch: int) -> Sequence[Signs]:
    """Return the unbroken stretch like R that an epoch belongs to, empty outside.

    Like R are low tone and mixed frequencies with no more signs of N2 than eye movements.
    """
    first, end = epoch, epoch
    while end < len(signs) and _is_like_r(signs[end]):
        end += 1
    while end > epoch and first and _is_like_r(signs[first - 1]):
        first -= 1
    return signs[first:end]


def _is_like_r(here: Signs) -> bool:
    is_rem_eeg = here.mixed_frequency and len(here.n2_signs) <= here.rems
    return here.here.tone_is_low is True and is_rem_eeg and not here.hidden


def _decide_epoch(
    here: Signs, before: Decision | None, calibration: NightTraits, around: Sequence[Signs]
) -> Decision:
    stage_before = before.stage if before else Stage.W
    decision = (
        _wake(here)
        or _deep(here)
        or _definite_rem(here, stage_before, around)
        or _unread(here, stage_before, calibration)
        or _n2_by_sign(here, stage_before)
        or _going_on(here, before, calibration)
        or _light(here, stage_before, calibration)
    )
    return _with_end_rule(decision, here, stage_before)


def _wake(here: Signs) -> Decision | None:
    rules = tuple(
        rule
        for rule, holds in (
            ("W.1", here.alpha_rules),
            ("W.2", here.blinking and not here.here.tone_is_low),
            ("W.3", here.looking_around),
        )
        if holds
    )
    return Decision(Stage.W, rules) if rules or here.awake_by_eeg else None


def _deep(here: Signs) -> Decision | None:
    return Decision(Stage.N3, ("N3.1",)) if here.slow_waves_rule else None


def _definite_rem(here: Signs, stage_before: Stage, around: Sequence[Signs]) -> Decision | None:
    """R needs all three signs; with a chin that tells nothing it cannot be definite.

    R is entered with a single eye movement only in a stretch like R that has another elsewhere or
    goes on for minutes.
    """
    rems = max(here.rems, sum(epoch.rems for epoch in around))
    is_entered = rems >= LEAST_REMS_TO_ENTER_R or len(around) >= LEAST_EPOCHS_LIKE_R
    may_be_r = stage_before is Stage.R or is_entered
    if here.here.tone_is_low and here.rems and may_be_r and here.mixed_frequency:
        return Decision(Stage.R, ("R.1",)) if here.rems >= len(here.early_n2_signs) else None
    return None


def _unread(here: Signs, stage_before: Stage, calibration: NightTraits) -> Decision | None:
    """Where the signals that show W or N3 have a fault, these stages are not seen to end."""
    if stage_before is Stage.N3 and calibration.frontal in here.here.faults and not here.aroused:
        return Decision(Stage.N3, ())
    if stage_before is Stage.W and Derivation.O2 in here.here.faults:
        return None if here.deciding_n2_signs else Decision(Stage.W, ())
    return None


def _n2_by_sign(here: Signs, stage_before: Stage) -> Decision | None:
    """In R only a sign in this epoch counts; elsewhere also a sign in the epoch before."""
    signs = here.early_n2_signs if stage_before is Stage.R else here.deciding_n2_signs
    return Decision(Stage.N2, ("N2.1",)) if signs else None


def _going_on(here: Signs, before: Decision | None, calibration: NightTraits) -> Decision | None:
    stage = before.stage if before else None
    if stage is Stage.R and here.mixed_frequency and not here.rem_arousals:
        keeps_low = here.here.tone_is_low or _tone_is_unknown(here, calibration)
        return Decision(Stage.R, ("R.2",)) if keeps_low else None
    if stage is Stage.N3:
        return Decision(Stage.N2, ("N2.3",))
    if stage is Stage.N2 and not here.aroused:
        return Decision(Stage.N2, ("N2.2",))
    return None


def _tone_is_unknown(here: Signs, calibration: NightTraits) -> bool:
    """Beside non-REM sleep alone, tone that is measured and not below it ends R."""
    if not calibration.has_chin_tone or here.here.tone_uv is None:
        return True
    return here.here.tone_is_low is None and calibration.chin != BESIDE_NON_REM


def _light(here: Signs, stage_before: Stage, calibration: NightTraits) -> Decision:
    """N1, or W until a first sign of sleep."""
    if calibration.makes_alpha:
        return Decision(Stage.N1, ("N1.1",))
    if stage_before is Stage.W and not here.drowsy:
        return Decision(Stage.W, ())
    return Decision(Stage.N1, ("N1.2",))


def _with_end_rule(decision: Decision, here: Signs, stage_before: Stage) -> Decision:
    """Cite the end of N2 or R where an arousal or tone, not a new stage's own rule, ends it."""
    if decision.stage is Stage.N1 and stage_before is Stage.N2:
        return Decision(Stage.N1, ("N2.4", *decision.rules))
    if stage_before is Stage.R and decision.stage in (Stage.N1, Stage.N2):
        return Decision(decision.stage, (*decision.rules, "R.3"))
    return decision


def _reach_back(forward: list[Decision | None], signs: Sequence[Signs]) -> list[Decision | None]:
    """Carry R backwards from definite R over epochs that differ only in lacking eye movements."""
    settled = list(forward)
    for epoch in range(len(settled) - 2, -1, -1):
        here, after = settled[epoch], settled[epoch + 1]
        if here is None or after is None or after.stage is not Stage.R:
            continue
        if here.stage in (Stage.N1, Stage.N2) and _quiet_rem(signs[epoch]):
            settled[epoch] = Decision(Stage.R, ("R.2",))
    return settled


def _quiet_rem(here: Signs) -> bool:
    return bool(
        here.here.tone_is_low
        and here.mixed_frequency
        and not here.n2_signs
        and not here.arousals
        and not here.rolling_eyes
    )


def _settle_hidden(settled: list[Decision | None], signs: Sequence[Signs]) -> list[Decision]:
    decisions: list[Decision] = []
    following: Decision | None = None
    for epoch in range(len(settled) - 1, -1, -1):
        decision = settled[epoch]
        if decision is None:
            earlier = [known for known in settled[:epoch] if known is not None]
            decision = _hidden(signs[epoch], earlier[-1] if earlier else None, following)
        decisions.append(decision)
        following = decision
    return decisions[::-1]


def _hidden(here: Signs, before: Decision | None, after: Decision | None) -> Decision:
    wake_around = before and after and before.stage is Stage.W and after.stage is Stage.W
    if here.any_alpha or wake_around:
        return Decision(Stage.W, ("MBM.1",))
    if after is not None:
        return Decision(after.stage, ("MBM.2",))
    return Decision(Stage.W if before is None else before.stage, ("MBM.2",))


_ENDS = {"N2.4": Stage.N2, "R.3": Stage.R}


def _ended_once(decisions: Sequence[Decision]) -> list[Decision]:
    """Cite an end rule only after the stage that it ends: a movement may have ended it already."""
    before = [None, *(decision.stage for decision in decisions[:-1])]
    return [
        replace(
            decision,
            rules=tuple(rule for rule in decision.rules if _ENDS.get(rule, stage) == stage),
        )
        for decision, stage in zip(decisions, before, strict=True)
    ]
