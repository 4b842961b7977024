"""Nothing of the person stays in a file."""

from pathlib import Path

import edfio
import numpy as np

from psg.deidentify import deidentify_in_place
from psg.edf import EdfFile
from tests.helpers.edf_files import edf_bytes, with_field, write

ANNOTATIONS = [
    (0.0, 30.0, "Sleep stage W"),
    (12.0, 0.0, "Mrs Lovelace coughs"),
    (30.0, 30.0, "Sleep stage 2"),
]


def test_names_dates_and_free_texts_go_and_signals_and_stages_stay(tmp_path: Path):
    data = edf_bytes(annotations=ANNOTATIONS)
    data[168:176] = b"24.12.19"
    data = with_field(data, "transducer", 0, b"electrode of Dr Babbage")
    path = write(tmp_path / "night.edf", data)
    before = EdfFile.open(write(tmp_path / "copy.edf", data)).read_uv(3)
    deidentify_in_place(path)
    left = path.read_bytes()
    for trace in (b"Lovelace", b"ward9", b"P7", b"24.12.19", b"coughs", b"Babbage"):
        assert trace not in left
    assert len(left) == len(data)
    edf = EdfFile.open(path)
    assert [a.text for a in edf.annotations()] == ["Sleep stage W", "Sleep stage 2"]
    np.testing.assert_array_equal(edf.read_uv(3), before)


def test_the_file_stays_a_valid_edf(tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes(annotations=ANNOTATIONS))
    deidentify_in_place(path)
    theirs = edfio.read_edf(path)
    assert theirs.patient.name == "X"
    assert len(theirs.annotations) == 2
    assert theirs.duration == 60


def test_a_second_pass_changes_nothing(tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes(annotations=ANNOTATIONS))
    deidentify_in_place(path)
    once = path.read_bytes()
    deidentify_in_place(path)
    assert path.read_bytes() == once
