"""The extremes of a night, by which a whole night is drawn."""

from pathlib import Path

import numpy as np
import pytest

from psg.display import envelope, stretches_per_epoch
from psg.signalstore import SignalStore, SignalStoreWriter, StoredChannel


def store_of(path: Path, epochs: dict[str, np.ndarray]) -> SignalStore:
    """Write channels of shape (epochs, samples) and open them."""
    channels = [StoredChannel(n, c.shape[1] / 30, c.shape[1], 0.1) for n, c in epochs.items()]
    count = len(next(iter(epochs.values())))
    with SignalStoreWriter(path, channels=channels, epoch_count=count, epoch0_s=0) as writer:
        writer.append(list(epochs.values()))
    return SignalStore.open(path)


@pytest.mark.parametrize("count", [1, 5, 40, 70])
def test_every_stretch_holds_its_smallest_and_largest_value(tmp_path, count):
    rng = np.random.default_rng(1)
    quick = rng.integers(-3000, 3000, (count, 7680), dtype=np.int16)
    other = rng.integers(-3000, 3000, (count, 3000), dtype=np.int16)
    with store_of(tmp_path / "s.epw", {"fast": quick, "other": other}) as store:
        found = envelope(store)
    per_epoch = stretches_per_epoch(count)
    assert found.shape == (2, count * per_epoch, 2)
    for epochs, extremes in zip((quick, other), found, strict=True):
        size = epochs.shape[1]
        edges = np.arange(per_epoch + 1) * size // per_epoch
        for epoch in {0, count // 2, count - 1}:
            for n in {0, 1, per_epoch // 2, per_epoch - 1}:
                stretch = epochs[epoch, edges[n] : edges[n + 1]]
                expected = [stretch.min(), stretch.max()]
                assert extremes[epoch * per_epoch + n].tolist() == expected


def test_a_channel_slower_than_the_stretches_repeats_its_samples(tmp_path):
    slow = np.arange(90, 120, dtype=np.int16).reshape(1, 30)
    with store_of(tmp_path / "s.epw", {"SpO2": slow}) as store:
        found = envelope(store)[0]
    assert len(found) == 300
    assert found[::10].tolist() == [[value, value] for value in range(90, 120)]


def test_a_night_is_cut_finely_enough_for_a_screen_and_no_finer():
    assert stretches_per_epoch(960) == 5
    assert stretches_per_epoch(5000) == 4
    assert 5 * stretches_per_epoch(5) == 1500
