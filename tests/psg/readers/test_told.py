"""What a format leaves open or cannot hold is told, and what is no continuous night refused."""

import zipfile
from pathlib import Path

import h5py
import mne
import numpy as np
import pytest

from psg.errors import RecordingFileError
from psg.ingest import inspect_night, store_night
from psg.readers import open_recording
from psg.signalfile import SignalFile
from psg.signalstore import SignalStore
from tests.helpers.recording_files import (
    SECONDS,
    SFREQ_HZ,
    values,
    write_bdf,
    write_brainvision,
    write_eeglab,
    write_eeglab_hdf5,
    write_fif,
    write_gdf,
    zipped,
)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


def opened(path: Path, spool: Path) -> SignalFile:
    folder = path.parent / "night"
    folder.mkdir()
    for file in [path, *(path.with_suffix(suffix) for suffix in (".eeg", ".vmrk", ".fdt"))]:
        if file.is_file():
            file.rename(folder / file.name)
    return open_recording(folder, spool=spool)


def said(night: SignalFile) -> str:
    return " ".join(night.warnings)


def test_an_interruption_of_brainvision_is_told_with_its_length(tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path)
    with (tmp_path / "night.vmrk").open("a") as markers:
        markers.write(f"\nMk9=New Segment,,{round(60 * SFREQ_HZ) + 1},1,0,20210304223135000000\n")
    night = opened(path, spool)
    assert "Nothing was recorded from 60 s to 95 s" in said(night)
    assert night.start_clock_s == 22.5 * 3600
    assert night.duration_s == SECONDS + 35
    lights_on = next(mark for mark in night.annotations() if mark.text == "Lights on")
    assert lights_on.onset_s == 61 + 35
    first, stop = round(60 * SFREQ_HZ), round(95 * SFREQ_HZ)
    np.testing.assert_allclose(night.read_uv(0)[stop:], values()[0][first:], atol=0.1)
    np.testing.assert_allclose(night.read_uv(0)[:first], values()[0][:first], atol=0.1)
    assert not night.read_digital(0, first, stop).any()
    np.testing.assert_array_equal(
        night.read_digital(0, first - 7, stop + 9), night.read_digital(0)[first - 7 : stop + 9]
    )


def test_several_pauses_lie_one_behind_the_other(tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path)
    with (tmp_path / "night.vmrk").open("a") as markers:
        for number, second, clock in ((8, 60, "223110"), (7, 30, "223035"), (9, 80, "223130")):
            at = round(second * SFREQ_HZ) + 1
            markers.write(f"\nMk{number}=New Segment,,{at},1,0,20210304{clock}000000\n")
    night = opened(path, spool)
    assert [(gap.start_s, gap.end_s) for gap in night.gaps] == [(30, 35), (65, 70)]
    assert "boundary" not in said(night)


@pytest.mark.parametrize("date", ["", "0" * 20, "20210304223010000000"])
def test_after_a_pause_of_unknown_length_there_is_no_clock(date, tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path)
    with (tmp_path / "night.vmrk").open("a") as markers:
        markers.write(f"\nMk9=New Segment,,{round(60 * SFREQ_HZ) + 1},1,0,{date}\n")
    night = opened(path, spool)
    assert "joined at 60 s; the file does not say how long" in said(night)
    assert (night.start_clock_s, night.gaps, night.duration_s) == (None, (), SECONDS)


