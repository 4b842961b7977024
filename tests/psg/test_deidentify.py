"""Nothing of the person stays in a file."""

from pathlib import Path

import edfio
import numpy as np
import pytest

from psg.deidentify import deidentify_in_place
from psg.edf import EdfFile
from psg.edf.texts import holds_texts, holds_words
from psg.ingest import inspect_night, store_night
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


def test_a_name_in_the_place_of_a_unit_goes(tmp_path: Path):
    data = with_field(edf_bytes(), "unit", 0, b"Erika")
    path = write(tmp_path / "night.edf", with_field(data, "unit", 1, "µV".encode("latin-1")))
    deidentify_in_place(path)
    assert b"Erika" not in path.read_bytes()
    assert [channel.unit for channel in EdfFile.open(path).channels[:3]] == ["?", "uV", "uV"]


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


# Signals of texts under other labels.


def with_label(data: bytearray, index: int, label: bytes) -> bytearray:
    return with_field(data, "label", index, label)


def with_second_texts(label: bytes, *texts: str) -> bytearray:
    """An EDF+ whose signal 1 holds texts from its second record on, without times of records."""
    data = edf_bytes(["C4-M1", "chin"], annotations=ANNOTATIONS)
    header, record = 256 * 4, 0
    widths = [2 * int(data[256 + 216 * 3 + 8 * i : 256 + 216 * 3 + 8 * (i + 1)]) for i in range(3)]
    record = sum(widths)
    for number in range(60):
        tal = "".join(f"+{number}\x14{text}\x14\0" for text in texts) if number == 1 else ""
        place = header + number * record + widths[0]
        data[place : place + widths[1]] = tal.encode().ljust(widths[1], b"\0")
    return with_label(data, 1, label)


def as_plain_edf(data: bytearray) -> bytearray:
    data[192:197] = b"     "
    return data


HIDDEN = {
    "in capitals": with_label(edf_bytes(annotations=ANNOTATIONS), 7, b"EDF ANNOTATIONS"),
    "in the singular": with_label(edf_bytes(annotations=ANNOTATIONS), 7, b"edf annotation"),
    "of another name": with_label(edf_bytes(annotations=ANNOTATIONS), 7, b"Notizen"),
    "in a plain EDF": as_plain_edf(with_label(edf_bytes(annotations=ANNOTATIONS), 7, b"Comments")),
    "a second one, misspelled": with_second_texts(
        b"EDF Annotaions", "Mrs Lovelace coughs", "Sleep stage N3"
    ),
}


@pytest.mark.parametrize("spelling", HIDDEN)
def test_texts_under_another_label_are_annotations(tmp_path: Path, spelling: str):
    path = write(tmp_path / "night.edf", HIDDEN[spelling])
    edf = EdfFile.open(path)
    assert "Mrs Lovelace coughs" in [a.text for a in edf.annotations()]
    assert not any("nno" in channel.label or "Not" in channel.label for channel in edf.channels)
    signals, raw = tmp_path / "signals.epw", tmp_path / "raw.epw"
    store_night(edf, inspect_night(edf), signals_path=signals, raw_path=raw)
    deidentify_in_place(path)
    for file in (path, signals, raw):
        assert b"Lovelace" not in file.read_bytes()
    again = EdfFile.open(path)
    assert [channel.label for channel in again.channels] == [c.label for c in edf.channels]
    assert "Sleep stage W" in [a.text for a in again.annotations()]


def test_plain_text_without_times_is_no_signal(tmp_path: Path):
    data = edf_bytes(["C4-M1", "chin", "Notes"])
    record = 3 * 512
    for number in range(60):
        place = 256 * 4 + number * record + 1024
        data[place : place + 512] = b"Mrs Lovelace coughs and asks for water ".ljust(512, b"\0")
    edf = EdfFile.open(write(tmp_path / "night.edf", data))
    assert [channel.label for channel in edf.channels] == ["C4-M1", "chin"]
    assert any("texts instead of samples" in warning for warning in edf.warnings)


