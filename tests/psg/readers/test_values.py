"""Every format gives the same night: values, units, rates, clock and annotations."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import mne
import numpy as np
import pytest

from psg.readers import open_recording
from psg.signalfile import SignalFile
from tests.helpers.recording_files import (
    CLOCK_S,
    LABELS,
    MARKS,
    SECONDS,
    SFREQ_HZ,
    UNITS,
    values,
    write_bdf,
    write_brainvision,
    write_edf,
    write_eeglab,
    write_eeglab_hdf5,
    write_fif,
    write_gdf,
)

Write = Callable[[Path], Path]
# Largest difference in uV that the numbers of a format make.
WAYS: dict[str, tuple[Write, float]] = {
    "edf": (write_edf, 0.01),
    "bdf": (write_bdf, 1e-4),
    "BrainVision, float": (write_brainvision, 1e-4),
    "BrainVision, 16 bit": (partial(write_brainvision, binary="INT_16", resolution=0.01), 0.006),
    "BrainVision, 32 bit, by channel": (
        partial(write_brainvision, binary="INT_32", resolution=0.001, orientation="VECTORIZED"),
        0.001,
    ),
    "EEGLAB": (write_eeglab, 1e-4),
    "EEGLAB, double": (partial(write_eeglab, dtype="f8"), 1e-9),
    "EEGLAB, compressed": (partial(write_eeglab, compressed=True), 1e-4),
    "EEGLAB, without the structure": (partial(write_eeglab, flat=True), 1e-4),
    "EEGLAB with .fdt": (partial(write_eeglab, beside=True), 1e-4),
    "EEGLAB 7.3": (write_eeglab_hdf5, 1e-4),
    "fif": (write_fif, 1e-9),
    "GDF 1.25": (partial(write_gdf, version="1.25", kind=3), 0.03),
    "GDF 2.20": (write_gdf, 1e-4),
    "GDF 2.20, 32 bit": (partial(write_gdf, kind=5), 0.03),
}


def opened(path: Path) -> SignalFile:
    spool = path.parent / "spool"
    spool.mkdir(exist_ok=True)
    folder = path.parent / "night"
    # Formats of several files are given as a folder, the others as the file.
    if path.suffix in (".vhdr", ".set"):
        folder.mkdir(exist_ok=True)
        for file in list(path.parent.iterdir()):
            if file.is_file():
                file.rename(folder / file.name)
        return open_recording(folder, spool=spool)
    return open_recording(path, spool=spool)


@pytest.mark.parametrize("way", WAYS)
def test_every_format_gives_the_same_night(way: str, tmp_path: Path):
    write, tolerance = WAYS[way]
    night = opened(write(tmp_path))
    assert [channel.label for channel in night.channels] == list(LABELS)
    assert [channel.unit for channel in night.channels][:4] == list(UNITS[:4])
    assert night.channels[4].unit != "uV"
    assert night.duration_s == SECONDS
    expected = values()
    for channel in night.channels:
        step = round(SFREQ_HZ / channel.sfreq_hz)
        got = night.read_uv(channel.index)
        np.testing.assert_allclose(got, expected[channel.index][::step], atol=tolerance)
        part = night.read_digital(channel.index, 500, 1300)
        np.testing.assert_array_equal(part, night.read_digital(channel.index)[500:1300])
        np.testing.assert_allclose(channel.to_physical(part), got[500:1300], rtol=1e-12)
    if "EEGLAB" not in way:
        assert night.start_clock_s == CLOCK_S
    if "GDF" not in way:
        found = [(a.onset_s, a.duration_s, a.text) for a in night.annotations()]
        for got_mark, mark in zip(found, MARKS, strict=True):
            assert got_mark[2] == mark[2]
            assert got_mark[:2] == pytest.approx(mark[:2], abs=0.01)


@pytest.mark.parametrize(
    ("way", "read"),
    [
        ("BrainVision, 16 bit", mne.io.read_raw_brainvision),
        ("EEGLAB", mne.io.read_raw_eeglab),
        ("EEGLAB with .fdt", mne.io.read_raw_eeglab),
        ("GDF 1.25", partial(mne.io.read_raw_gdf, exclude=["SpO2"])),
        ("GDF 2.20", partial(mne.io.read_raw_gdf, exclude=["SpO2"])),
    ],
)
def test_voltages_equal_those_of_mne(way: str, read: Callable, tmp_path: Path):
    path = WAYS[way][0](tmp_path)
    theirs = read(path, verbose="error").get_data(picks=[0, 1, 2, 3]) * 1e6
    night = opened(path)
    for index in range(4):
        np.testing.assert_allclose(night.read_uv(index), theirs[index], atol=1e-6)


@pytest.mark.real_data
def test_a_real_fif_file_is_read_as_mne_reads_it(real_data: Path, tmp_path: Path):
    path = real_data / "yasa-snippets" / "resting_EO_200Hz_raw.fif"
    night = open_recording(path, spool=tmp_path)
    raw = mne.io.read_raw_fif(path, verbose="error")
    assert [channel.label for channel in night.channels] == raw.ch_names
    np.testing.assert_allclose(night.read_uv(0), raw.get_data([0])[0] * 1e6, atol=1e-9)
