"""Luna .annot: classes of annotations with start and stop in seconds, times of day or epochs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.lights import DAY_S
from psg.stagefiles.clocks import Clock, read_clock, unwrap
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.words import folded, stage_word

# The columns that a file may have, by their number.
_COLUMNS = {
    6: ("class", "instance", "channel", "start", "stop", "meta"),
    4: ("class", "instance", "start", "stop"),
    3: ("class", "start", "stop"),
}
_EPOCH = re.compile(r"e:(\d{1,6})(?::(\d+(?:\.\d+)?))?(?::(\d+(?:\.\d+)?))?")
_ELAPSED = "0+"
_UNTIL_NEXT = "..."
# Classes whose instances name the stages.
_STAGE_CLASSES = {"sleep stage", "sleepstage", "stage", "stages", "staging", "hypnogram"}


@dataclass(frozen=True)
class _Line:
    where: str
    cells: dict[str, str]


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]


def _is_header(cells: Sequence[str]) -> bool:
    return tuple(cell.lower() for cell in cells) == _COLUMNS.get(len(cells))


def _described(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are no comments, with their numbers."""
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            yield number, _split(line)


def _recognises(content: Content) -> bool:
    first = next(_described(first_lines(content)), None)
    if first is None:
        return False
    return _is_header(first[1]) or (content.suffix == ".annot" and _is_line(first[1]))


def _is_line(cells: Sequence[str]) -> bool:
    names = _COLUMNS.get(len(cells))
    return names is not None and _is_time(cells[names.index("start")])


def _is_time(text: str) -> bool:
    elapsed = text.removeprefix(_ELAPSED)
    return bool(
        _EPOCH.fullmatch(text) or read_clock(elapsed) or optional_number(elapsed) is not None
    )


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = list(_lines(content))
    clocks = [read_clock(line.cells["start"]) for line in lines]
    timed = [clock for clock in clocks if clock is not None]
    if timed and len(timed) < len(lines):
        raise StageFileError(
            "The file mixes times of day and times from the start of the recording",
            where=next(line.where for line, clock in zip(lines, clocks, strict=True) if not clock),
            advice="Write the annotations with one of them.",
        )
    if timed:
        seconds = unwrap(timed)
        zero_s = min(seconds)
        onsets_s = [second - zero_s for second in seconds]
        clock_s: float | None = zero_s % DAY_S
    else:
        onsets_s = [_elapsed(line.cells["start"], line.where)[0] for line in lines]
        clock_s = None
    rows = [
        _row(line, onset_s, _duration_s(line, onset_s, after_s, clock))
        for line, onset_s, after_s, clock in zip(
            lines, onsets_s, [*onsets_s[1:], None], clocks, strict=True
        )
    ]
    return stage_file(FORMAT.id, [read_rows(rows, options, clock_s=clock_s)], options)


def _lines(content: Content) -> Iterator[_Line]:
    for number, cells in _described(content.lines):
        names = _COLUMNS.get(len(cells))
        if names is None:
            raise StageFileError(
                "A line has neither 3, 4 nor 6 columns",
                where=f"line {number}",
                advice="Columns are class, instance, channel, start, stop and meta.",
            )
        if not _is_header(cells):
            yield _Line(f"line {number}", dict(zip(names, cells, strict=True)))


def _elapsed(text: str, where: str) -> tuple[float, float | None]:
    """Seconds from the start of the recording, and the duration where the text is an epoch."""
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None:
        duration_s = float(epoch[2] or 30.0)
        return (int(epoch[1]) - 1) * float(epoch[3] or duration_s), duration_s
    clock = read_clock(text.removeprefix(_ELAPSED)) if text.startswith(_ELAPSED) else None
    return (number_of(text, where) if clock is None else clock.second), None


def _duration_s(
    line: _Line, onset_s: float, after_s: float | None, clock: Clock | None
) -> float | None:
    """Duration by the stop: a time, a duration, the next line, or the epoch of the start."""
    stop, where = line.cells["stop"], line.where
    if stop == _UNTIL_NEXT:
        return None if after_s is None else max(after_s - onset_s, 0.0)
    if stop.startswith("+"):
        return number_of(stop[1:], where)
    end = read_clock(stop)
    if clock is not None and end is not None:
        return (end.second - clock.second) % DAY_S
    if clock is not None or end is not None:
        raise StageFileError(
            "A stop is written in another way than its start",
            where=where,
            advice="Write both as times of day, or both as seconds.",
        )
    if stop in {"", "."}:
        return _elapsed(line.cells["start"], where)[1]
    end_s, epoch_s = _elapsed(stop, where)
    return end_s + (epoch_s or 0.0) - onset_s


def _row(line: _Line, onset_s: float, duration_s: float | None) -> Row:
    name, instance = line.cells["class"], line.cells.get("instance", "")
    is_class = folded(name) in _STAGE_CLASSES and stage_word(name) is None
    return Row(
        onset_s,
        duration_s,
        instance if is_class else name.partition("|")[0],
        where=line.where,
        channel=line.cells.get("channel", ""),
        is_stage=True if is_class else None,
    )


FORMAT = StageFormat(
    id="luna_annot",
    title="Luna .annot",
    suffixes=(".annot",),
    recognises=_recognises,
    read=_read,
    reads="Files with 3, 4 or 6 columns: seconds, times of day, epochs (e:1), durations (+30) and"
    " stages that last until the next line (...).",
    refuses="Times of day and seconds mixed in one file.",
    description="https://zzz.bwh.harvard.edu/luna/ref/annotations/",
)
