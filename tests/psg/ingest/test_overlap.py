"""Recordings that run at the same time, by the dates of their headers."""

from datetime import timedelta

import pytest

from psg.ingest.overlap import shared_times
from tests.helpers.edf_files import edf_bytes


@pytest.fixture
def recorded(tmp_path):
    def write(name: str, start: bytes, seconds: float = 60):
        data = edf_bytes(["C4"], seconds=seconds, sfreq_hz=100)
        data[168:184] = start
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    ("one", "other", "shared_s"),
    [
        (b"02.11.2622.00.00", b"02.11.2622.00.40", 20),
        (b"02.11.2623.59.30", b"03.11.2600.00.00", 30),
        (b"02.11.2622.00.00", b"02.11.2622.01.00", 0),
        (b"02.11.2622.00.00", b"03.11.2622.00.00", 0),
        (b"01.01.8522.00.00", b"01.01.8522.00.00", 0),  # dates that were removed
        (b"01.01.2622.00.00", b"01.01.2622.00.00", 0),
        (b"01.01.9922.00.00", b"01.01.9922.00.00", 0),
        (b"00.00.0022.00.00", b"00.00.0022.00.00", 0),
        (b"02.01.2625.00.00", b"02.01.2625.00.00", 0),
        (b"31.02.2622.00.00", b"31.02.2622.00.00", 0),
        (b"xx.xx.xx22.00.00", b"02.11.2622.00.00", 0),
    ],
)
def test_how_long_two_recordings_run_together(recorded, one, other, shared_s):
    a, b = recorded("a.edf", one), recorded("b.edf", other)
    expected = {b: timedelta(seconds=shared_s)} if shared_s else {}
    assert shared_times(a, [b]) == expected


def test_other_formats_have_no_date_here(recorded, tmp_path):
    (path := tmp_path / "n.set").write_bytes(b"MATLAB 5.0 MAT-file")
    assert shared_times(path, [recorded("a.edf", b"02.11.2622.00.00")]) == {}
