"""Where the stages of a file lie on a recording: by clock, by number, or from the start."""

from collections.abc import Sequence

import pytest

from psg.epochs import EpochGrid
from psg.errors import OffGridError, PsgError, StageFileError
from psg.lights import Lights
from psg.stagefiles import (
    EventKind,
    FileEvent,
    NightTimes,
    OtherNightError,
    Placed,
    StageEntry,
    StageOptions,
    StageTable,
    place_table,
)
from psg.stages import Stage

W, N1, N2, N3, R = Stage
HOUR_S = 3600.0
TEN = 22 * HOUR_S
CYCLE = [W, N1, N2, N3, R]


def night(epochs: int = 20, clock_s: float | None = TEN, epoch0_s: float = 0.0) -> NightTimes:
    grid = EpochGrid(epoch0_s, epochs)
    return NightTimes(grid, grid.onset_s(epochs), clock_s)


def table(
    stages: Sequence[Stage | None], clock_s: float | None = TEN, *, epoch_s: float = 30, **other
) -> StageTable:
    entries = tuple(
        StageEntry(epoch_s * index, epoch_s, stage, str(stage or "?"))
        for index, stage in enumerate(stages)
    )
    return StageTable(entries, clock_s=clock_s, epoch_s=epoch_s, **other)


def cycle(count: int) -> list[Stage]:
    return [CYCLE[index % 5] for index in range(count)]


def told(placed: Placed, words: str) -> bool:
    return any(words in note for note in placed.notes)


def test_a_file_that_starts_earlier_loses_what_lies_before_the_recording_and_says_so():
    placed = place_table(table(cycle(20), TEN - 150), night())
    assert placed.stages == (*cycle(20)[5:], *[None] * 5)
    assert told(placed, "150 s before the start of the recording at 22:00:00")
    assert told(placed, "Scored epochs before the start of the recording, left out: 5.")


def test_a_file_that_ends_later_loses_what_lies_after_the_recording_and_says_so():
    placed = place_table(table(cycle(20), TEN + 300), night())
    assert placed.stages == (*[None] * 10, *cycle(20)[:10])
    assert told(placed, "Scored epochs after the end of the recording, left out: 10.")


def test_padding_without_stages_is_left_out_in_silence():
    placed = place_table(table([*[None] * 10, *cycle(20)], TEN - 300), night())
    assert placed.stages == tuple(cycle(20))
    assert not told(placed, "left out")


@pytest.mark.parametrize(
    ("recording_s", "file_s", "shift"),
    [
        (23 * HOUR_S + 3540, 60.0, 4),
        (30.0, 24 * HOUR_S - 60, -3),
        (24 * HOUR_S - 30, 30.0, 2),
    ],
)
def test_clocks_on_both_sides_of_midnight(recording_s: float, file_s: float, shift: int):
    placed = place_table(table(cycle(10), file_s), night(20, recording_s))
    expected: list[Stage | None] = [None] * 20
    for index, stage in enumerate(cycle(10)):
        if index + shift >= 0:
            expected[index + shift] = stage
    assert list(placed.stages) == expected


def test_a_file_that_begins_14_hours_into_a_long_recording_is_placed_there():
    placed = place_table(table(cycle(10), TEN), night(2 * 60 * 20, 8 * HOUR_S))
    assert placed.shift_s == 14 * HOUR_S
    assert placed.stages[14 * 120] == W


def test_a_time_that_a_long_recording_has_twice_is_asked_about():
    long = night(40 * 120, 21 * HOUR_S)
    doubt = place_table(table(cycle(10), TEN), long).doubts[0]
    assert [choice.value for choice in doubt.choices] == ["day 1", "day 2"]
    placed = place_table(table(cycle(10), TEN), long, StageOptions(place="day 2"))
    assert placed.stages[25 * 120] == W
    assert not placed.doubts


@pytest.mark.parametrize("options", [StageOptions(), StageOptions(place="clock")])
def test_a_file_of_another_time_of_day_is_refused_with_both_times(options: StageOptions):
    with pytest.raises(OtherNightError, match=r"13:00:00 to 13:10:00.*22:00:00 to 22:10:00"):
        place_table(table(cycle(20), 13 * HOUR_S), night(), options)


def test_a_file_that_is_much_longer_is_refused_with_both_times():
    with pytest.raises(OtherNightError, match=r"longer.*22:00:00 to 06:00:00.*22:10:00"):
        place_table(table(cycle(960)), night())


def test_a_longer_file_of_the_same_start_is_refused_until_a_person_trusts_the_clock():
    with pytest.raises(StageFileError, match="longer than the recording"):
        place_table(table(cycle(25)), night())
    placed = place_table(table(cycle(25)), night(), StageOptions(place="clock"))
    assert placed.stages == tuple(cycle(20))
    assert told(placed, "Scored epochs after the end of the recording, left out: 5.")


def test_a_person_can_count_from_the_start_whatever_the_clocks_say():
    placed = place_table(table(cycle(20), 13 * HOUR_S), night(), StageOptions(place="index"))
    assert placed.stages == tuple(cycle(20))
    assert told(placed, "from 13:00:00, the recording starts at 22:00:00. The clocks were not used")


