"""Where the clock of a recording is another one than that of a stage file may be."""

from __future__ import annotations

from dataclasses import replace

from psg.clockkind import ClockKind
from psg.doubts import Choice, Doubt
from psg.lights import DAY_S, time_of_day
from psg.stagefiles.alignment import Aligned, NightTimes
from psg.stagefiles.byclock import CLOCK, INDEX, both_clocks
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.facts import StageTable


def is_joined(table: StageTable, night: NightTimes) -> bool:
    """Whether a clock of the file passes over breaks that the recording leaves out."""
    return night.clock_kind is ClockKind.JOINED and table.clock_s is not None


def over_joins(table: StageTable, night: NightTimes) -> Aligned:
    """Ask what the times of a file count in a recording of joined pieces."""
    choices = [Choice(INDEX, "Its first stage is at the start, and they leave the breaks out.")]
    if night.clock_s is not None:
        choices.append(Choice(CLOCK, "They are times of day, and nothing is missing at the joins."))
    doubt = Doubt(
        code="place",
        what="Pieces of the recording were joined, and stages after a join may lie elsewhere by"
        " their times of day. Do the times of the stage file fit the joined recording?",
        where=f"the stage file counts from {time_of_day(table.clock_s or 0.0)}",
        choices=tuple(choices),
        option="--place index" if night.clock_s is None else "--place index (or clock)",
    )
    return Aligned(table, doubts=(doubt,))


def may_be_other_clock(table: StageTable, night: NightTimes) -> bool:
    """Whether a file may follow another clock than the one by which it would be placed.

    The clock of the recording is in UTC, or a person said another one than its file gives, and the
    stage file begins when that one says.
    """
    if table.clock_s is None or night.clock_s is None:
        return False
    if _is_same(table.clock_s, night.clock_s):
        return False
    if night.clock_kind is ClockKind.UTC:
        return True
    of_file_s = night.said_by_file_s
    # 00:00:00 is no clock: it is asked about by itself.
    is_told = of_file_s is not None and of_file_s != 0
    return is_told and _is_same(table.clock_s, of_file_s or 0.0)


def _is_same(one_s: float, other_s: float) -> bool:
    gap_s = (one_s - other_s) % DAY_S
    return min(gap_s, DAY_S - gap_s) <= NEAR_S


def perhaps_other_clock(table: StageTable, night: NightTimes) -> Aligned:
    is_utc = night.clock_kind is ClockKind.UTC
    what = (
        "The clock of the recording is in UTC. Is that of the stage file in UTC too?"
        if is_utc
        else "The stage file begins at the time that the file of the recording gives, and another"
        " start was entered. By which clock do its stages lie?"
    )
    doubt = Doubt(
        code="place",
        what=what,
        where=both_clocks(table, night).removesuffix("."),
        choices=(
            Choice(INDEX, "The stages start with the recording."),
            Choice(CLOCK, "Both are in UTC." if is_utc else "By the start that was entered."),
        ),
        option="--place index (or clock)"
        + (", or give the local start with --start-clock" if is_utc else ""),
    )
    return replace(Aligned(table), doubts=(doubt,))
