"""The slow waves that count for N3."""

import numpy as np
import pytest

from psg.events import ContinuousNight
from psg.events.faults import Fault, FaultyStretch
from psg.montage import Derivation
from psg.rules.reader.deep_sleep import steep_seconds

F4, C4 = Derivation.F4, Derivation.C4
SECONDS = np.arange(3000) / 100


def train(frequency_hz: float, size_uv: float, *, length_s: float = 10.0) -> np.ndarray:
    """An epoch with a train of waves of this size from peak to peak, from 10 s on."""
    inside = (SECONDS >= 10) & (10 + length_s > SECONDS)
    return inside * size_uv / 2 * np.sin(2 * np.pi * frequency_hz * (SECONDS - 10))


def counted_s(row: np.ndarray, *, place: Derivation = C4, faults=None) -> float:
    return steep_seconds(ContinuousNight({place: row}), 1, [faults or {}])[0]


@pytest.mark.parametrize("place", [F4, C4])
@pytest.mark.parametrize(("frequency_hz", "size_uv"), [(0.9, 110), (1.0, 90), (1.3, 85), (1.8, 90)])
def test_a_train_of_slow_waves_counts(place, frequency_hz, size_uv):
    assert counted_s(train(frequency_hz, size_uv), place=place) == pytest.approx(10, abs=1.5)


@pytest.mark.parametrize(
    ("frequency_hz", "size_uv"),
    [(0.35, 160), (0.5, 120), (0.6, 130), (1.0, 50), (1.8, 50), (4, 90)],
)
def test_slow_sway_and_small_or_fast_waves_do_not(frequency_hz, size_uv):
    assert counted_s(train(frequency_hz, size_uv)) < 2


def test_sway_below_small_waves_does_not_make_them_count():
    small = train(1.2, 45, length_s=15)
    assert counted_s(small + train(0.4, 100, length_s=15)) < 3


def test_waves_hidden_by_movement_and_of_a_faulty_derivation_do_not_count():
    row = train(1.0, 120)
    moving = (SECONDS >= 12) & (SECONDS < 20)
    hidden = row + moving * 40 * np.sin(2 * np.pi * 25 * SECONDS)
    assert counted_s(hidden) < 4
    assert counted_s(row, faults={C4: (FaultyStretch(Fault.LOOSE, 0.0, 30.0),)}) == 0
    assert 0 < counted_s(row, faults={C4: (FaultyStretch(Fault.LOOSE, 10.0, 14.0),)}) < 6


def test_the_centre_is_searched_while_the_front_has_a_fault():
    rows = {place: np.concatenate([train(1.0, 120)] * 2) for place in (F4, C4)}
    rows[C4][3000:] = 0
    loose = {F4: (FaultyStretch(Fault.LOOSE, 0.0, 30.0),)}
    assert steep_seconds(ContinuousNight(rows), 2, [loose, {}]) == pytest.approx([10, 10], abs=1.5)
    without = steep_seconds(ContinuousNight(rows), 2, [{}, loose])
    assert without == [pytest.approx(10, abs=1.5), 0]


@pytest.mark.parametrize("loose_epochs", [{1}, {0, 2}])
def test_the_front_is_searched_where_it_is_small_and_the_centre_has_a_fault(loose_epochs):
    row = np.concatenate([train(1.0, 150)] * 4)
    rows = {F4: row * 0.6, C4: row.copy()}
    loose = {C4: (FaultyStretch(Fault.LOOSE, 0.0, 30.0),)}
    faults = [loose if epoch in loose_epochs else {} for epoch in range(4)]
    found = steep_seconds(ContinuousNight(rows), 4, faults)
    assert found == pytest.approx([10] * 4, abs=1.5)


def test_each_epoch_has_its_own_seconds():
    night = ContinuousNight({C4: np.concatenate([train(1.0, 120), np.zeros(3000), train(1.0, 40)])})
    first, *others = steep_seconds(night, 3, [{}] * 3)
    assert first > 8
    assert others == [0, 0]
