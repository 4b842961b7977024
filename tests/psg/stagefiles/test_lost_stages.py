"""No stage of a file is lost in silence: it comes out, or somebody is asked, or a note says it."""

from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError, refuse_open
from psg.epochs import EpochGrid
from psg.errors import PsgError, StageFileError
from psg.stagefiles import NightTimes, PlacedFile, StageOptions, place_file, read_stage_file
from psg.stagefiles.words import stage_word


def placed(folder: Path, *lines: str, epochs: int = 20, **options) -> PlacedFile:
    path = folder / "stages.csv"
    path.write_text("\n".join([*lines, ""]))
    said = StageOptions(**options)
    night = NightTimes(EpochGrid(0, epochs), 30 * epochs, 22 * 3600)
    done = place_file(read_stage_file(path, said), night, said)
    refuse_open(done.doubts)
    return done


def words(done: PlacedFile) -> str:
    [each] = done.placed
    return " ".join(str(stage or "?") for stage in each.stages)


# Units below the names.


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("stage", "[{}]"),
        ("stage;comment", "[Sleep stage {}];"),
        ("comment;Schlafstadium", ";[{}]"),
        ("hypnogram;artefact", '["{}"];'),
        ("Anna;comment", "[{}];"),
    ],
)
def test_a_stage_in_brackets_below_a_name_is_no_unit(tmp_path: Path, names: str, row: str):
    rows = [row.format(stage) for stage in ["W", "N1", "N2", "N1"]]
    try:
        assert words(placed(tmp_path, names, *rows, epochs=4)) == "W N1 N2 N1"
    except PsgError:
        assert names.startswith("Anna")


@pytest.mark.parametrize("first", ["[]", "s", "[s]", "(h)"])
def test_a_text_below_a_name_of_stages_is_no_unit_without_a_time(tmp_path: Path, first: str):
    with pytest.raises(PsgError):
        placed(tmp_path, "stage;comment", f"{first};", "W;", "N1;", "N2;", epochs=3)


@pytest.mark.parametrize("units", ["[s],", "s,[]", "(sec),", "[hh:mm:ss],"])
def test_units_below_times_are_units(tmp_path: Path, units: str):
    rows = [f"{30 * n},{stage}" for n, stage in enumerate(["W", "N1", "N2"])]
    assert words(placed(tmp_path, "onset,stage", units, *rows, epochs=3)) == "W N1 N2"


@pytest.mark.parametrize("units", ["[s],[N1]", "[s],W", "[Wx],", "[x],[]"])
def test_other_texts_below_times_are_refused(tmp_path: Path, units: str):
    rows = [f"{30 * n},{stage}" for n, stage in enumerate(["W", "N1", "N2"])]
    with pytest.raises(PsgError):
        placed(tmp_path, "onset,stage", units, *rows, epochs=3)


# Last lines.


@pytest.mark.parametrize(
    "names", ["stage,comment", "stage,Anna,artefact", "Schlafstadium,Bemerkung"]
)
@pytest.mark.parametrize("text", ["Wx", "Traum", "SP", "Frau Zett", "Stage Q", "Bad signal"])
def test_unknown_words_at_the_end_are_asked_about(tmp_path: Path, names: str, text: str):
    empty = "," * names.count(",")
    rows = [f"{stage}{empty}" for stage in ["W", "N1", text, "N2", text, text]]
    with pytest.raises(OpenDoubtsError, match="3 ×"):
        placed(tmp_path, names, *rows, epochs=6)
    done = placed(tmp_path, names, *rows, epochs=6, meanings=(f"{text}=R",))
    assert words(done) == "W N1 R N2 R R"
    with pytest.raises(OpenDoubtsError, match="1 ×"):
        placed(tmp_path, names, *rows[:2], rows[4], epochs=3)


@pytest.mark.parametrize("text", ["Traum", "SP"])
def test_a_declared_text_without_a_time_is_refused(tmp_path: Path, text: str):
    for names, row, last in [
        ("onset,stage", "{},N2", f"{text},"),
        ("stage,duration", "N{},30", f"{text},"),
        ("stage,epoch", "N2,{}", f"{text},"),
    ]:
        rows = [row.format(n) for n in (1, 2, 3)]
        with pytest.raises(StageFileError):
            placed(tmp_path, names, *rows, last, epochs=30, meanings=(f"{text}=R",))


@pytest.mark.parametrize("last", ["Exported by Viewer 3.2", "End of list,"])
def test_a_line_below_times_is_left_out_with_a_note(tmp_path: Path, last: str):
    rows = [f"{n},{stage}" for n, stage in enumerate(["W", "N1", "N2"])]
    done = placed(tmp_path, "epoch,stage", *rows, last, epochs=3)
    assert words(done) == "W N1 N2"
    assert any("left out: 1" in note for note in done.notes)
    runs = placed(tmp_path, "stage,duration", "W,30", "N1,30", "N2,30", last, epochs=3)
    assert words(runs) == "W N1 N2"


