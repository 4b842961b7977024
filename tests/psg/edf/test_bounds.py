"""Files whose header or interruptions ask for more than the file holds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from psg.edf import EdfFile, EdfLimits
from psg.edf.annotations import record_annotations, record_onset_s
from psg.errors import EdfError, PsgError
from psg.ingest import inspect_night, store_night
from psg.signalstore import SignalStore
from tests.helpers.edf_files import MASS_LABELS, edf_bytes, with_field, write

TEXT_SAMPLES = 32


def edf_d(
    onsets_s: Sequence[str],
    *,
    labels: Sequence[str] = MASS_LABELS,
    samples: int = 100,
    record_s: str = "1",
    kind: str = "EDF+D",
) -> bytes:
    """Write an interrupted recording of zeros: a record of `samples` at each onset."""
    every = [*labels, "EDF Annotations"]
    count = len(every)
    head = f"{'0':8}{'X':80}{'X':80}01.01.8500.00.00{256 * (count + 1):<8}{kind:44}"
    head += f"{len(onsets_s):<8}{record_s:8}{count:<4}"
    widths = [samples] * len(labels) + [TEXT_SAMPLES]
    columns = [
        "".join(f"{label:16}" for label in every),
        " " * 80 * count,
        f"{'uV':8}" * count,
        f"{'-500':8}" * count,
        f"{'500':8}" * count,
        f"{'-32768':8}" * count,
        f"{'32767':8}" * count,
        " " * 80 * count,
        "".join(f"{width:<8}" for width in widths),
        " " * 32 * count,
    ]
    signals = bytes(2 * samples * len(labels))
    records = b"".join(
        signals + f"+{onset}\x14\x14".encode().ljust(2 * TEXT_SAMPLES, b"\0") for onset in onsets_s
    )
    return (head + "".join(columns)).encode() + records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "night.edf"


def ingest(path: Path, limits: EdfLimits | None = None) -> None:
    edf = EdfFile.open(path, limits=limits)
    facts = inspect_night(edf)
    store_night(
        edf, facts, signals_path=path.with_name("signals.epw"), raw_path=path.with_name("raw.epw")
    )


def refusal(path: Path, limits: EdfLimits | None = None) -> str:
    with pytest.raises(PsgError) as caught:
        ingest(path, limits)
    assert caught.value.where
    assert caught.value.advice
    return str(caught.value)


@pytest.mark.parametrize("samples", [100, 40_000])
def test_a_gap_out_of_proportion_is_refused(path: Path, samples: int):
    onsets = [str(second) for second in (*range(60), 70 * 3600)]
    labels = ["EEG C4-M1"] if samples > 100 else MASS_LABELS
    message = refusal(write(path, edf_d(onsets, labels=labels, samples=samples)))
    assert "69.9" in message or "70.0 hours" in message
    assert "without signals" in message


def test_many_gaps_out_of_proportion_are_refused(path: Path):
    assert "without signals" in refusal(write(path, edf_d([str(900 * n) for n in range(100)])))


def test_the_pauses_of_a_night_and_a_pause_between_two_nights_are_read(path: Path):
    night = [str(10 * n) for n in range(180)]
    later = [str(1800 + 4000 + 10 * n) for n in range(180)]
    edf = EdfFile.open(
        write(path, edf_d(night + later, samples=10, record_s="10")), limits=EdfLimits()
    )
    assert edf.duration_s == 1800 + 4000 + 1800
    assert [(gap.start_s, gap.end_s) for gap in edf.gaps] == [(1800, 5800)]


def test_length_times_rate_is_bounded_and_not_each_alone(path: Path):
    """Half an hour of gap is fine, and so is 20 kHz; 14 GiB from a small file are not."""
    labels = [*MASS_LABELS, *(f"X{n}" for n in range(5))]
    onsets = [*(str(second) for second in range(2)), "3500"]
    data = edf_d(onsets, labels=labels, samples=20_000)
    message = refusal(write(path, data), EdfLimits(max_samples=500_000_000))
    assert "billion samples" in message
    assert "240,000 samples a second" in message


def test_many_channels_of_a_high_rate_are_refused(path: Path):
    labels = [*MASS_LABELS, *(f"X{n}" for n in range(30))]
    message = refusal(write(path, edf_d(["0"], labels=labels, samples=40_000)))
    assert "1,480,000 samples a second" in message


def test_a_channel_too_long_to_be_filtered_is_left_out_with_the_reason(path: Path):
    write(path, edf_bytes(MASS_LABELS, seconds=60, sfreq_hz=100))
    limits = EdfLimits(max_channel_samples=5000)
    message = refusal(path, limits)
    assert "more than can be filtered" in message
    edf = EdfFile.open(path, limits=limits)
    with pytest.raises(EdfError, match="read at once"):
        edf.read_uv(0)
    assert len(edf.read_digital(0, 100, 5100)) == 5000


def test_an_absurd_rate_names_itself(path: Path):
    """Ten million samples in a hundredth of a second."""
    data = edf_d(["0"], labels=["EEG C4-M1"], samples=1_000_000, record_s="0.01")
    message = refusal(write(path, data))
    assert "sampling rate of 1e+08 Hz" in message


@pytest.mark.parametrize(
    ("record_s", "expected"),
    [
        ("1e308", "hours long"),
        ("9e7", "hours long"),
        ("1e-300", "sampling rate"),
        ("inf", "number"),
    ],
)
def test_an_absurd_duration_of_records_is_refused(path: Path, record_s: str, expected: str):
    assert expected in refusal(write(path, edf_d(["0"] * 3, record_s=record_s, kind="EDF")))


@pytest.mark.parametrize("declared", ["99999999", "-9999999", "1e9"])
def test_a_record_count_out_of_proportion_allocates_nothing(path: Path, declared: str):
    data = bytearray(edf_d(["0"], kind="EDF"))
    data[236:244] = declared.encode().ljust(8)
    if declared == "-9999999":
        assert EdfFile.open(write(path, data)).duration_s == 1
    else:
        refusal(write(path, data))


def test_too_many_records_are_refused(path: Path):
    write(path, edf_bytes(seconds=60))
    assert "60 data records" in refusal(path, EdfLimits(max_records=59))


def test_annotations_without_end_are_refused(path: Path):
    write(path, edf_bytes(annotations=[(0, 30, "Sleep stage W")]))
    limits = EdfLimits(max_record_annotation_bytes=10)
    assert "bytes of annotations" in refusal(path, limits)
    assert "more than 0 annotations" in refusal(path, EdfLimits(max_annotations=0))


@pytest.mark.parametrize("kind", ["EDF+C", "EDF+D"])
def test_record_times_of_fifty_digits_are_no_times(path: Path, kind: str):
    data = bytearray(edf_d(["0", "1"], kind=kind))
    place = data.rindex(b"+1\x14\x14")
    long = b"+" + b"9" * 50 + b"\x14\x14"
    data[place : place + len(long)] = long
    write(path, data)
    if kind == "EDF+D":
        assert "spans" in refusal(path)
    else:
        assert EdfFile.open(path).duration_s == 2


def test_an_annotation_of_a_thousand_digits_is_refused(path: Path):
    record = b"+" + b"9" * 400 + b"\x14\x14\0+1\x15" + b"9" * 400 + b"\x14Sleep stage W\x14\0"
    assert record_onset_s(record) is None
    with pytest.raises(EdfError, match="not a finite number"):
        list(record_annotations(record))


RANGES = {
    "beyond float32": {"physical_min": b"-1e300", "physical_max": b"1e300"},
    "beyond float32 on one side": {"physical_min": b"0", "physical_max": b"1e200"},
    "beyond floats": {"physical_min": b"-1e999", "physical_max": b"1e999"},
    "not a number": {"physical_min": b"nan", "physical_max": b"nan"},
    "infinite": {"physical_min": b"-inf", "physical_max": b"inf"},
    "smaller than float32": {"physical_min": b"0", "physical_max": b"1e-300"},
    "one physical value": {"physical_min": b"5", "physical_max": b"5"},
    "one digital value": {"digital_min": b"7", "digital_max": b"7"},
    "one digital value when rounded": {"digital_min": b"7.1", "digital_max": b"7.9"},
    "digital beyond 16 bits": {"digital_min": b"-1e300", "digital_max": b"1e300"},
    "digital is no number": {"digital_min": b"nan", "digital_max": b"inf"},
    "a hair far from 0": {"physical_min": b"9999900", "physical_max": b"1e7"},
    "volts beyond float32": {"unit": b"V", "physical_min": b"-1e35", "physical_max": b"1e35"},
    "no number at all": {"physical_min": b""},
}


@pytest.mark.parametrize("case", RANGES)
@pytest.mark.filterwarnings("error")
def test_a_range_that_cannot_be_held_makes_its_channel_unusable(path: Path, case: str):
    data = bytearray(edf_d([str(n) for n in range(60)], kind="EDF"))
    for field, value in RANGES[case].items():
        with_field(data, field, 0, value)
    edf = EdfFile.open(write(path, data))
    assert not edf.channels[0].usable
    assert edf.channels[0].note
    assert any(edf.channels[0].note in warning for warning in edf.warnings)
    ingest(path)
    for stored in ("signals.epw", "raw.epw"):
        with SignalStore.open(path.with_name(stored)) as store:
            assert store.epoch_count == 2
            assert all(np.isfinite(np.float32(c.scale_uv)) for c in store.header.channels)
            assert all(np.float32(c.scale_uv) != 0 for c in store.header.channels)


@pytest.mark.filterwarnings("error")
def test_large_and_slow_and_offset_channels_stay_usable(path: Path):
    data = bytearray(edf_bytes([*MASS_LABELS, "Position", "Pressure"], seconds=90, sfreq_hz=100))
    with_field(data, "physical_min", 7, b"-1e15")
    with_field(data, "physical_max", 7, b"1e15")
    with_field(data, "physical_min", 8, b"100000")
    with_field(data, "physical_max", 8, b"101000")
    edf = EdfFile.open(write(path, data))
    assert all(channel.usable for channel in edf.channels)
    ingest(path)
    with SignalStore.open(path.with_name("raw.epw")) as store:
        pressure = store.read_channel_uv("Pressure", 0, 3)
    assert np.ptp(pressure) > 100


def test_a_channel_slower_than_an_epoch_is_not_used(path: Path):
    """Otherwise an epoch would hold no sample of it."""
    data = edf_d(["0", "600"], samples=60_000, record_s="600", kind="EDF")
    edf = EdfFile.open(write(path, data), limits=EdfLimits(min_sfreq_hz=101))
    assert "less than one sample" in edf.channels[0].note
