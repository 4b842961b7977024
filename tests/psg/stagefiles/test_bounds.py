"""Stage files that ask for endless work or hold no finite numbers are refused with a sentence."""

from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError
from psg.epochs import EpochGrid
from psg.errors import PsgError, StageFileError
from psg.stagefiles import (
    NightTimes,
    StageEntry,
    StageOptions,
    StageTable,
    place_on_grid,
    place_table,
    read_entries,
)
from psg.stagefiles.bounds import MOST_STAGES
from psg.stages import Stage
from tests.helpers.edf_files import edf_bytes, write

GRID = EpochGrid(0, 20)
CSV = "stage,onset_s,duration_s\n"


def nsrr(start: str, duration: str, concept: str = "Wake|0") -> str:
    return (
        "<A><ScoredEvent><EventType>Stages|Stages</EventType>"
        f"<EventConcept>{concept}</EventConcept><Start>{start}</Start>"
        f"<Duration>{duration}</Duration></ScoredEvent></A>"
    )


def profusion(epoch_s: str, stages: int = 2) -> str:
    listed = "<SleepStage>0</SleepStage>" * stages
    return f"<C><EpochLength>{epoch_s}</EpochLength><SleepStages>{listed}</SleepStages></C>"


REFUSED = {
    "a span of ten thousand years": ("s.csv", CSV + "W,0,3e11\n", "more than a week"),
    "an onset of ten thousand years": ("s.csv", CSV + "W,3e11,30\n", "more than a week"),
    "the largest number": ("s.csv", CSV + "W,1e308,1e308\n", "not a finite number.*line 2"),
    "far before the start": ("s.csv", CSV + "W,-1e12,30\n", "more than a week.*line 2"),
    "a negative span": ("s.csv", CSV + "W,30,-30\n", "whole number of 30-s epochs"),
    "nan as onset": ("s.csv", CSV + "W,nan,30\n", "not a finite.*line 2"),
    "inf as span": ("s.csv", CSV + "W,0,30\nN1,30,inf\n", "not a finite.*line 3"),
    "a number beyond floats": ("s.csv", CSV + "W,0,1e400\n", "not a finite.*line 2"),
    "an epoch number without end": ("s.csv", f"epoch,stage\n{10**18},W\n", "week.*line 2"),
    "an epoch number of 400 digits": ("s.csv", f"epoch,stage\n{'9' * 400},W\n", "not a finite"),
    "a field of 200,000 characters": ("s.csv", f"stage,epoch\n{'W' * 200_000},0\n", "line 2"),
    "a field over many lines": (
        "s.csv",
        'stage,epoch\n"' + ("W" * 1000 + "\n") * 200 + '",0\n',
        "quotation mark",
    ),
    "too many rows": ("s.csv", "stage,epoch\n" + "W,0\n" * (MOST_STAGES + 1), "100,000 lines"),
    "too many lines": ("s.txt", "W\n" * (MOST_STAGES + 1), "100,000 lines"),
    "a line without end": ("s.txt", "W\n" + "W" * 10**6, "characters"),
    "a stage that ends in a million years": ("s.txt", "W 3e13\n", "more than a week.*line 1"),
    "a code of 400 digits": ("s.txt", "W\n" + "9" * 400 + "\n", "not understood.*line 2"),
    "deep json": ("s.json", "[" * 200_000, "nested too deeply"),
    "deep json inside a list": ("s.json", '["W",' + "[" * 800 + "]" * 800 + "]", "item 2"),
    "json with a number beyond floats": ("s.json", "[1e400]", "no sleep stages.*item 1"),
    "json with an endless number": ("s.json", f"[{'9' * 5000}]", "damaged"),
    "too many items": ("s.json", "[" + "1," * MOST_STAGES + "1]", "100,000 stages"),
    "too much json": ("s.json", "[" + "[]," * 2_000_000 + "1]", "too large"),
    "nan in NSRR": ("s.xml", nsrr("nan", "30"), "not a finite number.*ScoredEvent 1, Start"),
    "a span without end in NSRR": ("s.xml", nsrr("0", "1e400"), "ScoredEvent 1, Duration"),
    "a long span in NSRR": ("s.xml", nsrr("0", "3e11"), "week.*ScoredEvent 1"),
    "epochs of a nanosecond": ("s.xml", profusion("1e-9"), "whole number of 30-s epochs"),
    "epochs of nan": ("s.xml", profusion("nan"), "EpochLength"),
    "epochs of a year": ("s.xml", profusion("31536000"), "SleepStage 1"),
    "deep XML": ("s.xml", "<ScoredEvent>" * 100_000, "levels deep"),
    "an encoding nobody knows": ("s.xml", "<?xml version='1.0' encoding='x-1'?><a/>", "damaged"),
    "an encoding of many bytes": ("s.xml", "<?xml version='1.0' encoding='gbk'?><a/>", "damaged"),
    "an external entity": (
        "s.xml",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "document type",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_without_bounds_is_refused_with_place_and_reason(tmp_path: Path, case: str):
    name, text, expected = REFUSED[case]
    path = write(tmp_path / name, text.encode())
    with pytest.raises(PsgError, match=f"(?s){expected}") as refused:
        place_on_grid(read_entries(path, StageOptions(codes="profusion")), GRID)
    assert refused.value.where or isinstance(refused.value, OpenDoubtsError)
    assert refused.value.advice
    assert len(str(refused.value)) < 600


def test_too_many_elements_of_xml_are_refused(tmp_path: Path):
    path = write(tmp_path / "s.xml", b"<ScoredEvent>" + b"<b/>" * 1_000_001 + b"</ScoredEvent>")
    with pytest.raises(StageFileError, match="elements"):
        read_entries(path)


@pytest.mark.parametrize("text", ["Sleep stage W", "W"])
def test_an_annotation_that_never_ends_is_refused(tmp_path: Path, text: str):
    data = edf_bytes(["EEG C4"], annotations=[(0.0, 30_000_000_000.0, text)])
    with pytest.raises(StageFileError, match="more than a week"):
        read_entries(write(tmp_path / "s.edf", data))


def test_a_fault_of_a_parser_is_a_sentence(tmp_path: Path, monkeypatch):
    def stumble(*_: object, **__: object) -> None:
        raise OverflowError("cannot convert float infinity to integer")

    monkeypatch.setattr("psg.stagefiles.formats.table.read_rows", stumble)
    path = write(tmp_path / "s.csv", b"stage,epoch\nW,0\n")
    with pytest.raises(StageFileError, match=r"OverflowError.*Export") as refused:
        read_entries(path)
    assert "cannot be read" in refused.value.what


@pytest.mark.parametrize("epoch_s", [20, 30])
def test_stages_on_top_of_each_other_are_refused_before_they_are_laid_down(epoch_s):
    grid = EpochGrid(0, 8640)
    entries = [StageEntry(0, 30 * 8640, Stage.W, "")] * MOST_STAGES
    with pytest.raises(StageFileError, match="more than 10 times over"):
        place_table(
            StageTable(tuple(entries), epoch_s=epoch_s), NightTimes(grid, grid.onset_s(8640))
        )


def test_a_stage_listed_twice_and_long_padding_stay_possible():
    entries = [StageEntry(0, 600, Stage.W, ""), StageEntry(30, 30, Stage.W, "")]
    entries += [StageEntry(600, 400_000, None, "?")] * 30
    with pytest.raises(StageFileError, match="whole number"):
        place_on_grid(entries, GRID)
    entries = [*entries[:2], *[StageEntry(600, 399_990, None, "?")] * 30]
    assert place_on_grid(entries, GRID) == [Stage.W] * 20


@pytest.mark.parametrize(
    ("onset_s", "duration_s"),
    [(float("nan"), 30), (0, float("inf")), (1e308, 1e308), (0, 3e11), (-1e9, 30), (1e9, -1e9)],
)
def test_no_entry_has_a_time_without_bounds(onset_s: float, duration_s: float):
    with pytest.raises(StageFileError):
        StageEntry(onset_s, duration_s, Stage.W, "")
