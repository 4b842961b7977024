"""How long the stages of a list last that does not say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from psg.doubts import Choice, Doubt
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.facts import LASTS_EPOCH, LASTS_NEXT, StageOptions
from psg.stagefiles.pieces import RK_EPOCH_S, are_of_20_s
from psg.stagefiles.settling import is_surely_event
from psg.stagefiles.sorting import Named, Sorted
from psg.stages import EPOCH_S

# So many epochs in a row never have a new stage each.
_FEWEST_CHANGES = 6
_FEWEST_ROWS = 3


def give_durations(found: Sorted, options: StageOptions, *, is_numbered: bool) -> list[str]:
    """Give a duration to every stage, and say what was assumed.

    Rows with numbers of epochs last an epoch, where nothing else may be meant.
    """
    named = sorted([*found.stages, *found.weak], key=lambda each: each.row.onset_s)
    missing = [each for each in named if each.row.duration_s is None]
    if not missing:
        if is_numbered:
            _give_unknown_durations(found, options.epoch_s or EPOCH_S)
        return []
    given = [each.duration_s for each in found.stages if each.row.duration_s is not None]
    if len(given) >= len(missing):
        epoch_s = options.epoch_s or (EPOCH_S if is_numbered else _commonest(given))
        _set_durations(found, {id(each.row): epoch_s for each in missing})
        return [f"Stages without a duration: {len(missing)}; each lasts {epoch_s:g} s."]
    return _give_all_durations(found, named, options, is_numbered=is_numbered)


def _give_all_durations(
    found: Sorted, named: Sequence[Named], options: StageOptions, *, is_numbered: bool
) -> list[str]:
    steps_s = [after.row.onset_s - each.row.onset_s for each, after in pairwise(named)]
    epoch_s = options.epoch_s or _unit_s(steps_s)
    is_regular = all(abs(step_s - epoch_s) <= NEAR_S for step_s in steps_s)
    lasts = options.lasts or _lasts(named, steps_s, epoch_s, is_numbered=is_numbered)
    if not lasts:
        found.doubts.append(_epoch_or_next(named, steps_s, epoch_s))
    if is_regular or lasts != LASTS_NEXT:
        _set_durations(found, {id(each.row): epoch_s for each in named})
        _give_unknown_durations(found, epoch_s)
        return [] if is_regular else [f"The stages give no durations; each lasts {epoch_s:g} s."]
    _set_durations(
        found,
        {
            id(each.row): step_s
            for each, step_s in zip(named, [*steps_s, epoch_s], strict=True)
            if step_s > 0
        },
    )
    _refuse_unknown_changes(found)
    return [f"The stages give no durations: each lasts until the next, the last one {epoch_s:g} s."]


def _lasts(
    named: Sequence[Named], steps_s: Sequence[float], epoch_s: float, *, is_numbered: bool
) -> str:
    """Tell a list of epochs from one of changes; "" where it may be either.

    A list of epochs names the same stage again and again, and most rows are an epoch apart. In a
    list of changes no stage follows itself.
    """
    repeats = any(each.stage == after.stage for each, after in pairwise(named))
    near = sum(abs(step_s - epoch_s) <= NEAR_S for step_s in steps_s)
    is_sparse = near < len(steps_s) / 2
    if len(named) < _FEWEST_ROWS or near == len(steps_s):
        return LASTS_EPOCH
    if repeats:
        return "" if is_sparse else LASTS_EPOCH
    may_be_changes = is_sparse or len(named) >= _FEWEST_CHANGES
    if is_numbered:
        return ""
    return LASTS_NEXT if may_be_changes else LASTS_EPOCH


def _epoch_or_next(named: Sequence[Named], steps_s: Sequence[float], epoch_s: float) -> Doubt:
    gaps = sum(abs(step_s - epoch_s) > NEAR_S for step_s in steps_s)
    return Doubt(
        code="lasts",
        what="The stages have no durations and there are gaps. Does each stage last one epoch, or"
        " until the next one?",
        where=f"{len(named)} stages, {gaps} gaps",
        choices=(
            Choice(LASTS_EPOCH, "Each lasts one epoch; epochs between have no stage."),
            Choice(LASTS_NEXT, "Each lasts until the next one."),
        ),
        option="--lasts epoch (or next)",
    )


def _give_unknown_durations(found: Sorted, epoch_s: float) -> None:
    """Give texts that may be stages the duration of the stages, where none has a duration."""
    found.others = [
        row
        if row.duration_s is not None or is_surely_event(row.text)
        else replace(row, duration_s=epoch_s)
        for row in found.others
    ]


def _refuse_unknown_changes(found: Sorted) -> None:
    """Collect texts that may end a stage: among change points every text without duration can."""
    for row in found.others:
        if row.duration_s is None and not is_surely_event(row.text):
            found.add_unknown(row)
    found.others = [row for row in found.others if row.duration_s or is_surely_event(row.text)]


def _set_durations(found: Sorted, durations_s: dict[int, float]) -> None:
    def timed(each: Named) -> Named:
        duration_s = durations_s.get(id(each.row), each.row.duration_s)
        return replace(each, row=replace(each.row, duration_s=duration_s))

    found.stages = [timed(each) for each in found.stages]
    found.weak = [timed(each) for each in found.weak]


def _unit_s(steps_s: Sequence[float]) -> float:
    near_20 = sum(abs(step_s - RK_EPOCH_S) <= NEAR_S for step_s in steps_s)
    return RK_EPOCH_S if near_20 > len(steps_s) / 2 else EPOCH_S


def _commonest(durations_s: Sequence[float]) -> float:
    return Counter(durations_s).most_common(1)[0][0]


def epoch_s_of(found: Sorted, options: StageOptions) -> float:
    if options.epoch_s:
        return options.epoch_s
    durations_s = [each.duration_s for each in found.stages]
    short = sum(abs(duration_s - RK_EPOCH_S) <= NEAR_S for duration_s in durations_s)
    is_short = short > len(durations_s) / 2 or are_of_20_s(durations_s)
    return RK_EPOCH_S if is_short else EPOCH_S
