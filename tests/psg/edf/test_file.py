"""Reading recordings, sound and spoilt."""

from datetime import time
from pathlib import Path

import edfio
import mne
import numpy as np
import pytest

from psg.edf import EdfFile, EdfLimits
from psg.errors import EdfError
from psg.signalfile import read_stretch_uv
from tests.helpers.edf_files import (
    MASS_LABELS,
    STAGES,
    edf_bytes,
    noise,
    signal,
    with_field,
    with_gap,
    with_record_count,
    write,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "night.edf"


def refusal(path: Path) -> str:
    with pytest.raises(EdfError) as caught:
        EdfFile.open(path)
    message = str(caught.value)
    assert caught.value.advice
    assert "\n" not in message
    return message


@pytest.mark.real_data
def test_values_equal_those_of_edfio_and_mne_on_a_real_recording(real_data: Path):
    path = real_data / "psg-ipa" / "SN5_sample.edf"
    ours = EdfFile.open(path)
    theirs = edfio.read_edf(path)
    raw = mne.io.read_raw_edf(path, include=["EEG F4-M1", "SaO2"], verbose="error")
    assert [channel.label for channel in ours.channels] == list(theirs.labels)
    for channel, expected in zip(ours.channels, theirs.signals, strict=True):
        np.testing.assert_allclose(ours.read_uv(channel.index), expected.data, atol=1e-9)
    np.testing.assert_allclose(ours.read_uv(0), raw.get_data(picks=[0])[0] * 1e6, atol=1e-9)
    assert ours.duration_s == 150
    assert ours.start_clock_s == 12 * 3600 + 25 * 60 + 40
    assert ours.warnings == ()


def test_an_empty_file_is_refused(path: Path):
    assert "empty" in refusal(write(path, b""))


@pytest.mark.parametrize(
    "content", [b"This is a letter.\n" * 100, b"0", b"\x00" * 4096, b"0       " + b"x" * 300]
)
def test_a_file_that_is_no_edf_is_refused(path: Path, content: bytes):
    refusal(write(path, content))


def test_values_of_a_bdf_file_equal_those_of_edfio_and_mne(path: Path):
    bdf = path.with_suffix(".bdf")
    # A direct-current amplifier: 30 mV of offset and EEG of some uV need more than 16 bits.
    values = [noise(60, seed=i) + 30_000 * (-1) ** i for i in range(3)]
    edfio.Bdf(
        [
            edfio.BdfSignal(
                data, 256, label=f"C{i}", physical_dimension="uV", physical_range=(-262144, 262143)
            )
            for i, data in enumerate(values)
        ],
        annotations=[edfio.EdfAnnotation(*item) for item in STAGES],
        starttime=time(22, 30),
    ).write(bdf)
    ours = EdfFile.open(bdf)
    raw = mne.io.read_raw_bdf(bdf, verbose="error")
    for index, expected in enumerate(values):
        np.testing.assert_allclose(ours.read_uv(index), expected, atol=0.02)
        np.testing.assert_allclose(ours.read_uv(index), raw.get_data([index])[0] * 1e6, atol=1e-6)
    part = ours.read_digital(1, 300, 700)
    np.testing.assert_array_equal(part, ours.read_digital(1)[300:700])
    assert [(a.onset_s, a.text) for a in ours.annotations()] == [
        (0, "Sleep stage W"),
        (30, "Sleep stage 2"),
    ]
    assert ours.start_clock_s == 22.5 * 3600


def test_a_bdf_file_with_a_pause_lies_on_the_clock(path: Path):
    bdf = path.with_suffix(".bdf")
    signals = [edfio.BdfSignal(noise(20), 256, label="C4", physical_range=(-500, 500))]
    edfio.Bdf(signals, annotations=[], data_record_duration=1).write(bdf)
    whole = EdfFile.open(bdf).read_digital(0)
    bdf.write_bytes(
        with_gap(bytearray(bdf.read_bytes()), after_s=15, gap_s=30, seconds=20).replace(
            b"EDF+D", b"BDF+D", 1
        )
    )
    paused = EdfFile.open(bdf)
    assert [(gap.start_s, gap.end_s) for gap in paused.gaps] == [(15, 45)]
    np.testing.assert_array_equal(paused.read_digital(0)[45 * 256 :], whole[15 * 256 :])


def test_a_long_file_is_read_in_pieces_like_a_short_one(path: Path, monkeypatch):
    edf = EdfFile.open(write(path, edf_bytes(seconds=60)))
    digital, values = edf.read_digital(1), edf.read_uv(1)
    monkeypatch.setattr("psg.mapped.KEPT_BYTES", 10_000)
    monkeypatch.setattr("psg.edf.file._SAMPLES_AT_ONCE", 1_000)
    np.testing.assert_array_equal(edf.read_digital(1), digital)
    np.testing.assert_array_equal(edf.read_uv(1), values)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused_with_both_counts(path: Path, share: float):
    data = edf_bytes()
    message = refusal(write(path, data[: int(len(data) * share)]))
    assert "truncated" in message or "inside its header" in message


def test_a_record_count_above_the_data_is_refused(path: Path):
    message = refusal(write(path, with_record_count(edf_bytes(), 600)))
    assert "600" in message
    assert "60 whole" in message


@pytest.mark.parametrize("declared", [-1, 10, 0])
def test_a_record_count_below_the_data_is_read_to_the_end_with_a_warning(path: Path, declared: int):
    edf = EdfFile.open(write(path, with_record_count(edf_bytes(), declared)))
    assert edf.duration_s == 60
    assert str(declared) in edf.warnings[0]


def test_a_broken_off_recording_keeps_its_whole_records(path: Path):
    data = with_record_count(edf_bytes(), -1)
    edf = EdfFile.open(write(path, data[:-100]))
    assert edf.duration_s == 59
    assert any("incomplete" in warning for warning in edf.warnings)


def test_damaged_header_numbers_are_refused(path: Path):
    data = edf_bytes()
    data[236:244] = b"many    "
    assert "whole number" in refusal(write(path, data))


def test_a_huge_declared_signal_count_is_refused_before_anything_is_read(path: Path):
    data = edf_bytes()
    data[252:256] = b"9999"
    assert "9999" in refusal(write(path, data))


def test_a_length_of_the_header_that_contradicts_its_signals_is_refused_in_a_broken_file(
    path: Path,
):
    data = with_record_count(edf_bytes(), -1)
    data[184:192] = b"9999    "
    assert "9999 bytes of header" in refusal(write(path, data))


def test_a_wrong_length_of_the_header_is_told_where_the_size_of_the_file_proves_the_signals(
    path: Path,
):
    right = EdfFile.open(write(path, edf_bytes())).read_uv(0)
    data = edf_bytes()
    data[184:192] = b"9999    "
    edf = EdfFile.open(write(path, data))
    assert any("9999 bytes of header" in warning for warning in edf.warnings)
    np.testing.assert_array_equal(edf.read_uv(0), right)


def test_a_recording_over_the_limit_of_hours_is_refused(path: Path):
    write(path, edf_bytes())
    with pytest.raises(EdfError, match="hours"):
        EdfFile.open(path, limits=EdfLimits(max_duration_s=30))


def test_a_gap_is_kept_on_the_clock(path: Path):
    data = with_gap(edf_bytes(annotations=[]), after_s=30, gap_s=35, seconds=60)
    whole = EdfFile.open(write(path.with_name("whole.edf"), edf_bytes())).read_uv(0)
    edf = EdfFile.open(write(path, data))
    assert edf.duration_s == 95
    assert [(gap.start_s, gap.end_s) for gap in edf.gaps] == [(30, 65)]
    assert "30 s to 65 s" in edf.warnings[0]
    placed = edf.read_uv(0)
    np.testing.assert_allclose(placed[: 30 * 256], whole[: 30 * 256])
    np.testing.assert_allclose(placed[65 * 256 :], whole[30 * 256 :])


def test_reading_part_of_a_gapped_channel_equals_the_part_of_the_whole(path: Path):
    data = with_gap(edf_bytes(annotations=[]), after_s=30, gap_s=35, seconds=60)
    edf = EdfFile.open(write(path, data))
    whole = edf.read_digital(2)
    np.testing.assert_array_equal(edf.read_digital(2, 7000, 18_001), whole[7000:18_001])


def test_a_contiguous_edf_d_is_read_as_one_piece(path: Path):
    data = edf_bytes(annotations=[])
    data[192:197] = b"EDF+D"
    edf = EdfFile.open(write(path, data))
    assert edf.gaps == ()
    assert edf.warnings == ()


def test_an_overlap_is_refused_with_both_times(path: Path):
    data = with_gap(edf_bytes(annotations=[]), after_s=40, gap_s=-10, seconds=60)
    message = refusal(write(path, data))
    assert "overlap" in message
    assert "30 s" in message
    assert "40 s" in message


def test_a_gap_beyond_the_limit_of_hours_is_refused(path: Path):
    write(path, with_gap(edf_bytes(annotations=[]), after_s=30, gap_s=35, seconds=60))
    with pytest.raises(EdfError, match="interruptions"):
        EdfFile.open(path, limits=EdfLimits(max_duration_s=90))


@pytest.mark.parametrize(
    ("column", "value"),
    [("physical_min", b"500"), ("digital_min", b"32767"), ("physical_max", b"loud")],
)
def test_one_bad_channel_is_skipped_and_named(path: Path, column: str, value: bytes):
    edf = EdfFile.open(write(path, with_field(edf_bytes(), column, 1, value)))
    assert [channel.usable for channel in edf.channels].count(False) == 1
    assert "EEG C4-CLE was skipped" in edf.warnings[0]
    with pytest.raises(EdfError, match="C4"):
        edf.read_uv(1)
    assert np.isfinite(edf.read_uv(0)).all()


def test_physical_minimum_above_maximum_turns_the_sign(path: Path):
    plain = EdfFile.open(write(path.with_name("plain.edf"), edf_bytes())).read_uv(0)
    data = with_field(edf_bytes(), "physical_min", 0, b"500")
    data = with_field(data, "physical_max", 0, b"-500")
    edf = EdfFile.open(write(path, data))
    np.testing.assert_allclose(edf.read_uv(0), -plain, atol=1e-6)
    assert "polarity" in edf.warnings[0]


@pytest.mark.parametrize(("encoding", "label"), [("latin-1", "EOG Größe"), ("utf-8", "EOG Größe")])
def test_labels_outside_ascii_are_read(path: Path, encoding: str, label: str):
    data = with_field(edf_bytes(), "label", 3, label.encode(encoding))
    assert EdfFile.open(write(path, data)).channels[3].label == label


def test_duplicate_labels_are_named(path: Path):
    edf = EdfFile.open(write(path, edf_bytes(["EEG C4-M1", "EEG C4-M1"])))
    assert "2 channels are called EEG C4-M1" in edf.warnings[0]


@pytest.mark.parametrize(
    ("unit", "factor"), [(b"mV", 1e3), (b"V", 1e6), (b"\xb5V", 1), ("µV".encode(), 1)]
)
def test_voltages_come_in_uv(path: Path, unit: bytes, factor: float):
    plain = EdfFile.open(write(path.with_name("plain.edf"), edf_bytes())).read_uv(0)
    edf = EdfFile.open(write(path, with_field(edf_bytes(), "unit", 0, unit)))
    assert edf.channels[0].unit == "uV"
    np.testing.assert_allclose(edf.read_uv(0), plain * factor)


def test_mixed_sampling_rates_are_read(path: Path):
    edf = edfio.Edf(
        [signal("EEG C4-M1", 60, 200), signal("SaO2", 60, 4, "%"), signal("EMG chin", 60, 1000)],
        data_record_duration=1,
    )
    edf.write(path)
    ours = EdfFile.open(path)
    assert [len(ours.read_uv(index)) for index in range(3)] == [12_000, 240, 60_000]
    np.testing.assert_allclose(ours.read_uv(1), edf.signals[1].data, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "clock_s"), [(b"22.10.75", 22 * 3600 + 11 * 60 + 15), (b"25.00.00", 3600)]
)
def test_an_impossible_start_time_is_carried_over(path: Path, text: bytes, clock_s: float):
    data = edf_bytes()
    data[176:184] = text
    edf = EdfFile.open(write(path, data))
    assert edf.start_clock_s == clock_s
    assert edf.warnings