def with_every_record(content: bytes, label: str = "C3", *, width: int = 512) -> bytearray:
    """An EDF whose third signal holds the same bytes in every record."""
    data = edf_bytes(["C4-M1", "chin", label])
    for number in range(60):
        place = 256 * 4 + number * 3 * 512 + 1024
        data[place : place + width] = content.ljust(512, b"\0")
    return data


ODD_TEXTS = {
    "no sign": b"5\x14Erika Beispiel\x14\0",
    "comma": b"+5,0\x14Erika Beispiel\x14\0",
    "not closed": b"+5\x14Erika Beispiel",
    "bytes before": b"\x01\xff\x02+5\x14Erika Beispiel\x14\0",
    "short": b"Erika Beispiel",
    "one word": b"Erika",
    "joined words": b"ErikaBeispiel hustet",
    "Latin-1": "Jürgen Müller hustet und möchte aufstehen".encode("latin-1"),
    "UTF-8": "Jürgen Müller hustet".encode(),
    "UTF-16": "Jürgen Müller".encode("utf-16"),
    "Cyrillic": "Иванов кашляет".encode(),
    "counts": np.frombuffer(b"Erika Beispiel", "u1").astype("<i2").tobytes(),
    "behind zeros": bytes(400) + b"Erika Beispiel",
}


@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_texts_of_odd_programs_are_no_signal(tmp_path: Path, kind: str):
    path = write(tmp_path / "night.edf", with_every_record(ODD_TEXTS[kind]))
    assert [channel.label for channel in EdfFile.open(path).channels] == ["C4-M1", "chin"]
    content = ODD_TEXTS[kind]
    deidentify_in_place(path)
    assert content not in path.read_bytes()


@pytest.mark.parametrize("label", ["Annotations", "Events", "Notes", "Markers", "EDF Annot"])
def test_a_label_that_says_text_needs_a_few_letters(tmp_path: Path, label: str):
    for content, is_text in ((b"ID7: K. Mux", True), (b"\1\0\0\0\2\0", False)):
        file = EdfFile.open(write(tmp_path / "night.edf", with_every_record(content, label)))
        assert (len(file.channels) == 2) is is_text


def test_text_behind_a_long_blank_is_found(tmp_path: Path):
    data = edf_bytes(["C4-M1", "chin", "Xy"], sfreq_hz=4096, seconds=3)
    for number in range(3):
        place = 256 * 4 + number * 3 * 8192 + 2 * 8192
        data[place : place + 8192] = bytes(5000) + b"Erika Beispiel".ljust(3192, b"\0")
    channels = EdfFile.open(write(tmp_path / "night.edf", data)).channels
    assert [channel.label for channel in channels] == ["C4-M1", "chin"]


@pytest.mark.parametrize(("low", "high"), [(90, 99), (55, 90), (97, 120), (-30, 2), (-1, 1)])
@pytest.mark.parametrize("is_slow", [True, False])
def test_slow_signals_of_small_counts_are_no_words(low: int, high: int, is_slow: bool):
    rng = np.random.default_rng(2)
    values = rng.integers(low, high, 400, endpoint=True)
    if is_slow:
        values = np.clip(np.cumsum(rng.integers(-1, 2, 400)) + (low + high) // 2, low, high)
    for count in (8, 64, 400):
        assert not holds_words(values[:count].astype("<i2").tobytes())


@pytest.mark.parametrize("level", [0, 0x2B31, 0x4545, -12000])
def test_quiet_signals_stay_signals(level: int):
    samples = np.random.default_rng(1).normal(level, 8, 256).astype("<i2")
    assert not holds_texts(samples.tobytes())
    assert not holds_words(samples.tobytes())
    assert not holds_texts(np.full(256, level, "<i2").tobytes())
