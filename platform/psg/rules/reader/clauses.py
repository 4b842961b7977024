"""The reason for each cited rule, in words that are true also where not all is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psg.claims.verdict import SD_TO_95
from psg.events import (
    DetectedEvent,
    alpha,
    arousal,
    blink,
    chin_tone,
    rapid_eye_movement,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.measures import seconds_text
from psg.montage import Derivation
from psg.rules.reader.deciding import Decision, stretch_like_r
from psg.rules.reader.findings import count_of, joined, plural, times_of, tone_beside
from psg.rules.reader.signs import (
    LEAST_EPOCHS_LIKE_R,
    LEAST_REMS_TO_ENTER_R,
    LEAST_THETA_S,
    N3_SECONDS,
    NightTraits,
    Signs,
)
from psg.rules.reader.trusted import absence_is_fact, known_kind, low_mixed_eeg, noun_of
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
    carried: Decision | None = None
    """That of the last epoch before which no movement hides: what goes on, goes on from it."""
    after_sleep: bool = False

    def is_lost(self, *places: Derivation) -> bool:
        """Whether none of these derivations is read in any second of the epoch."""
        lost = {*self.calibration.missing, *self.here.here.faults}
        return lost.issuperset(places)

    def is_read(self, *places: Derivation) -> bool:
        """Whether all of these derivations are read in every second of the epoch."""
        is_there = not set(places) & set(self.calibration.missing)
        return is_there and not self.here.here.unread(*places)

    @property
    def tone_beside(self) -> str:
        """With what the chin tone of the epoch was compared, and how it lies to that."""
        return tone_beside(self.calibration, is_low=bool(self.here.here.tone_is_low))

    @property
    def is_after_movement(self) -> bool:
        """Whether what goes on is not the stage that the epoch before was given."""
        if self.carried is None or self.before is None:
            return False
        return self.before.stage is not self.carried.stage


def conclude(case: Case, rule_id: str) -> str:
    """The clause for a cited rule, its id included."""
    return f"{_CLAUSES[rule_id](case)} ({rule_id})"


def _alpha(case: Case) -> str:
    filled = seconds_text(case.here.here.seconds(alpha.KIND))
    return f"{noun_of(alpha.KIND)} fills more than half of the epoch, {filled} of 30"


def _blinks(case: Case) -> str:
    return f"{_counted(case, blink.KIND)} recur as in wakefulness"


def _counted(case: Case, kind_id: str) -> str:
    return count_of(case.here.here.count(kind_id), noun_of(kind_id))


def _looking(case: Case) -> str:
    eyes = plural(noun_of(rapid_eye_movement.KIND))
    return f"{eyes} come with chin tone {case.tone_beside}, as when looking around"


def _alpha_gone(case: Case) -> str:
    if case.is_lost(Derivation.O2):
        return "alpha cannot be judged, and no rule of another stage is met, so N1 is scored"
    left = seconds_text(case.here.here.seconds(alpha.KIND))
    where = "" if case.is_read(Derivation.O2) else " where O2-M1 is read"
    rhythm = case.calibration.alpha_hz
    pitch = f" of {rhythm:.1f} Hz" if rhythm else ""
    gone = f"{noun_of(alpha.KIND)}{pitch} fills most of other epochs and {left} of this one{where}"
    if case.is_lost(*BACKGROUND):
        return f"{gone}, and no rule of another stage is met"
    return f"{gone}, and {low_mixed_eeg('activity')} takes more than half of the epoch"


_NO_ALPHA = "with waking alpha unknown in this recording"


def _drowsy(case: Case) -> str:
    epoch = case.here.here
    signs = []
    if epoch.seconds(theta.KIND) >= LEAST_THETA_S:
        signs.append(f"{seconds_text(epoch.seconds(theta.KIND))} of {noun_of(theta.KIND)}")
    if waves := epoch.of(vertex_wave.KIND):
        signs.append(named(waves))
    if case.here.rolling_eyes:
        signs.append(named(epoch.of(slow_eye_movement.KIND)))
    if not signs and case.here.eeg_is_awake is False:
        signs = ["the EEG of C4-M1, slower than in W"]
    if signs:
        return f"{_NO_ALPHA}, N1 is scored by {joined(signs)}"
    if case.before and case.before.stage is Stage.N1:
        return "N1 continues from the epoch before"
    return "no rule of another stage is met, so N1 is scored"


def _n2_sign(case: Case) -> str:
    n3 = "N3 cannot be judged" if case.is_lost(*BACKGROUND) else "N3 is not met"
    early = case.here.early_n2_signs
    if early:
        return f"{named(early)} {verb(early)} in the first half of the epoch, and {n3}"
    late = case.here.deciding_n2_signs
    return f"{named(late)} {verb(late)} in the last half of the epoch before, and {n3}"


def named(events: tuple[DetectedEvent, ...]) -> str:
    """Return ``the spindles at 3.0 and 5.0 s``: the events of the kind that comes first."""
    same = [event for event in events if event.kind == events[0].kind]
    noun = noun_of(same[0].kind)
    return f"the {noun if len(same) == 1 else plural(noun)} {times_of(same)}"


def verb(events: tuple[DetectedEvent, ...]) -> str:
    same = [event for event in events if event.kind == events[0].kind]
    return "lies" if len(same) == 1 else "lie"


def _n2_on(case: Case) -> str:
    since = "before the movement" if case.is_after_movement else "the epoch before"
    if case.is_lost(*BACKGROUND):
        return f"N2 continues from {since}, and slow waves cannot be judged"
    return f"N2 continues from {since}, and N3 is not met{where_read(case)}"


def where_read(case: Case) -> str:
    """The limit of what an epoch is said to lack, where it is not read throughout."""
    return " in what is read" if case.here.here.unread(*Derivation) else ""


def _n2_after_n3(case: Case) -> str:
    since = "before the movement " if case.is_after_movement else ""
    if case.here.slow_s >= N3_SECONDS:
        blinks = _counted(case, blink.KIND)
        return f"after an epoch of N3 {since}{blinks} make what counts for N3 doubtful"
    if case.is_lost(*BACKGROUND):
        ending = f"slow waves cannot be judged, and {noun_of(arousal.KIND)} ends it"
        return f"after an epoch of N3 {since}{ending}"
    is_broad = case.here.here.seconds(slow_wave.KIND) >= N3_SECONDS
    slow = "what counts for N3 falls" if is_broad else "slow waves fall"
    return f"after an epoch of N3 {since}{slow} short of 6 s{where_read(case)}"


def _n2_ends(case: Case) -> str:
    if early := case.here.early_arousals:
        return f"{named(early)} {_ends(early)} N2"
    late = case.here.late_arousals_before
    return f"in the epoch before, {named(late)} ended N2"


def _ends(events: Sequence[DetectedEvent]) -> str:
    return "ends" if len(events) == 1 else "end"


def _slow(case: Case) -> str:
    error_s = SD_TO_95 * (known_kind(slow_wave.KIND).on_real_marks.seconds_error_s or 0.0)
    is_clear = case.here.here.seconds(slow_wave.KIND) >= N3_SECONDS + error_s
    slow = "slow waves fill" if is_clear else "what counts for N3 fills"
    return f"{slow} more than a fifth of the epoch"


def _definite_rem(case: Case) -> str:
    eyes = count_of(case.here.rems, noun_of(rapid_eye_movement.KIND))
    return f"{_eeg(case)}, chin tone {case.tone_beside} and {eyes} occur together{_around(case)}"


def _around(case: Case) -> str:
    """What speaks for R beside a single eye movement."""
    if case.here.rems >= LEAST_REMS_TO_ENTER_R:
        return ""
    around = stretch_like_r(case.night, case.epoch)
    others = sum(epoch.rems for epoch in around) - case.here.rems
    if others > 0:
        return f", with {others} more in like epochs around it"
    if len(around) >= LEAST_EPOCHS_LIKE_R:
        return f", in {len(around)} epochs with such EEG and tone"
    return ""


BACKGROUND = (Derivation.F4, Derivation.C4)
"""Where slow waves, and the activity between them, are seen."""


def _eeg(case: Case) -> str:
    is_lost = case.is_lost(*BACKGROUND)
    return "EEG that is not read" if is_lost else low_mixed_eeg("EEG")


def _rem_on(case: Case) -> str:
    is_low = case.here.here.tone_is_low
    tone = f"chin tone {case.tone_beside}" if is_low else "chin tone that cannot be judged"
    if case.before and case.before.stage is Stage.R:
        where = "before"
    elif case.carried and case.carried.stage is Stage.R:
        where = "before the movement"
    else:
        where = "after"
    on = f"the epoch {where} is R, and this one continues it with {_eeg(case)} and {tone}"
    if case.is_lost(Derivation.C4) or not absence_is_fact(spindle.KIND):
        return on
    return f"{on}, without a deciding spindle{where_read(case)}"


def _rem_ends(case: Case) -> str:
    if case.decision.stage is Stage.N2:
        return _rem_ends_in_n2(case)
    if arousals := case.here.rem_arousals:
        return f"{named(arousals)} with a {noun_of(chin_tone.KIND)} {_ends(arousals)} R"
    if case.here.mixed_frequency:
        return f"chin tone is {case.tone_beside}, which ends R"
    return f"{_interrupted()}, which ends R"


def _interrupted() -> str:
    return f"slow waves interrupt the {low_mixed_eeg('EEG')}"


def _rem_ends_in_n2(case: Case) -> str:
    """What is lacking of the signs that keep R going beside a sign of N2."""
    eyes = plural(noun_of(rapid_eye_movement.KIND))
    if not case.here.rems:
        return "whether rapid eye movements keep R going cannot be judged: check by eye"
    if len(case.here.early_n2_signs) > case.here.rems:
        return f"signs of N2 outnumber {eyes}, which ends R"
    if not case.here.mixed_frequency:
        return f"{_interrupted()}, which ends R"
    is_known = case.here.here.tone_is_low is False
    tone = f"chin tone is {case.tone_beside}" if is_known else "whether tone is low is not known"
    return f"{tone}, so {eyes} do not keep R going"


def _moving_awake(case: Case) -> str:
    if case.here.any_alpha:
        rest = f"{noun_of(alpha.KIND)} shows in the rest"
        return f"movement hides more than half of the epoch, and {rest}"
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
