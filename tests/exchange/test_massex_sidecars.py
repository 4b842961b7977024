"""epochs.csv and lights.csv: times by subject, and nothing that is no time."""

import pytest

from annotations.exchange.massex_files import read_lights_table
from psg.errors import StageFileError
from psg.lights import Lights
from psg.massex import read_epochs

HEAD = "Subject,N,epoch,onset_s,original_stage\n"
LIGHTS = "Subject,lights_off_s,lights_on_s,lights_off_from,lights_on_from\n"


def test_a_night_keeps_epochs_with_and_without_n_and_the_grid_they_lie_on():
    nights = read_epochs(
        (
            HEAD + "S1,,0,12.3,?\nS1,0,1,42.3,Sleep stage 2\nS1,,2,72.3,Movement\nS2,0,0,0,W\n"
        ).encode()
    )
    night = nights["S1"]
    assert {n: (p.epoch, p.source_text) for n, p in night.kept.items()} == {0: (1, "Sleep stage 2")}
    assert night.texts == {2: "Movement"}
    assert (night.grid().epoch0_s, night.grid().epoch_count) == (12.3, 3)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("S1,0,0,nan,W\n", "not a number of seconds"),
        ("S1,0,0,0,W\nS1,0,1,30,W\n", "occur twice"),
        ("S1,0,0,0,W\nS1,1,0,0,W\n", "occurs twice"),
        ("S1,0,x,0,W\n", "not a count"),
    ],
)
def test_times_that_cannot_be_are_refused(rows, told):
    with pytest.raises(StageFileError, match=told):
        read_epochs((HEAD + rows).encode())


def test_a_night_of_years_is_no_night():
    with pytest.raises(StageFileError, match="which epochs"):
        read_epochs((HEAD + "S1,0,999999,29999970,W\n").encode())["S1"].grid()


def test_a_night_that_starts_after_years_is_no_night():
    with pytest.raises(StageFileError, match="which epochs"):
        read_epochs((HEAD + "S1,0,0,1e308,W\n").encode())["S1"].grid()


def test_lights_say_whose_marks_they_are():
    nights = read_lights_table(
        (LIGHTS + "S1,30.5,,recording,\nS2,10,200,scorer,recording\n").encode()
    )
    assert nights["S1"].recording == Lights(30.5, None)
    assert (nights["S2"].own, nights["S2"].recording) == (Lights(10, None), Lights(None, 200))
