"""Generated EDF headers, sound and lying: a refusal in words, or the values that the bytes mean."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from psg.edf import EdfFile
from psg.errors import RecordingFileError
from psg.units import uv_per_unit

UNITS = ("uV", "mV", "V", "nV", "µV", "", "%", "bpm", "microV", ".V", "xyz", "\xe6V", "UV")
LABELS = ("EEG C4-A1", "C4", "EMG", "Fp1 µ", "EDF Annotation", "x" * 16, "", "EDF Annotations")

number = st.one_of(
    st.integers(-99_999, 99_999).map(str),
    st.floats(-9999, 9999).map(lambda value: f"{value:.6g}"[:8]),
    st.sampled_from(["0", "-0", "1e999", "nan", "inf", "-1e-300", "1e17", "abc", "", "1,5", "٣"]),
)


def mostly(usual: st.SearchStrategy[str], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw something odd once in a while: a file of which all is odd is refused at its first."""
    return st.integers(0, 11).flatmap(lambda drawn: usual if drawn else odd)


whole_number = st.integers(-9999, 9999).map(str)


@dataclass(frozen=True)
class Signal:
    label: str
    unit: str
    physical: tuple[str, str]
    digital: tuple[str, str]
    samples: str


@dataclass(frozen=True)
class File:
    signals: list[Signal]
    records: str
    duration: str
    reserved: str
    counts: bytes
    declared_signals: str

    def write(self, path: Path) -> None:
        def field(text: str, width: int) -> bytes:
            return text.encode("utf-8")[:width].ljust(width)

        fixed = (
            field("0", 8), b" " * 160, field("01.01.85", 8), field("22.30.00", 8),
            field(str(256 * (1 + len(self.signals))), 8), field(self.reserved, 44),
            field(self.records, 8), field(self.duration, 8), field(self.declared_signals, 4),
        )  # fmt: skip
        columns = (
            (16, [signal.label for signal in self.signals]),
            (80, [""] * len(self.signals)),
            (8, [signal.unit for signal in self.signals]),
            (8, [signal.physical[0] for signal in self.signals]),
            (8, [signal.physical[1] for signal in self.signals]),
            (8, [signal.digital[0] for signal in self.signals]),
            (8, [signal.digital[1] for signal in self.signals]),
            (80, [""] * len(self.signals)),
            (8, [signal.samples for signal in self.signals]),
            (32, [""] * len(self.signals)),
        )
        head = b"".join(fixed) + b"".join(
            field(text, width) for width, texts in columns for text in texts
        )
        path.write_bytes(head + self.counts)


signals = st.builds(
    Signal,
    label=mostly(st.sampled_from(LABELS), st.text(max_size=16)),
    unit=st.sampled_from(UNITS),
    physical=st.tuples(mostly(whole_number, number), mostly(whole_number, number)),
    digital=st.just(("-32768", "32767"))
    | st.tuples(mostly(whole_number, number), mostly(whole_number, number)),
    samples=mostly(st.integers(1, 40).map(str), st.sampled_from(["", "x", "0", "-1", "99999999"])),
)


@st.composite
def files(draw: st.DrawFn) -> File:
    listed = draw(st.lists(signals, min_size=1, max_size=4))
    sizes = [int(s.samples) if s.samples.isdecimal() and len(s.samples) < 3 else 1 for s in listed]
    held = draw(st.integers(1, 5))
    whole = sum(sizes) * 2 * held
    right = st.sampled_from([str(held), "-1", str(held - 1)])
    wrong = st.sampled_from(["", "99999999", "1.5", "6", "-2"])
    odd_times = st.sampled_from(["0", "-1", "1e9", "nan", "inf", ""])
    count = str(len(listed))
    return File(
        signals=listed,
        records=draw(mostly(right, wrong)),
        duration=draw(mostly(st.sampled_from(["1", "30", "0.5", "0,25"]), odd_times)),
        reserved=draw(st.sampled_from(["", "", "EDF+C", "EDF+D"])),
        counts=draw(st.binary(min_size=whole, max_size=whole + 3)),
        declared_signals=draw(mostly(st.just(count), st.integers(-1, 600).map(str))),
    )


def meant(text: str) -> float:
    """Read a number of the header as the format means it, a decimal comma included."""
    return float(text.encode("utf-8")[:8].decode("utf-8", "replace").replace(",", "."))


@settings(max_examples=150, deadline=None)
@given(file=files())
def test_a_generated_file_is_refused_in_words_or_read_as_its_bytes_mean(file: File):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        file.write(path)
        try:
            edf = EdfFile.open(path)
            edf.annotations()
        except RecordingFileError as refusal:
            check_words(refusal)
            return
        check_values(file, edf)


def check_words(refusal: RecordingFileError) -> None:
    assert refusal.what
    assert refusal.advice


def check_values(file: File, edf: EdfFile) -> None:
    if int(file.declared_signals) != len(file.signals):
        assert any("bytes of header" in warning for warning in edf.warnings)
        return
    # Refused before, so these are numbers now.
    sizes = [int(signal.samples) for signal in file.signals]
    records = np.frombuffer(
        file.counts[: len(file.counts) // (2 * sum(sizes)) * 2 * sum(sizes)], dtype="<i2"
    ).reshape(-1, sum(sizes))
    starts = np.cumsum([0, *sizes])
    by_sizes = iter(edf.channels)
    for place, signal in enumerate(file.signals):
        if signal.label.startswith("EDF Annotation"):
            continue
        channel = next(by_sizes, None)
        if channel is None or channel.samples_per_record != sizes[place]:
            return  # a signal that holds texts by its content was taken out of the channels
        if not channel.usable:
            assert channel.note
            continue
        counts = records[:, starts[place] : starts[place + 1]].reshape(-1)
        if edf.gaps:
            continue
        low, high = (meant(text) for text in signal.physical)
        first, last = (int(meant(text)) for text in signal.digital)
        unit = signal.unit.encode("utf-8")[:8].decode("utf-8", "replace")
        factor = uv_per_unit(unit)
        expected = (low + (counts.astype(float) - first) * (high - low) / (last - first)) * (
            factor or 1.0
        )
        assert (channel.unit == "uV") == (factor is not None)
        got = edf.read_uv(channel.index)
        assert np.isfinite(got).all()
        tolerance = 1e-9 * max(abs(low), abs(high), np.abs(expected).max(initial=0)) * (factor or 1)
        np.testing.assert_allclose(got, expected, atol=max(tolerance, 1e-12), rtol=1e-9)
        assert math.isfinite(channel.sfreq_hz)
