"""From a file to stores."""

import errno
import gc
import hashlib
import io
from pathlib import Path

import edfio
import numpy as np
import pytest
from PIL import Image

from psg.doubts import OpenDoubtsError, refuse_open
from psg.edf import EdfFile
from psg.errors import PsgError
from psg.filters import filter_native, preprocess
from psg.ingest import NightDecisions, inspect_night, store_night
from psg.montage import DERIVATIONS, Derivation
from psg.signalstore import SignalStore
from psg.stagefiles import read_entries
from tests.helpers.edf_files import STAGES, edf_bytes, noise, signal, with_field, with_gap, write

RANGE_UV = (-262144, 262143)


def ingest(path: Path, **options) -> tuple[SignalStore, SignalStore, list[str], bytes]:
    edf = EdfFile.open(path)
    facts = inspect_night(edf, NightDecisions(**options))
    refuse_open(facts.doubts)
    signals, raw = path.with_name("signals.epw"), path.with_name("raw.epw")
    png, notes = store_night(edf, facts, signals_path=signals, raw_path=raw)
    return SignalStore.open(signals), SignalStore.open(raw), [*facts.notes, *notes], png


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "night.edf"


@pytest.mark.real_data
def test_the_real_recording_gives_five_epochs_of_six_derivations(real_data: Path, tmp_path: Path):
    edf = EdfFile.open(real_data / "psg-ipa" / "SN5_sample.edf")
    facts = inspect_night(edf)
    assert tuple(facts.sources) == DERIVATIONS
    assert facts.grid.epoch_count == 5
    png, _ = store_night(edf, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    store = SignalStore.open(tmp_path / "s")
    expected = preprocess(edf.read_uv(0), 256, Derivation.F4).reshape(5, 3000)
    assert np.abs(store.read_uv(0, 5)[:, 0] - expected).max() <= 0.0051
    raw = SignalStore.open(tmp_path / "r")
    assert np.abs(raw.read_channel_uv("ECG", 0, 5).ravel() - edf.read_uv(6)).max() < 0.08
    assert Image.open(io.BytesIO(png)).size == (5, 60)


def test_the_store_holds_the_one_preprocessing_from_the_origin_on(path: Path):
    write(path, edf_bytes(seconds=100))
    store, _, notes, _ = ingest(path, epoch_start_s=12.3)
    edf = EdfFile.open(path)
    filtered = filter_native(edf.read_uv(0), 256, Derivation.F4)
    times_s = 12.3 + np.arange(2 * 3000) / 100
    expected = np.interp(times_s, np.arange(len(filtered)) / 256, filtered)
    assert store.epoch_count == 2
    assert np.abs(store.read_uv(0, 2)[:, 0].ravel() - expected).max() < 0.006
    assert "Epochs are counted from 12.3 s into the recording." in notes


def test_the_chin_is_the_difference_of_its_electrodes(path: Path):
    write(path, edf_bytes())
    store, _, _, _ = ingest(path)
    edf = EdfFile.open(path)
    expected = filter_native(edf.read_uv(5) - edf.read_uv(6), 256, Derivation.CHIN)
    native = store.read_channel_uv("Chin native", 0, 2)
    assert native.shape == (2, 7680)
    assert np.abs(native.ravel() - expected).max() < 0.006


@pytest.mark.parametrize("sfreq_hz", [1000, 2000])
def test_fast_recordings_are_stored_finite(path: Path, sfreq_hz: int):
    write(path, edf_bytes(["C4-M1", "chin"], sfreq_hz=sfreq_hz))
    store, raw, _, _ = ingest(path)
    view = store.read_uv(0, 2)
    assert view.shape == (2, 2, 3000)
    assert 0 < np.abs(view).max() < 200
    assert raw.header.channels[0].samples_per_epoch == 30 * sfreq_hz


def test_a_file_without_eeg_is_refused_with_its_labels(path: Path):
    write(path, edf_bytes(["EOG Left Horiz", "SaO2", "EMG chin"]))
    with pytest.raises(OpenDoubtsError, match=r"No EEG channel.*SaO2"):
        refuse_open(inspect_night(EdfFile.open(path)).doubts)


def test_a_flat_header_in_the_only_eeg_channel_counts_as_no_eeg(path: Path):
    write(path, with_field(edf_bytes(["C4-M1", "chin"]), "physical_min", 0, b"500"))
    with pytest.raises(OpenDoubtsError):
        refuse_open(inspect_night(EdfFile.open(path)).doubts)


def test_a_recording_shorter_than_an_epoch_is_refused(path: Path):
    write(path, edf_bytes(seconds=29))
    with pytest.raises(PsgError, match="shorter than one epoch"):
        inspect_night(EdfFile.open(path))


def test_fewer_derivations_give_a_store_of_those(path: Path):
    write(path, edf_bytes(["C4-M1", "LOC"]))
    store, _, _, _ = ingest(path)
    assert store.derivations == (Derivation.C4, Derivation.E1)
    assert store.record_size == 2 * 2 * 3000


def test_a_bad_channel_does_not_lose_the_file(path: Path):
    write(path, with_field(edf_bytes(), "physical_max", 3, b"-500"))
    store, raw, _, _ = ingest(path)
    assert Derivation.E1 not in store.derivations
    assert len(store.derivations) == 5
    assert len(raw.header.channels) == 6


def test_a_gap_is_quiet_and_the_rest_in_place(path: Path):
    write(path, with_gap(edf_bytes(seconds=60, annotations=[]), after_s=30, gap_s=39, seconds=60))
    store, raw, _, _ = ingest(path)
    assert store.epoch_count == 3
    middle = store.read_uv(1)[0, 0]
    assert np.abs(middle[500:2500]).max() < 1.0
    assert np.abs(store.read_uv(0)).max() > 10
    assert np.abs(raw.read_channel_uv("EEG F4-CLE", 1)).max() < 0.1


def test_flat_and_clipped_epochs_are_noted(path: Path):
    good = signal("F4-M1", 90)
    flat = np.concatenate([np.random.default_rng(0).normal(0, 20, 60 * 256), np.zeros(30 * 256)])
    loud = np.clip(np.random.default_rng(1).normal(0, 400, 90 * 256), -500, 500)
    loud[30 * 256 :] /= 10
    edfio.Edf(
        [
            good,
            edfio.EdfSignal(flat, 256, label="C4-M1", physical_dimension="uV"),
            edfio.EdfSignal(
                loud, 256, label="O2-M1", physical_dimension="uV", physical_range=(-500, 500)
            ),
        ],
        data_record_duration=1,
    ).write(path)
    _, _, notes, _ = ingest(path)
    assert "O2-M1 is clipped in epoch 1." in notes
    assert "C4-M1 is flat in epoch 3." in notes
    assert not any(note.startswith("F4-M1 is") for note in notes)


def test_raw_values_survive_an_asymmetric_range(path: Path):
    wave = np.random.default_rng(0).uniform(80, 100, 60 * 4)
    edfio.Edf(
        [
            signal("C4-M1", 60),
            edfio.EdfSignal(wave, 4, label="SaO2", physical_dimension="%", physical_range=(0, 120)),
            signal("C4-M1", 60, seed=5),
        ],
        data_record_duration=1,
    ).write(path)
    _, raw, _, _ = ingest(path)
    assert [channel.name for channel in raw.header.channels] == ["C4-M1", "SaO2", "C4-M1 (2)"]
    assert np.abs(raw.read_channel_uv("SaO2", 0, 2).ravel() - wave).max() < 0.01


def test_a_rate_that_does_not_fit_the_epoch_keeps_its_place(path: Path):
    # 257 samples in records of 1.3 s: 5930.77 samples an epoch.
    counts = np.arange(257 * 80, dtype=np.int16)
    edfio.Edf(
        [
            edfio.EdfSignal.from_digital(
                counts,
                257 / 1.3,
                label=label,
                physical_dimension="uV",
                physical_range=(-3276.8, 3276.7),
            )
            for label in ("C4-M1", "chin")
        ],
        data_record_duration=1.3,
    ).write(path)
    store, raw, _, _ = ingest(path)
    assert store.epoch_count == 3
    first = raw.read_counts(2)[0, 0]
    assert first == round(60 * 257 / 1.3)
    assert raw.header.channels[0].samples_per_epoch == round(30 * 257 / 1.3)


def test_stages_inside_the_recording_are_mentioned_when_nobody_asked_for_them(path: Path):
    edf = EdfFile.open(write(path, edf_bytes(annotations=STAGES)))
    assert "contains 2 sleep stages" in inspect_night(edf).notes[-1]
    entries = read_entries(path)
    assert not any("sleep stages" in n for n in inspect_night(edf, stage_entries=entries).notes)


def test_progress_is_told(path: Path):
    write(path, edf_bytes())
    edf = EdfFile.open(path)
    told: list[tuple[str, int, int]] = []
    store_night(
        edf,
        inspect_night(edf),
        signals_path=path.with_name("s"),
        raw_path=path.with_name("r"),
        progress=lambda *step: told.append(step),
    )
    assert ("filter", 0, 6) in told
    assert {"filter", "spectrogram", "raw view"} == {step for step, _, _ in told}


def test_the_stores_hold_nothing_of_the_person(path: Path):
    write(path, edf_bytes(annotations=[(1.0, 0.0, "Mrs Lovelace coughs")]))
    ingest(path)
    for name in ("signals.epw", "raw.epw"):
        data = path.with_name(name).read_bytes()
        assert b"Lovelace" not in data
        assert b"night.edf" not in data


def test_the_raw_store_of_an_edf_stays_the_same_bit_for_bit(path: Path):
    data = with_field(edf_bytes(seconds=95), "physical_min", 1, b"-400")
    ingest(write(path, data))
    stored = hashlib.sha256(path.with_name("raw.epw").read_bytes()).hexdigest()
    assert stored[:16] == "27ddec6bdf450520"


def test_a_wide_range_is_stored_without_clipping_and_its_rounding_is_told(path: Path):
    bdf = path.with_suffix(".bdf")
    signals = [
        edfio.BdfSignal(
            noise(60) + offset, 256, label=label, physical_dimension="uV", physical_range=RANGE_UV
        )
        for label, offset in (("EEG C4-M1", 0), ("EEG O2-M1", 30_000))
    ]
    edfio.Bdf(signals).write(bdf)
    store, raw, notes, _ = ingest(bdf)
    expected = EdfFile.open(bdf)
    for index, name in enumerate(("EEG C4-M1", "EEG O2-M1")):
        difference = raw.read_channel_uv(name, 0, 2).ravel() - expected.read_uv(index)
        assert np.abs(difference).max() < (0.01, 0.51)[index]
    assert [note for note in notes if "EEG C4-M1" in note] == []
    assert any("EEG O2-M1 is stored with an accuracy of 0.46 uV" in note for note in notes)
    filtered = filter_native(expected.read_uv(1), 256, Derivation.O2)
    assert np.abs(store.read_uv(0, 2)[:, 1].ravel()[0] - filtered[0]) < 0.006


def test_a_very_long_channel_is_filtered_alike(path: Path, monkeypatch):
    write(path, with_gap(edf_bytes(seconds=80, annotations=[]), after_s=70, gap_s=10, seconds=80))
    exact, raw, _, _ = ingest(path)
    counts = exact.read_counts(0, exact.epoch_count).astype(int)
    kept = raw.read_record(0, raw.epoch_count)
    monkeypatch.setattr("psg.ingest.store._EXACT_SAMPLES", 1000)
    monkeypatch.setattr("psg.ingest.store._SAMPLES_AT_ONCE", 700)
    coarse, raw, _, _ = ingest(path)
    assert np.abs(coarse.read_counts(0, coarse.epoch_count) - counts).max() <= 1
    assert raw.read_record(0, raw.epoch_count) == kept


@pytest.mark.filterwarnings("error")
def test_a_disk_without_room_for_the_counts_is_the_only_fault_that_is_seen(path: Path, monkeypatch):
    def no_room() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write(path, edf_bytes(seconds=100))
    monkeypatch.setattr("psg.ingest.store.tempfile.TemporaryFile", no_room)
    with pytest.raises(OSError, match="No space left") as refused:
        ingest(path)
    del refused
    gc.collect()
