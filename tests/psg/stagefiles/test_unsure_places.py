"""Places that the content of a file leaves open are asked about, and never taken in silence."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.stagefiles import (
    NightTimes,
    PlacedFile,
    StageEntry,
    StageOptions,
    StageTable,
    place_file,
    place_table,
    read_stage_file,
)
from psg.stages import Stage

HOUR_S = 3600.0
CYCLE = list(Stage)


def cycle(count: int) -> list[Stage]:
    return [CYCLE[index % 5] for index in range(count)]


def night(epochs: int, clock_s: float | None, rest_s: float = 0.0) -> NightTimes:
    return NightTimes(EpochGrid(0, epochs), 30 * epochs + rest_s, clock_s)


def clock(second: float) -> str:
    minutes, seconds = divmod(round(second) % 86_400, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def csv_of(folder: Path, header: str, onsets: Sequence[str], stages: Sequence[Stage]) -> Path:
    rows = [f"{onset},{stage}" for onset, stage in zip(onsets, stages, strict=True)]
    path = folder / "stages.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def placed(path: Path, of: NightTimes, **said: object) -> PlacedFile:
    options = StageOptions(**said)
    return place_file(read_stage_file(path, options), of, options)


def open_codes(file: PlacedFile) -> list[str]:
    return [doubt.code for doubt in file.doubts if doubt.is_open]


# Times since the start that look like times of day.


@pytest.mark.parametrize("start_s", [22 * HOUR_S, 22.5 * HOUR_S, 23.5 * HOUR_S, 0.1 * HOUR_S])
@pytest.mark.parametrize("first_s", [0, 30, 600])
def test_elapsed_times_of_a_night_near_midnight_are_asked_about(
    tmp_path: Path, start_s: float, first_s: int
):
    onsets = [clock(first_s + 30 * index) for index in range(840)]
    path = csv_of(tmp_path, "time,stage", onsets, cycle(840))
    of = night(1080, start_s)
    assert open_codes(placed(path, of)) == ["place"]
    answer = placed(path, of, place="elapsed")
    assert answer.placed[0].stages[first_s // 30 :][:840] == tuple(cycle(840))
    by_clock = placed(path, of, place="clock")
    shift = round(((first_s - start_s + 12 * HOUR_S) % 86_400 - 12 * HOUR_S) / 30)
    assert by_clock.placed[0].stages[max(shift, 0)] == cycle(840)[max(-shift, 0)]


def test_elapsed_times_on_a_recording_without_a_clock_are_asked_about(tmp_path: Path):
    path = csv_of(tmp_path, "time,stage", [clock(600 + 30 * i) for i in range(20)], cycle(20))
    assert open_codes(placed(path, night(40, None))) == ["place"]
    assert placed(path, night(40, None), place="elapsed").placed[0].stages[20:] == tuple(cycle(20))
    assert placed(path, night(40, None), place="index").placed[0].stages[:20] == tuple(cycle(20))


def test_times_with_a_date_are_times_of_day(tmp_path: Path):
    onsets = [f"2026-03-05 {clock(30 + 30 * index)}" for index in range(840)]
    path = csv_of(tmp_path, "time,stage", onsets, cycle(840))
    file = placed(path, night(1080, 22.5 * HOUR_S))
    assert not open_codes(file)
    assert file.placed[0].shift_s == 1.5 * HOUR_S + 30


def test_the_first_day_of_computers_is_no_date(tmp_path: Path):
    onsets = [f"1970-01-01 {clock(30 + 30 * index)}.000000" for index in range(840)]
    path = csv_of(tmp_path, "onset,description", onsets, cycle(840))
    file = placed(path, night(1080, 22.5 * HOUR_S))
    assert not open_codes(file)
    assert file.placed[0].stages[1:841] == tuple(cycle(840))
    assert any("no clock" in note for note in file.notes)


def test_a_header_of_midnight_on_a_recording_that_starts_near_it_is_asked_about():
    entries = tuple(StageEntry(30 * i, 30, stage, "") for i, stage in enumerate(cycle(840)))
    its = place_table(StageTable(entries, clock_s=0.0), night(1080, 23 * HOUR_S))
    assert [doubt.code for doubt in its.doubts if doubt.is_open] == ["place"]


# Times that are the ends of epochs.


@pytest.mark.parametrize("rest_s", [0.0, 12.0])
@pytest.mark.parametrize("has_clock", [False, True])
def test_times_that_may_be_ends_of_epochs_are_asked_about(
    tmp_path: Path, rest_s: float, has_clock: bool
):
    start_s = 22 * HOUR_S
    seconds = [30 * (index + 1) for index in range(20)]
    onsets = [clock(start_s + second) if has_clock else str(second) for second in seconds]
    path = csv_of(tmp_path, "time,stage" if has_clock else "onset,stage", onsets, cycle(20))
    of = night(20, start_s, rest_s)
    assert open_codes(placed(path, of)) == ["counting_base"]
    assert placed(path, of, first_epoch=1).placed[0].stages == tuple(cycle(20))


def test_a_stage_after_the_last_epoch_is_refused_where_no_epoch_can_be(tmp_path: Path):
    path = csv_of(tmp_path, "onset,stage", [str(30 * i) for i in range(21)], cycle(21))
    with pytest.raises(StageFileError, match="longer than the recording"):
        placed(path, night(20, None))
    kept = placed(path, night(20, None, 12.0))
    assert any("incomplete epoch" in note for note in kept.notes)


# Lists without times, and lengths.


def lines_of(folder: Path, stages: Sequence[Stage]) -> Path:
    path = folder / "stages.txt"
    path.write_text("\n".join(stages) + "\n")
    return path


@pytest.mark.parametrize(("listed", "epochs"), [(10, 20), (400, 960), (900, 960)])
def test_a_list_much_shorter_than_the_recording_is_asked_about(
    tmp_path: Path, listed: int, epochs: int
):
    path = lines_of(tmp_path, cycle(listed))
    assert open_codes(placed(path, night(epochs, None))) == ["place"]
    assert not open_codes(placed(path, night(epochs, None), place="index"))


def test_a_list_that_lacks_a_few_epochs_says_where_it_begins(tmp_path: Path):
    file = placed(lines_of(tmp_path, cycle(950)), night(960, None))
    assert not open_codes(file)
    assert any("first epoch is that of the recording (950" in note for note in file.notes)


# Another night.


def test_a_file_that_lies_half_outside_the_recording_is_asked_about():
    entries = tuple(StageEntry(30 * i, 30, stage, "") for i, stage in enumerate(cycle(900)))
    its, of = StageTable(entries, clock_s=19 * HOUR_S), night(900, 22 * HOUR_S)
    doubt = place_table(its, of).doubts[0]
    assert doubt.is_open
    assert "180 of 450 min" in doubt.what
    assert "19:00:00 to 02:30:00" in doubt.where
    assert not place_table(its, of, StageOptions(place="clock")).doubts


@pytest.mark.parametrize("dated", ["", "2026-10-25 "])
@pytest.mark.parametrize("before", [5, 100])
def test_a_clock_that_is_set_back_in_the_night_is_refused(tmp_path: Path, dated: str, before: int):
    starts_s = [3 * HOUR_S - 30 * before + 30 * index for index in range(before)]
    starts_s += [2 * HOUR_S + 30 * index for index in range(20)]
    path = csv_of(
        tmp_path, "time,stage", [dated + clock(each) for each in starts_s], cycle(len(starts_s))
    )
    with pytest.raises(StageFileError, match=f"goes back by an hour.*line {before + 2}"):
        read_stage_file(path)