def test_lights_and_events_go_with_the_stages():
    events = (FileEvent(10, 3, EventKind.AROUSAL, "arousal"), FileEvent(590, 3, EventKind.LIMB))
    its = table(cycle(20), TEN + 300, lights=Lights(30, 570), events=events)
    placed = place_table(its, night())
    assert [event.onset_s for event in placed.events] == [310]
    assert placed.lights == Lights(off_s=330)
    assert told(placed, "lights marks outside the recording")


def test_a_file_off_the_grid_by_its_clock_is_refused_with_both_times():
    with pytest.raises(OffGridError, match=r"grid.*22:00:12.*22:00:00"):
        place_table(table(cycle(5), TEN + 12), night())


@pytest.mark.parametrize(("file_s", "recording_s"), [(0.0, TEN), (TEN, 0.0)])
def test_a_clock_of_midnight_that_does_not_fit_is_no_clock(file_s: float, recording_s: float):
    placed = place_table(table(cycle(20), file_s), night(20, recording_s))
    assert placed.stages == tuple(cycle(20))
    assert told(placed, "Files without a clock have 00:00:00")


def test_a_clock_of_midnight_that_may_be_real_is_asked_about():
    long = night(960, 20 * HOUR_S)
    assert place_table(table(cycle(20), 0.0), long).doubts[0].code == "place"
    for place, first in (("index", 0), ("clock", 480)):
        placed = place_table(table(cycle(20), 0.0), long, StageOptions(place=place))
        assert placed.stages[first : first + 20] == tuple(cycle(20))
        assert placed.stages.count(None) == 940


@pytest.mark.parametrize(("file_s", "recording_s"), [(None, TEN), (TEN, None), (None, None)])
def test_without_two_clocks_stages_count_from_the_start(file_s, recording_s):
    placed = place_table(table(cycle(20), file_s), night(20, recording_s))
    assert placed.stages == tuple(cycle(20))
    assert told(placed, "has no clock") == (file_s is not None or recording_s is not None)


@pytest.mark.parametrize("its", [table(cycle(5), None), table(cycle(5), None, by_epoch=True)])
def test_a_file_without_a_clock_is_not_placed_by_clock(its: StageTable):
    with pytest.raises(StageFileError, match="stage file has no clock"):
        place_table(its, night(), StageOptions(place="clock"))


def test_a_way_to_place_that_nobody_knows_is_refused():
    with pytest.raises(PsgError, match="no way to place"):
        place_table(table(cycle(20)), night(), StageOptions(place="by hand"))


# Files that number their epochs.


def numbered(first: int, count: int, epoch_s: float = 30) -> StageTable:
    plain = table([None] * first + cycle(count), None, epoch_s=epoch_s)
    return StageTable(plain.entries[first:], by_epoch=True, numbered_from=first, epoch_s=epoch_s)


def test_numbers_beyond_the_end_can_only_count_from_1():
    placed = place_table(numbered(1, 20), night())
    assert placed.stages == tuple(cycle(20))
    assert told(placed, "from 1 (epochs 1 to 20, the recording has 20)")


@pytest.mark.parametrize("its", [numbered(1, 15), numbered(3, 10)])
def test_numbers_that_fit_from_0_and_from_1_are_asked_about(its: StageTable):
    doubt = place_table(its, night()).doubts[0]
    assert (doubt.code, doubt.is_open) == ("counting_base", True)
    assert "--first-epoch" in doubt.option


def test_a_scored_epoch_beyond_the_end_is_never_dropped():
    with pytest.raises(StageFileError, match="longer"):
        place_table(numbered(1, 30), night())


def test_numbered_epochs_of_20_s():
    placed = place_table(numbered(1, 30, 20), night())
    assert told(placed, "from 1 (epochs 1 to 30, the recording has 30)")
    assert placed.stages[0] == W


def test_epochs_lie_on_the_grid_of_the_recording():
    placed = place_table(table(cycle(10), None, by_epoch=True), night(10, TEN, 12.3))
    assert placed.stages == tuple(cycle(10))


# Epochs of 20 s.


def test_an_epoch_with_two_stages_takes_the_one_that_covers_most():
    # 20 s W and 10 s N1, then 10 s N1 and 20 s N2, and so on.
    placed = place_table(table([W, N1, N2, R, R, N3], None, epoch_s=20), night(4))
    assert placed.stages == (W, N2, R, N3)
    assert placed.source_texts == ("W", "N2", "R", "N3")
    assert told(placed, "3 of these hold several stages")


def test_time_without_a_stage_counts_as_no_stage():
    entries = (StageEntry(0, 20, W, "W"), StageEntry(50, 20, N2, "N2"))
    placed = place_table(StageTable(entries, epoch_s=20), night(3))
    assert placed.stages == (W, None, None)


def test_20_s_epochs_past_the_end_are_refused():
    with pytest.raises(StageFileError, match="longer"):
        place_table(table(cycle(40), None, epoch_s=20), night())


def test_20_s_epochs_are_placed_by_clock():
    placed = place_table(table([W] * 15 + [N2] * 15, TEN + 100, epoch_s=20), night(30))
    # The first W begin 10 s into epoch 3, the first N2 10 s into epoch 13.
    assert placed.stages == (*[None] * 3, *[W] * 10, *[N2] * 10, *[None] * 7)
