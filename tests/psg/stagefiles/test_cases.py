"""Stage files that went wrong elsewhere, each placed on a night of 20 epochs from 22:00:00."""

from pathlib import Path

import pytest

from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.stagefiles import NightTimes, Placed, StageOptions, place_file, read_stage_file, settled

CASES = Path(__file__).parent / "cases"
NIGHT = NightTimes(EpochGrid(0, 20), 600, 22 * 3600)
TRUTH = [*"WW", "N1", *["N2"] * 3, *["N3"] * 3, "N2", *"RRRW", "N1", "N2", "N2", "N3", "N2", "W"]
FROM_20_S = StageOptions(epoch_s=20)


def placed_case(name: str, options: StageOptions | None = None) -> Placed:
    file = settled(read_stage_file(CASES / name, options))
    [placed] = place_file(file, NIGHT, options).placed
    return placed


def words(placed: Placed) -> list[str]:
    return [str(stage or "?") for stage in placed.stages]


WHOLE = [
    "01_stages_german.edf",
    "01_stages_french.edf",
    "03_numbered_from_1.csv",
    "11_events.edf",
    "11_events.csv",
    "11_mne_annotations.csv",
    "11_excel_german.csv",
    "15_channel_suffix.edf",
    "15_nrem.txt",
]


@pytest.mark.parametrize("name", WHOLE)
def test_every_stage_of_the_night_is_read(name: str):
    assert words(placed_case(name)) == TRUTH


@pytest.mark.parametrize("name", ["15_movement_time.edf", "15_stage_m.edf", "15_mt.txt"])
def test_movement_leaves_its_epoch_unscored_and_says_so(name: str):
    placed = placed_case(name)
    assert words(placed) == [*TRUTH[:5], "?", *TRUTH[6:]]
    assert any(note.startswith("1 of 20 epochs have no stage") for note in placed.notes)


def test_a_row_without_a_stage_is_empty_and_lights_are_a_mark():
    placed = placed_case("11_night_events.tsv")
    assert words(placed) == ["?", *TRUTH[1:]]
    assert placed.lights == Lights(off_s=0)


def test_a_file_that_starts_later_is_placed_by_clock_and_says_so():
    placed = placed_case("02_stages_from_2205.edf")
    assert words(placed) == ["?"] * 10 + TRUTH[10:]
    assert "22:05:00, 5 min after the start of the recording at 22:00:00" in placed.notes[0]


def test_numbers_from_1_to_the_number_of_epochs_count_from_1():
    assert "counts its epochs from 1" in placed_case("03_numbered_from_1.csv").notes[0]


@pytest.mark.parametrize("name", ["04_stages_20s.edf", "04_stages_20s.txt"])
def test_epochs_of_20_s_lie_at_20_s_in_every_format(name: str):
    placed = placed_case(name, FROM_20_S)
    assert words(placed) == ["W"] * 10 + ["N2"] * 10
    assert set(placed.source_texts) <= {"Sleep stage W", "Sleep stage N2", "W", "N2"}
    assert placed.source_texts[0].endswith("W")


def test_lights_come_with_epochs_of_20_s():
    assert placed_case("04_stages_20s.edf", FROM_20_S).lights == Lights(40, 580)


@pytest.mark.parametrize("name", ["11_events.edf", "11_events.csv"])
def test_an_event_between_the_stages_is_kept_in_every_container(name: str):
    placed = placed_case(name)
    assert [(e.onset_s, e.kind, e.name) for e in placed.events] == [(95.5, "arousal", "arousal")]
