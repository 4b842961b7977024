"""Polyman text, as the Haaglanden Medisch Centrum published its scorings (HMC)."""

from __future__ import annotations

from psg.errors import StageFileError
from psg.lights import DAY_S
from psg.stagefiles.clocks import clock_of, days_of_start, read_clock
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

# Times of day may be whole seconds.
_NEAR_S = 1.5
_HEADER = ["date", "time", "recording onset", "duration", "annotation"]
_TIME, _ONSET, _DURATION, _TEXT, _CHANNEL = range(1, 6)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(",", maxsplit=_CHANNEL)]


def _first_cells(content: Content) -> list[str]:
    return _cells(next(iter(first_lines(content)), ""))


def _has_header(content: Content) -> bool:
    return [cell.lower() for cell in _first_cells(content)[: len(_HEADER)]] == _HEADER


def _recognises(content: Content) -> bool:
    return _has_header(content) or _is_row(_first_cells(content))


def _is_row(cells: list[str]) -> bool:
    if len(cells) <= _TEXT or read_clock(cells[_TIME]) is None:
        return False
    dated = read_clock(f"{cells[0]} {cells[_TIME]}")
    numbers = (optional_number(cells[_ONSET]), optional_number(cells[_DURATION]))
    return dated is not None and bool(dated.date) and None not in numbers


def _read(content: Content, options: StageOptions) -> StageFile:
    rows = []
    zero_clock_s: float | None = None
    days: tuple[int, ...] = ()
    first = 1 if _has_header(content) else 0
    for number, line in enumerate(content.lines[first:], start=first + 1):
        if not line.strip():
            continue
        where, cells = f"line {number}", _cells(line)
        if len(cells) <= _TEXT:
            raise StageFileError(
                "A line has fewer columns than the first", where=where, advice="Export it again."
            )
        onset_s = number_of(cells[_ONSET], where)
        clock_s = (clock_of(cells[_TIME], where).second - onset_s) % DAY_S
        if zero_clock_s is None:
            zero_clock_s, days = clock_s, _days(cells, onset_s)
        _refuse_jump(clock_s - zero_clock_s, where)
        rows.append(
            Row(
                onset_s,
                number_of(cells[_DURATION], where),
                cells[_TEXT],
                where=where,
                channel=cells[_CHANNEL] if len(cells) > _CHANNEL else "",
            )
        )
    reading = read_rows(rows, options, clock_s=zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=days)


def _days(cells: list[str], onset_s: float) -> tuple[int, ...]:
    """Return the days on which the recording may start, by the date of a line."""
    clock = read_clock(f"{cells[0]} {cells[_TIME]}")
    if clock is None:
        return ()
    days_before = -int((clock.second - onset_s) // DAY_S)
    return tuple(day - days_before for day in days_of_start([clock]))


def _refuse_jump(shift_s: float, where: str) -> None:
    """Refuse a line whose time of day and onset count from another start than the first line's."""
    if abs((shift_s + DAY_S / 2) % DAY_S - DAY_S / 2) > _NEAR_S:
        raise StageFileError(
            "The time of day and the onset of a line disagree",
            where=where,
            advice="Was the recording paused? Export the stages as EDF+.",
        )


FORMAT = StageFormat(
    id="polyman_text",
    title="Polyman text (HMC)",
    suffixes=(".txt", ".csv"),
    recognises=_recognises,
    read=_read,
    reads="Annotations with date, time, onset and duration, with or without the first line.",
    refuses="Lines without a time, an onset or a duration.",
    description="https://physionet.org/content/hmc-sleep-staging/1.1/",
)