def test_an_unreadable_start_time_is_no_time(path: Path):
    data = edf_bytes()
    data[176:184] = b"evening "
    assert EdfFile.open(write(path, data)).start_clock_s is None


def test_annotations_are_read_and_xml_is_left_out(path: Path):
    data = edf_bytes(annotations=[*STAGES, (3.5, 0, "<note>hidden</note>"), (40, 0, "Lights on")])
    found = EdfFile.open(write(path, data)).annotations()
    assert [(a.onset_s, a.duration_s, a.text) for a in found] == [
        (0, 30, "Sleep stage W"),
        (30, 30, "Sleep stage 2"),
        (40, 0, "Lights on"),
    ]


def test_latin_1_annotations_are_read(path: Path):
    data = edf_bytes(annotations=[(3.0, 0.0, "Gerausch")])
    data = data.replace(b"Gerausch", "Geräusch".encode("latin-1"))
    assert EdfFile.open(write(path, data)).annotations()[0].text == "Geräusch"


def test_annotations_count_from_the_first_sample(path: Path):
    edfio.Edf(
        [signal("EEG C4-M1", 60)],
        starttime=time(22, 0, 0, 250_000),
        data_record_duration=1,
        annotations=[edfio.EdfAnnotation(20, 30, "Sleep stage W")],
    ).write(path)
    assert b"+20.25" in path.read_bytes()
    assert EdfFile.open(path).annotations()[0].onset_s == 20


def test_too_many_annotations_are_refused(path: Path):
    write(path, edf_bytes(annotations=[(float(i), 0.0, "x") for i in range(50)]))
    with pytest.raises(EdfError, match="annotations"):
        EdfFile.open(path, limits=EdfLimits(max_annotations=20)).annotations()


def test_a_recording_holds_nothing_of_the_person(path: Path):
    edf = EdfFile.open(write(path, edf_bytes(MASS_LABELS)))
    told = repr((edf.channels, edf.warnings, vars(edf)["_header"]))
    assert "Lovelace" not in told
    assert "ward9" not in told


def test_a_stretch_is_a_part_of_the_whole_channel(path: Path):
    data = with_gap(edf_bytes(seconds=60, annotations=[]), after_s=40, gap_s=30, seconds=60)
    edf = EdfFile.open(write(path, data))
    whole = edf.read_uv(2)
    for first, stop in (
        (0, 1000),
        (39 * 256, 45 * 256),
        (50 * 256, 55 * 256),
        (60 * 256, 90 * 256),
    ):
        np.testing.assert_array_equal(read_stretch_uv(edf, 2, first, stop), whole[first:stop])
