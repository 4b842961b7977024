"""The store of signals by epoch."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from psg.errors import SignalStoreError
from psg.montage import Derivation
from psg.signalstore import SignalStore, SignalStoreWriter, StoredChannel, scale_for, to_counts

CHANNELS = (
    StoredChannel("F4-M1", 100.0, 3000, 0.01),
    StoredChannel("Chin", 100.0, 3000, 0.02),
    StoredChannel("Chin native", 200.0, 6000, 0.02),
)


def counts(epochs: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [
        rng.integers(-30_000, 30_000, (epochs, channel.samples_per_epoch)).astype(np.int16)
        for channel in CHANNELS
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "signals.epw"
    with SignalStoreWriter(path, channels=CHANNELS, epoch_count=3, epoch0_s=12.3) as writer:
        writer.append([channel[:2] for channel in counts()])
        writer.append([channel[2:] for channel in counts()])
    return path


def test_an_epoch_is_one_aligned_read(path: Path):
    with SignalStore.open(path) as store:
        assert store.record_size == 2 * (3000 + 3000 + 6000)
        assert path.stat().st_size == 4096 + 3 * store.record_size
        expected = b"".join(channel[1].astype("<i2").tobytes() for channel in counts())
        assert store.read_record(1) == expected
        assert path.read_bytes()[4096 + store.record_size :][: store.record_size] == expected


def test_the_model_sees_derivations_in_uv_and_not_the_native_chin(path: Path):
    with SignalStore.open(path) as store:
        assert store.derivations == (Derivation.F4, Derivation.CHIN)
        view = store.read_uv(0, 3)
    assert view.shape == (3, 2, 3000)
    assert view.dtype == np.float32
    np.testing.assert_allclose(view[:, 1], counts()[1] * 0.02, rtol=1e-6)


def test_a_channel_is_read_by_name(path: Path):
    with SignalStore.open(path) as store:
        native = store.read_channel_uv("Chin native", 1, 2)
        np.testing.assert_allclose(native, counts()[2][1:] * 0.02, rtol=1e-6)
        with pytest.raises(SignalStoreError, match="no channel SaO2"):
            store.read_channel_uv("SaO2", 0)


@pytest.mark.parametrize(("first", "count"), [(3, 1), (-1, 1), (0, 4), (0, 0)])
def test_epochs_outside_the_night_are_refused(path: Path, first: int, count: int):
    with SignalStore.open(path) as store, pytest.raises(SignalStoreError):
        store.read_record(first, count)


@pytest.mark.parametrize(
    "data",
    [b"", b"EPOCHW01", b"something else entirely", struct.pack("<8sI", b"EPOCHW01", 9) + b"{}"],
)
def test_a_damaged_store_is_refused(tmp_path: Path, data: bytes):
    (tmp_path / "bad.epw").write_bytes(data)
    with pytest.raises(SignalStoreError):
        SignalStore.open(tmp_path / "bad.epw")


def test_a_cut_off_store_is_noticed(path: Path):
    path.write_bytes(path.read_bytes()[:-10])
    with SignalStore.open(path) as store, pytest.raises(SignalStoreError, match="shorter"):
        store.read_record(2)


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path):
    path = tmp_path / "signals.epw"
    with (
        pytest.raises(RuntimeError),
        SignalStoreWriter(path, channels=CHANNELS, epoch_count=3, epoch0_s=0),
    ):
        raise RuntimeError("the disk is full")
    with (
        pytest.raises(ValueError, match="0 of 3"),
        SignalStoreWriter(path, channels=CHANNELS, epoch_count=3, epoch0_s=0),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[tuple[int, bool]] = []
    path, fsync = tmp_path / "signals.epw", os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", noted)
    with SignalStoreWriter(path, channels=CHANNELS, epoch_count=3, epoch0_s=0) as writer:
        writer.append(counts())
    assert synced == [(path.stat().st_size, False)]


def test_no_sample_is_clipped_and_quiet_signals_keep_their_grain():
    loud = np.array([[-5000.0, 4000.0]])
    assert scale_for(loud) == pytest.approx(5000 / 32767)
    assert np.abs(to_counts(loud, scale_for(loud)) * scale_for(loud) - loud).max() < 0.1
    assert scale_for(np.array([[1.0, -2.0]])) == 0.01
