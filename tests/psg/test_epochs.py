"""The epoch grid and its origin."""

from dataclasses import dataclass

import pytest

from psg.epochs import EpochGrid, grid_for
from psg.errors import OffGridError, PsgError


@dataclass
class Onset:
    onset_s: float


def test_the_grid_starts_with_the_recording_when_nothing_says_otherwise():
    assert grid_for(95.0) == EpochGrid(0.0, 3)


def test_the_grid_takes_its_phase_from_the_stages():
    grid = grid_for(1000.0, [Onset(102.3), Onset(132.3)])
    assert grid.epoch0_s == pytest.approx(12.3)
    assert grid.epoch_count == 32
    assert grid.index_of(102.3) == 3


def test_an_explicit_start_wins():
    assert grid_for(100.0, [Onset(12.3)], 5.0).epoch0_s == 5.0


def test_a_whole_night_is_not_one_epoch_short_by_rounding():
    assert grid_for(900 * 30.0 - 1e-7).epoch_count == 900


def test_an_onset_off_the_grid_is_refused_with_both_offsets():
    with pytest.raises(OffGridError) as caught:
        EpochGrid(12.3, 10).index_of(45.0)
    assert "45 s" in str(caught.value)
    assert "12.3 s" in str(caught.value)


def test_half_a_second_off_is_still_the_epoch():
    assert EpochGrid(0, 10).index_of(60.4) == 2


@pytest.mark.parametrize("start_s", [-1.0, 101.0, float("nan")])
def test_an_origin_outside_the_recording_is_refused(start_s: float):
    with pytest.raises(PsgError):
        grid_for(100.0, epoch0_s=start_s)