def test_a_night_without_markers_is_read_and_that_is_told(tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path)
    (tmp_path / "night.vmrk").unlink()
    night = opened(path, spool)
    assert ".vmrk" in said(night)
    assert night.start_clock_s is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("DataFormat=BINARY", "DataFormat=ASCII", "DataFormat"),
        ("BinaryFormat=IEEE_FLOAT_32", "BinaryFormat=Ada Lovelace", "BinaryFormat"),
        ("NumberOfChannels=5", "NumberOfChannels=999999", "999,999 channels"),
        ("NumberOfChannels=5", "NumberOfChannels=5.5", "numberofchannels"),
        ("SamplingInterval=7812.5", "SamplingInterval=0", "sampling rate"),
        ("SamplingInterval=7812.5", "SamplingInterval=1e-9", "sampling rate"),
        ("Codepage=UTF-8", "SegmentationType=MARKERBASED", "SegmentationType"),
        ("Codepage=UTF-8", "DataPoints=99999999", "truncated"),
    ],
)
def test_brainvision_that_is_no_continuous_night_is_refused(
    old: str, new: str, words: str, tmp_path: Path, spool: Path
):
    path = write_brainvision(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(RecordingFileError, match=words) as caught:
        opened(path, spool)
    assert "Lovelace" not in str(caught.value)


def test_the_reference_of_a_channel_is_a_part_of_its_label(tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path)
    path.write_text(path.read_text().replace("Ch1=C4,,", r"Ch1=C4\1a,M1,"))
    assert opened(path, spool).channels[0].label == "C4,a-M1"


def test_a_cut_of_eeglab_is_told_and_trials_are_refused(tmp_path: Path, spool: Path):
    events = np.array(
        [("boundary", 60.0 * SFREQ_HZ + 0.5, 256.0), ("N2", 1.0, 0.0), (7.0, 300.0, 0.0)],
        dtype=[("type", object), ("latency", object), ("duration", object)],
    )
    night = opened(write_eeglab(tmp_path, event=events), spool)
    assert "Nothing was recorded from 60 s to 62 s" in said(night)
    assert "taken as uV" in said(night)
    assert [mark.text for mark in night.annotations()] == ["N2", "7"]


def test_recordings_that_were_joined_in_fif_have_no_clock(tmp_path: Path, spool: Path):
    path = write_fif(tmp_path)
    raw = mne.io.read_raw_fif(path, preload=True, verbose="error")
    both = mne.concatenate_raws([raw, raw.copy()], verbose="error")
    both.save(path, fmt="double", overwrite=True, verbose="error")
    night = opened(path, spool)
    assert night.duration_s == 2 * SECONDS
    assert f"joined at {SECONDS} s" in said(night)
    assert night.start_clock_s is None


def test_a_new_segment_of_gdf_has_no_clock(tmp_path: Path, spool: Path):
    path = write_gdf(tmp_path)
    data = path.read_bytes()
    codes = np.array([0x0300, 0x0301], dtype="<u2").tobytes()
    path.write_bytes(data.replace(codes, np.array([0x0300, 0x7FFE], dtype="<u2").tobytes()))
    night = opened(path, spool)
    assert "joined at 30 s" in said(night)
    assert night.start_clock_s is None


def test_a_join_of_eeglab_of_unknown_length_is_told(tmp_path: Path, spool: Path):
    events = np.array(
        [("boundary", 60.0 * SFREQ_HZ + 0.5, float("nan")), ("boundary", 0.5, 256.0)],
        dtype=[("type", object), ("latency", object), ("duration", object)],
    )
    night = opened(write_eeglab(tmp_path, event=events), spool)
    assert "joined at 60 s; the file does not say how long" in said(night)
    assert night.duration_s == SECONDS


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"trials": 3.0}, "3 cut epochs"),
        ({"nbchan": 7.0}, "do not fit"),
        ({"nbchan": 1e9}, "1,000,000,000 channels"),
        ({"srate": 0.0}, "sampling rate"),
        ({"srate": "Ada"}, "srate"),
        ({"pnts": 5.0}, "do not fit"),
    ],
)
def test_eeglab_that_is_no_continuous_night_is_refused(fields, words, tmp_path, spool):
    with pytest.raises(RecordingFileError, match=words):
        opened(write_eeglab(tmp_path, **fields), spool)


def test_a_matlab_file_of_something_else_is_refused(tmp_path: Path, spool: Path):
    path = write_eeglab(tmp_path, flat=True)
    path.write_bytes(path.read_bytes().replace(b"nbchan", b"nobody"))
    with pytest.raises(RecordingFileError, match="no EEGLAB set"):
        opened(path, spool)


def test_a_matlab_file_of_neither_order_of_bytes_is_refused(tmp_path: Path, spool: Path):
    path = write_eeglab(tmp_path)
    data = bytearray(path.read_bytes())
    data[126:128] = b"XX"
    path.write_bytes(data)
    with pytest.raises(RecordingFileError, match="cannot be read"):
        opened(path, spool)


def test_hdf5_cannot_lead_to_another_file(tmp_path: Path, spool: Path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["data"] = values().T
    path = write_eeglab_hdf5(tmp_path)
    with h5py.File(path, "r+") as file:
        del file["EEG/data"]
        file["EEG/data"] = h5py.ExternalLink(str(secret), "data")
    with pytest.raises(RecordingFileError, match="data is a link"):
        opened(path, spool)


def test_the_clock_of_fif_and_the_codes_of_gdf_are_told(tmp_path: Path, spool: Path):
    assert "UTC" in said(open_recording(write_fif(tmp_path), spool=spool))
    assert "codes" in said(open_recording(write_gdf(tmp_path), spool=spool))


def test_a_faulty_zip_does_not_say_the_names_in_it(tmp_path: Path, spool: Path):
    data = bytearray(zipped(tmp_path, [write_bdf(tmp_path)], "Ada Lovelace").read_bytes())
    with zipfile.ZipFile(tmp_path / "Ada Lovelace.zip") as archive:
        start = archive.infolist()[0].header_offset
    data[start + 200] ^= 0xFF
    path = tmp_path / "spoilt.zip"
    path.write_bytes(data)
    with pytest.raises(RecordingFileError) as caught:
        open_recording(path, spool=spool)
    assert "Lovelace" not in str(caught.value)


def test_what_is_no_number_is_bridged_and_told(tmp_path: Path, spool: Path):
    path = write_brainvision(tmp_path, resolution=1.0)
    eeg = tmp_path / "night.eeg"
    samples = np.frombuffer(eeg.read_bytes(), dtype="<f4").reshape(-1, 5).copy()
    samples[1000:1100, 0], samples[5000, 0] = np.nan, np.inf
    eeg.write_bytes(samples.tobytes())
    night = opened(path, spool)
    facts = inspect_night(night)
    _, notes = store_night(
        night, facts, signals_path=tmp_path / "signals", raw_path=tmp_path / "raw"
    )
    assert any("101 samples of C4-M1 are not numbers" in note for note in notes)
    with SignalStore.open(tmp_path / "signals") as store:
        assert np.abs(store.read_uv(0, 3)).max() < 150
    with SignalStore.open(tmp_path / "raw") as store:
        kept = store.read_channel_uv("C4", 0, 3).ravel()
    assert np.abs(kept[1000:1100]).max() == 0
    difference = kept[:1000] - values()[0][:1000]
    assert np.abs(difference).max() < 0.01
