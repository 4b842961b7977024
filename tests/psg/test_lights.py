"""Lights off and on, as recorders write them into their files."""

from pathlib import Path

import pytest

from psg.deidentify import deidentify_in_place
from psg.edf import Annotation, EdfFile
from psg.lights import Lights, lights_of, lights_word
from psg.stagefiles import read_single
from tests.helpers.edf_files import edf_bytes, write


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Lights off", "off"),
        ("LIGHTS OUT", "off"),
        ("light_off.", "off"),
        ("Lights On", "on"),
        ("lights-on", "on"),
        ("Licht aus", "off"),
        ("Licht an", "on"),
        ("Lumières éteintes", "off"),
        ("Extinction des feux", "off"),
        ("Luces apagadas", "off"),
        ("Luces encendidas", "on"),
        ("Luci spente", "off"),
        ("Luci accese", "on"),
        ("Luzes apagadas", "off"),
        ("Luz acesa", "on"),
        ("Licht uit", "off"),
        ("Licht aan", "on"),
        ("LOFF", "off"),
        ("LON", "on"),
        ("L Off", "off"),
        ("Apagado de luces", "off"),
        ("Encender luces", "on"),
        ("Acender as luzes", "on"),
        ("Licht ausgeschaltet", "off"),
        ("Accensione luci", "on"),
        ("Lights off: 22:41", None),
        ("Licht aus bei Erika Beispiel", None),
        ("London", None),
        ("Lights off for Mrs Lovelace", None),
        ("Sleep stage W", None),
        ("delights on", None),
    ],
)
def test_only_a_text_that_says_nothing_else_is_a_mark(text, word):
    assert lights_word(text) == word


def test_a_walk_at_night_stays_in_bed():
    texts = [(0, "on"), (60, "off"), (9000, "on"), (9300, "off"), (28_000, "on")]
    marks = [Annotation(at_s, 0, f"Lights {word}") for at_s, word in texts]
    assert lights_of(marks) == Lights(60, 28_000)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], Lights()),
        ([(5, "off")], Lights(off_s=5)),
        ([(5, "on")], Lights(on_s=5)),
        ([(5, "on"), (9, "off")], Lights(off_s=9)),
    ],
)
def test_a_mark_that_is_missing_stays_missing(texts, expected):
    assert lights_of([Annotation(at_s, 0, f"lights {word}") for at_s, word in texts]) == expected


def test_marks_of_a_scorer_lie_over_those_of_the_file_one_by_one():
    assert Lights(on_s=90).over(Lights(10, 80)) == Lights(10, 90)
    assert Lights(10, None).after(4) == Lights(6, None)


def test_the_marks_outlive_the_names_in_a_file(tmp_path: Path):
    marks = [(7.5, None, "Lights off"), (9.0, None, "Mrs Lovelace"), (50.0, None, "Lights on")]
    marks += [(0, 30, "Sleep stage W")]
    path = write(tmp_path / "night.edf", edf_bytes(annotations=marks))
    deidentify_in_place(path)
    assert [a.text for a in EdfFile.open(path).annotations()] == [
        "Sleep stage W",
        "Lights off",
        "Lights on",
    ]
    assert read_single(path).lights == Lights(7.5, 50)


def test_text_formats_of_stages_have_no_marks(tmp_path: Path):
    assert read_single(write(tmp_path / "stages.txt", b"Sleep stage W\n")).lights == Lights()
