"""EDF files for tests, sound ones and spoilt ones."""

from collections.abc import Sequence
from pathlib import Path

import edfio
import numpy as np

MASS_LABELS = (
    "EEG F4-CLE",
    "EEG C4-CLE",
    "EEG O2-CLE",
    "EOG Left Horiz",
    "EOG Right Horiz",
    "EMG Chin1",
    "EMG Chin2",
)
FIXED_BYTES = 256
# Width of the header columns before the named one, per signal.
_COLUMN = {
    "label": (0, 16),
    "transducer": (16, 80),
    "unit": (96, 8),
    "physical_min": (104, 8),
    "physical_max": (112, 8),
    "digital_min": (120, 8),
    "digital_max": (128, 8),
    "samples": (216, 8),
}


def noise(seconds: float, sfreq_hz: float = 256, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 20, round(seconds * sfreq_hz))


def signal(
    label: str, seconds: float, sfreq_hz: float = 256, unit: str = "uV", seed: int = 0
) -> edfio.EdfSignal:
    return edfio.EdfSignal(
        noise(seconds, sfreq_hz, seed),
        sfreq_hz,
        label=label,
        physical_dimension=unit,
        physical_range=(-500, 500),
    )


def edf_bytes(
    labels: Sequence[str] = MASS_LABELS,
    *,
    seconds: float = 60,
    sfreq_hz: float = 256,
    annotations: Sequence[tuple[float, float, str]] | None = None,
) -> bytearray:
    """Make an EDF, or an EDF+C when annotations (onset, duration, text) are given."""
    listed = None if annotations is None else [edfio.EdfAnnotation(*item) for item in annotations]
    edf = edfio.Edf(
        [signal(label, seconds, sfreq_hz, seed=i) for i, label in enumerate(labels)],
        patient=edfio.Patient(code="P7", name="Ada_Lovelace"),
        recording=edfio.Recording(hospital_administration_code="ward9"),
        data_record_duration=1,
        annotations=listed,
    )
    return bytearray(edf.to_bytes())


def write(path: Path, data: bytes | bytearray) -> Path:
    path.write_bytes(data)
    return path


def with_field(data: bytearray, name: str, index: int, value: bytes) -> bytearray:
    """Overwrite one column of the header of signal `index`."""
    count = int(data[252:256])
    before, width = _COLUMN[name]
    start = FIXED_BYTES + before * count + width * index
    data[start : start + width] = value.ljust(width)
    return data


def with_record_count(data: bytearray, count: int) -> bytearray:
    data[236:244] = str(count).encode().ljust(8)
    return data


def with_gap(data: bytearray, *, after_s: int, gap_s: int, seconds: int) -> bytearray:
    """Turn an EDF+C with records of 1 s into an EDF+D that pauses."""
    data[192:197] = b"EDF+D"
    for onset in range(seconds - 1, after_s - 1, -1):
        old = f"+{onset}\x14\x14".encode()
        new = f"+{onset + gap_s}\x14\x14".encode()
        assert len(old) == len(new), "choose onsets of the same number of digits"
        data = data.replace(old, new)
    return data


STAGES = ((0.0, 30.0, "Sleep stage W"), (30.0, 30.0, "Sleep stage 2"))