# Rows that are empty.


@pytest.mark.parametrize("names", ["stage", "stage,comment", "stage,duration"])
def test_an_empty_row_between_stages_without_times_is_refused(tmp_path: Path, names: str):
    filled = {"stage": "", "stage,comment": ",", "stage,duration": ",30"}[names]
    empty = "," * names.count(",")
    rows = [f"{stage}{filled}" for stage in ["W", "N1", "N2"]]
    with pytest.raises(StageFileError, match="empty"):
        placed(tmp_path, names, rows[0], empty, *rows[1:], epochs=3)
    assert words(placed(tmp_path, names, "", *rows, empty, "", epochs=3)) == "W N1 N2"


@pytest.mark.parametrize("line", ["#N1,", "# Sleep stage 2,x", "  #W", "# N3;"])
def test_a_stage_behind_a_mark_of_comments_is_refused_between_stages(tmp_path: Path, line: str):
    with pytest.raises(StageFileError, match="comment"):
        placed(tmp_path, "stage,comment", "W,", line, "N2,", epochs=3)
    assert words(placed(tmp_path, "stage,comment", "W,", "# a remark", "N2,", epochs=2)) == "W N2"
    timed = placed(tmp_path, "onset,stage", "0,W", line, "30,N2", epochs=2)
    assert words(timed) == "W N2"
    path = tmp_path / "stages.txt"
    path.write_text(f"W\n{line}\nN2\n")
    with pytest.raises(StageFileError):
        read_stage_file(path)


@pytest.mark.parametrize("names", ["scoring,c", "Stage,x", "onset,stage", "type,start"])
def test_stages_above_names_are_refused(tmp_path: Path, names: str):
    with pytest.raises(StageFileError):
        placed(tmp_path, "W,a", "N1,b", names, "N2,d", "N3,e", epochs=5)
    with pytest.raises(StageFileError):
        placed(tmp_path, "stage,c", "W,a", "N1,b", "onset,stage", "0,N2", "30,N3", epochs=5)


# How long a stage lasts.


@pytest.mark.parametrize(
    "rows",
    [
        ["0,N3", "2,Lights on", "4,N3", "6,N1", "10,R"],
        ["0,W", "5,N2", "9,N2", "15,R"],
        ["0,N2", "1,N2", "8,N3", "12,R", "17,W"],
    ],
)
@pytest.mark.parametrize("names", ["epoch,stage", "onset,stage"])
def test_sparse_rows_that_repeat_a_stage_are_asked_about(
    tmp_path: Path, names: str, rows: list[str]
):
    if names == "onset,stage":
        split = [row.split(",") for row in rows]
        rows = [f"{30 * int(number)},{text}" for number, text in split]
    with pytest.raises(OpenDoubtsError, match="until the next"):
        placed(tmp_path, names, *rows)
    assert "?" not in words(placed(tmp_path, names, *rows, lasts="next")).split()[:10]


# Words.


@pytest.mark.parametrize("text", ["fine", "Fin", "END", "Ende", "fim", "einde", "End of recording"])
@pytest.mark.parametrize("names", ["onset,duration,stage", "onset,stage"])
def test_a_word_for_the_end_is_a_remark_before_the_end(tmp_path: Path, names: str, text: str):
    length = "30," if "duration" in names else ""
    rows = [f"{30 * n},{length}{text if n == 1 else stage}" for n, stage in enumerate("WWWR")]
    with pytest.raises(OpenDoubtsError, match="1 ×"):
        placed(tmp_path, names, *rows, epochs=4)


def test_a_word_for_the_end_ends_a_list(tmp_path: Path):
    changes = ["onset,stage", "0,W", "60,N1", "300,N2", "360,R"]
    assert words(placed(tmp_path, *changes, "450,END")) == (
        "W W N1 N1 N1 N1 N1 N1 N1 N1 N2 N2 R R R" + " ?" * 5
    )
    with pytest.raises(OpenDoubtsError):
        placed(tmp_path, *changes, "450,fine")


@pytest.mark.parametrize(
    "text",
    [
        *("Light sleep 3", "light sleep R", "Leichtschlaf W", "sommeil lent léger 4"),
        *("lichte slaap 0", "NREM stage R", "NREM sleep stage W", "non-REM stage 0"),
        "Light sleep 3 (N3)",
    ],
)
def test_a_part_of_sleep_has_only_its_own_stages(text: str):
    assert stage_word(text) is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [("Light sleep 1", "N1"), ("Leichtschlaf N2", "N2"), ("NREM stage 4", "N3")],
)
def test_a_part_of_sleep_with_its_stage_is_known(text: str, stage: str):
    word = stage_word(text)
    assert word is not None
    assert word.stage == stage
