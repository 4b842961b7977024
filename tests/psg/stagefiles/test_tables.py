"""Tables as people and programs make them: read at the right time, refused, or asked about."""

import json
from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError, refuse_open
from psg.epochs import EpochGrid
from psg.errors import PsgError, StageFileError
from psg.stagefiles import NightTimes, Placed, StageOptions, place_file, read_stage_file

TEN_O_CLOCK_S = 22 * 3600
# Ten epochs before the first stage, which the file gives at 22:05.
TRUTH = [*"WW", "N1", *["N2"] * 3, *["N3"] * 3, "N2", *"RRRW", "N1", "N2", "N2", "N3", "N2", "W"]
LATE = ["?"] * 10 + TRUTH
RUNS = [("W", 2), ("N1", 1), ("N2", 3), ("N3", 3), ("N2", 1), ("R", 3), ("W", 1), ("N1", 1)]
RUNS += [("N2", 2), ("N3", 1), ("N2", 1), ("W", 1)]


def placed(
    folder: Path, lines: list[str], name: str = "s.csv", epochs: int = 20, **options
) -> list[Placed]:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    said = StageOptions(**options)
    night = NightTimes(EpochGrid(0, epochs), 30 * epochs, TEN_O_CLOCK_S)
    done = place_file(read_stage_file(path, said), night, said)
    refuse_open(done.doubts)
    return list(done.placed)


def words(each: Placed) -> list[str]:
    return [str(stage or "?") for stage in each.stages]


def clock(second: float) -> str:
    minutes, seconds = divmod(round(TEN_O_CLOCK_S + second), 60)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}:{seconds:02}"


NAMES = [
    *("onset", "onset_s", "start_time_s", "time_sec", "onset_time", "Onset Time", "event_start"),
    *("stage_start", "epoch_onset", "Von", "Anfangszeit", "Zeitpunkt", "Elapsed", "elapsed_s"),
    *("Sec", "second", "t_start", "Tempo", "Temps", "Tiempo", "Hora inicio", "begintijd"),
    *("Real time", "Rec. Time", "Epoch Time", "Lab time", "Datum/Zeit", "Time [s]", "Zeit (Sek)"),
]


@pytest.mark.parametrize("form", ["seconds", "clock"])
@pytest.mark.parametrize("name", NAMES)
def test_onsets_are_known_by_many_names(tmp_path: Path, name: str, form: str):
    times = [300 + 30 * index for index in range(20)]
    cells = [clock(at_s) if form == "clock" else str(at_s) for at_s in times]
    lines = [f"{name},stage", *map(",".join, zip(cells, TRUTH, strict=True))]
    [each] = placed(tmp_path, lines, epochs=30)
    assert words(each) == LATE


@pytest.mark.parametrize("epoch", ["", "epoch,"])
@pytest.mark.parametrize(
    "name", ["x", "Position", "offset", "start_sample", "Minute", "Uhr", "end"]
)
def test_a_column_that_may_be_the_time_is_never_passed_over(tmp_path: Path, name: str, epoch: str):
    for form in (lambda at_s: f"{at_s}", clock, lambda at_s: f"{at_s // 60}"):
        lines = [f"{epoch}{name},stage"]
        lines += [
            f"{f'{index},' if epoch else ''}{form(300 + 30 * index)},{stage}"
            for index, stage in enumerate(TRUTH)
        ]
        if (epoch and form(300) == "5") or (name == "start_sample" and form is clock):
            continue
        with pytest.raises(StageFileError, match="column"):
            placed(tmp_path, lines, epochs=30)


@pytest.mark.parametrize(
    ("unit", "second"), [("min", 1 / 60), ("ms", 1000), ("h", 1 / 3600), ("us", 1e6)]
)
def test_the_unit_of_a_header_counts(tmp_path: Path, unit: str, second: float):
    lines = [f"onset ({unit}),Dauer_{unit},stage"]
    lines += [
        f"{30 * second * index:.9g},{30 * second:.9g},{stage}" for index, stage in enumerate(TRUTH)
    ]
    assert words(placed(tmp_path, lines)[0]) == TRUTH


@pytest.mark.parametrize("unit", ["furlong", "samples", "epochs", "30 s"])
def test_another_unit_is_refused(tmp_path: Path, unit: str):
    lines = [f"onset [{unit}],stage", *(f"{30 * i},{stage}" for i, stage in enumerate(TRUTH))]
    with pytest.raises(StageFileError):
        placed(tmp_path, lines)


@pytest.mark.parametrize(
    ("name", "unit"), [("duration", 30), ("Dauer_min", 0.5), ("length (epochs)", 1)]
)
def test_runs_with_a_length_follow_each_other(tmp_path: Path, name: str, unit: float):
    lines = [f"stage,{name}", *(f"{stage},{unit * count}" for stage, count in RUNS)]
    [each] = placed(tmp_path, lines)
    assert words(each) == TRUTH


@pytest.mark.parametrize("name", ["epochs", "n", "Laenge", "x"])
def test_a_column_that_may_be_a_length_is_never_passed_over(tmp_path: Path, name: str):
    with pytest.raises(StageFileError, match="column 2"):
        placed(tmp_path, [f"stage,{name}", *(f"{stage},{count}" for stage, count in RUNS)])


def test_changes_by_number_are_asked_about_and_spans_refused(tmp_path: Path):
    at, points = 1, []
    for stage, count in RUNS:
        points.append((at, at + count - 1, stage))
        at += count
    changes = ["epoch,stage", *(f"{first},{stage}" for first, _, stage in points)]
    spans = ["start_epoch,end_epoch,stage", *(f"{a},{b},{stage}" for a, b, stage in points)]
    with pytest.raises(OpenDoubtsError, match="lasts epoch"):
        placed(tmp_path, changes)
    assert words(placed(tmp_path, changes, lasts="next")[0]) == TRUTH
    listed = words(placed(tmp_path, changes, lasts="epoch", first_epoch=1)[0])
    assert [stage for stage in listed if stage != "?"] == [stage for stage, _ in RUNS]
    with pytest.raises(StageFileError):
        placed(tmp_path, spans)
    lengths = [f"{first},{30 * (b - first + 1)},{stage}" for first, b, stage in points]
    [each] = placed(tmp_path, ["epoch,duration,stage", *lengths])
    assert words(each) == TRUTH


@pytest.mark.parametrize("name", ["position", "side", "Körperlage", "previous_stage", "comment"])
@pytest.mark.parametrize("stage", ["stage", "sleep", "Stadium"])
def test_a_column_beside_the_stages_is_no_scorer(tmp_path: Path, name: str, stage: str):
    lines = [f"epoch,{name},{stage}", *(f"{i},R,{text}" for i, text in enumerate(TRUTH))]
    [each] = placed(tmp_path, lines)
    assert (each.scorer, words(each)) == ("", TRUTH)


def test_a_column_without_a_known_name_is_passed_over_and_told(tmp_path: Path):
    path = tmp_path / "s.csv"
    path.write_text("epoch,stage,arm\n" + "".join(f"{i},{t},R\n" for i, t in enumerate(TRUTH)))
    file = read_stage_file(path)
    assert [table.scorer for table in file.tables] == [""]
    assert file.notes[0] == "Words for stages in other columns were passed over: column 3."


def test_several_columns_named_for_stages_are_scorers(tmp_path: Path):
    lines = ["epoch,scorer1,scorer2", *(f"{i},{t},N2" for i, t in enumerate(TRUTH))]
    assert [each.scorer for each in placed(tmp_path, lines)] == ["scorer1", "scorer2"]


PREAMBLES = [
    ["Patient;Erika Beispiel;", "Geburtsdatum;01.01.1980;"],
    ["Patient;Erika Beispiel"],
    ["Bericht", "Name;Erika Beispiel;x;y"],
]


@pytest.mark.parametrize("above", PREAMBLES)
def test_lines_above_the_names_of_the_columns_describe_the_file(tmp_path: Path, above: list[str]):
    lines = [*above, "Epoche;Uhrzeit;Stadium"]
    lines += [f"{i + 1};{clock(300 + 30 * i)};{stage}" for i, stage in enumerate(TRUTH)]
    [each] = placed(tmp_path, lines, epochs=30)
    assert (each.scorer, words(each)) == ("", LATE)


DESCRIBED = [
    ("lines.txt", ["* Recording start 22:05:00", "* Epoch length 30 s", *TRUTH]),
    ("s.csv", ["# start=22:05:00", "stage", *TRUTH]),
    ("s.csv", ["stage,start of scoring", "W,22:05:00", *(f"{t}," for t in TRUTH[1:])]),
    ("s.csv", ["Start;22:05:00", "Epoche;Stadium", *(f"{i};{t}" for i, t in enumerate(TRUTH))]),
]


@pytest.mark.parametrize(("name", "lines"), DESCRIBED)
def test_a_clock_in_the_description_is_asked_about(tmp_path: Path, name: str, lines: list[str]):
    with pytest.raises(PsgError, match="place index"):
        placed(tmp_path, lines, name, 30)
    [by_clock] = placed(tmp_path, lines, name, 30, place="clock")
    [by_index] = placed(tmp_path, lines, name, 30, place="index")
    assert words(by_clock) == LATE
    assert words(by_index) == TRUTH + ["?"] * 10


@pytest.mark.parametrize(
    "line", ["* Epoch length 20 s", "# epoch=20", "# 20-s epochs", "# Epochenlänge: 20 Sekunden"]
)
def test_a_length_of_epochs_in_the_description_is_asked_about(tmp_path: Path, line: str):
    with pytest.raises(PsgError, match="from-20-s"):
        placed(tmp_path, [line, *TRUTH], "s.txt")
    assert placed(tmp_path, [line, *TRUTH], "s.txt", 14, epoch_s=20)


@pytest.mark.parametrize("line", ["* Epoch length: 10", "# epoch 10 s", "# 10-s epochs"])
def test_other_lengths_of_epochs_are_refused(tmp_path: Path, line: str):
    with pytest.raises(StageFileError, match="neither 20 nor 30"):
        placed(tmp_path, [line, *TRUTH], "s.txt")


@pytest.mark.parametrize("name", ["s.csv", "s.txt"])
def test_wake_beside_1_to_4_does_not_say_what_4_is(tmp_path: Path, name: str):
    codes = dict(zip(("W", "N1", "N2", "N3", "R"), "W1234", strict=True))
    lines = [*(["stage"] if name == "s.csv" else []), *(codes[stage] for stage in TRUTH)]
    with pytest.raises(PsgError, match="--codes"):
        placed(tmp_path, lines, name)
    [each] = placed(tmp_path, lines, name, codes="yasa")
    assert words(each) == TRUTH


@pytest.mark.parametrize("row", ["150,25,Leichtschlaf", "150,20,Stadium X", "140,40,Zzz"])
def test_an_unknown_text_over_an_uncovered_epoch_is_asked_about(tmp_path: Path, row: str):
    lines = ["onset,duration,description", row]
    lines += [f"{30 * i},30,{stage}" for i, stage in enumerate(TRUTH) if i != 5]
    with pytest.raises(PsgError, match="not understood"):
        placed(tmp_path, lines)
    [each] = placed(tmp_path, lines, unscored=(row.split(",")[-1],))
    assert words(each) == [*TRUTH[:5], "?", *TRUTH[6:]]


@pytest.mark.parametrize("top", ["Erika Beispiel", "Start: 22:05:00"])
def test_a_line_above_the_first_stage_is_no_epoch(tmp_path: Path, top: str):
    with pytest.raises(StageFileError, match="line 1"):
        placed(tmp_path, [top, *TRUTH], "s.txt", unscored=(top,))


@pytest.mark.parametrize(
    "form", ["{i} {t}", "{s} 30 {t}", "{s:6.1f}    30.0   {t}", "onset stage|{s} {t}"]
)
def test_blanks_may_stand_between_the_cells(tmp_path: Path, form: str):
    header, _, row = form.rpartition("|")
    rows = [row.format(i=i, s=30.0 * i, t=stage) for i, stage in enumerate(TRUTH)]
    [each] = placed(tmp_path, [*filter(None, [header]), *rows], "s.txt")
    assert words(each) == TRUTH


CODES = [["W", "N1", "N2", "N3", "R"].index(stage) for stage in TRUTH]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("s.csv", [",Stage", *(f"{i},{code}" for i, code in enumerate(CODES))]),
        ("s.csv", ["Epoch,Scorer", *(f"{i},{code}" for i, code in enumerate(CODES))]),
        ("s.txt", [f"{code:.18e}" for code in CODES]),
        ("s.txt", [" ".join(map(str, CODES))]),
        ("s.csv", [",".join(map(str, CODES))]),
        ("s.csv", [str(code) for code in CODES]),
    ],
)
def test_codes_come_as_scripts_write_them(tmp_path: Path, name: str, lines: list[str]):
    with pytest.raises(PsgError, match="--codes"):
        placed(tmp_path, lines, name)
    [each] = placed(tmp_path, lines, name, codes="yasa")
    assert (each.scorer, words(each)) == ("", TRUTH)


@pytest.mark.parametrize(("name", "mark"), [("s.txt", ","), ("s.csv", ","), ("s.txt", " ")])
def test_stages_may_stand_beside_each_other(tmp_path: Path, name: str, mark: str):
    assert words(placed(tmp_path, [mark.join(TRUTH)], name)[0]) == TRUTH


JSON = [
    [{"onset": 30 * i, "duration": 30, "stage": stage} for i, stage in enumerate(TRUTH)],
    [{"start": 30 * i, "end": 30 * i + 30, "stage": stage} for i, stage in enumerate(TRUTH)],
    [{"epoch": i + 1, "stage": stage} for i, stage in enumerate(TRUTH)],
    {"hypnogram": TRUTH, "subject": "x"},
    {"epoch_length": 30, "stages": [{"epoch": i, "stage": s} for i, s in enumerate(TRUTH)]},
    {"onset": [30 * i for i in range(20)], "stage": TRUTH},
]


@pytest.mark.parametrize("content", JSON)
def test_json_has_objects_or_lists(tmp_path: Path, content: object):
    assert words(placed(tmp_path, [json.dumps(content)], "s.json")[0]) == TRUTH


@pytest.mark.parametrize(
    ("content", "option"),
    [
        ({"epoch_length": 20, "stages": TRUTH}, "--from-20-s"),
        ({"start_time": "2020-01-01T22:05:00", "stages": TRUTH}, "--place"),
        ([{"x": 300 + 30 * i, "stage": s} for i, s in enumerate(TRUTH)], "not known"),
        ({"stages": TRUTH, "x": [1]}, "differ in length"),
        ([{"stage": ["W"]}], "not a stage"),
    ],
)
def test_json_is_asked_about_as_a_table_is(tmp_path: Path, content: object, option: str):
    with pytest.raises(PsgError, match=option):
        placed(tmp_path, [json.dumps(content)], "s.json")


@pytest.mark.parametrize("piece_s", [1, 5, 10, 15])
def test_pieces_of_an_epoch_are_joined(tmp_path: Path, piece_s: int):
    lines = ["onset,duration,stage"]
    lines += [f"{at},{piece_s},{TRUTH[at // 30]}" for at in range(0, 600, piece_s)]
    assert words(placed(tmp_path, lines)[0]) == TRUTH
    broken = [*lines[:-1], f"{600 - piece_s},{piece_s},N1"]
    with pytest.raises(StageFileError, match="whole number"):
        placed(tmp_path, broken)


@pytest.mark.parametrize("header", ["onset,duration,stage", "stage,duration", "onset,stage"])
def test_stages_of_several_20_s_epochs_are_asked_about(tmp_path: Path, header: str):
    runs, at_s = [header], 0
    for stage, count in RUNS:
        row = {"onset": at_s, "duration": 20 * count, "stage": stage}
        runs.append(",".join(str(row[name]) for name in header.split(",")))
        at_s += 20 * count
    with pytest.raises(PsgError, match="from-20-s"):
        placed(tmp_path, runs, epochs=14)
    [each] = placed(tmp_path, runs, epochs=14, epoch_s=20)
    assert words(each)[:8] == ["W", "N1", "N2", "N2", "N3", "N3", "N2", "R"]


def test_a_clock_above_ends_of_stages_is_asked_about(tmp_path: Path):
    lines = ["*Start 22:05:00", *(f"{stage} {30 * i + 30}" for i, stage in enumerate(TRUTH))]
    with pytest.raises(PsgError, match="--place"):
        placed(tmp_path, lines, "s.txt", 30)
    assert words(placed(tmp_path, lines, "s.txt", 30, place="clock")[0]) == LATE


@pytest.mark.parametrize(
    "lines",
    [
        ["epoch,stage,epoch,stage", "1,W,3,N2", "2,W,4,R"],
        ["time,stage,time,stage", "22:00:00,W,22:01:00,N2"],
        ["subject,stage", *(f"S{i // 10},{stage}" for i, stage in enumerate(TRUTH))],
        ["night,epoch,stage", "1,0,W", "2,1,N2"],
    ],
)
def test_several_tables_or_recordings_in_one_are_refused(tmp_path: Path, lines: list[str]):
    with pytest.raises(StageFileError, match=r"Two columns|several recordings"):
        placed(tmp_path, lines)


def test_a_comment_may_name_the_columns(tmp_path: Path):
    lines = ["# onset_min stage", *(f"{5 + i / 2} {stage}" for i, stage in enumerate(TRUTH))]
    assert words(placed(tmp_path, lines, "s.txt", 30)[0]) == LATE


def test_a_title_with_a_word_for_stages_is_no_row_of_names(tmp_path: Path):
    lines = ["Hypnogram;Erika Beispiel;", "Epoche;Uhrzeit;Stadium"]
    lines += [f"{i + 1};{clock(300 + 30 * i)};{stage}" for i, stage in enumerate(TRUTH)]
    [each] = placed(tmp_path, lines, epochs=30)
    assert (each.scorer, words(each)) == ("", LATE)


def test_sparse_stages_without_durations_are_asked_about_where_they_repeat(tmp_path: Path):
    rows = [(300, "W"), (330, "W"), (390, "W"), (720, "N2")]
    lines = ["onset,stage", *(f"{at},{stage}" for at, stage in rows)]
    with pytest.raises(OpenDoubtsError, match="until the next"):
        placed(tmp_path, lines, epochs=30)
    until_next = ["?"] * 10 + ["W"] * 14 + ["N2"] + ["?"] * 5
    assert words(placed(tmp_path, lines, epochs=30, lasts="next")[0]) == until_next
    assert words(placed(tmp_path, lines, epochs=30, lasts="epoch")[0]).count("W") == 3


@pytest.mark.parametrize("labels", [("Scorer1", "Scorer2"), ("A1", "A2"), ("rater_a", "rater_b")])
def test_labels_before_the_stages_are_scorers(tmp_path: Path, labels: tuple[str, str]):
    first, second = labels
    lines = ["onset,duration,description", "95,3,Arousal"]
    lines += [f"{30 * i},30,{first}: Sleep stage {t}" for i, t in enumerate(TRUTH)]
    lines += [f"{30 * i},30,{second}: Sleep stage N2" for i in range(20)]
    one, two = placed(tmp_path, lines)
    assert (one.scorer, words(one), len(one.events)) == (first, TRUTH, 1)
    assert (two.scorer, words(two)) == (second, ["N2"] * 20)


def test_names_of_people_before_the_stages_are_no_labels(tmp_path: Path):
    lines = ["onset,description", *(f"{30 * i},Erika: {t}" for i, t in enumerate(TRUTH))]
    with pytest.raises(PsgError) as error:
        placed(tmp_path, lines)
    assert "Erika" not in str(error.value)


@pytest.mark.parametrize("unit", ["s", "min"])
def test_an_end_before_its_onset_is_refused_unless_both_are_clocks(tmp_path: Path, unit: str):
    with pytest.raises(StageFileError, match="ends before it begins"):
        placed(tmp_path, [f"start ({unit}),end ({unit}),stage", "0,30,W", "30,0,N1"])
    night = ["start,end,stage", "22:00:00,22:00:30,W", "22:00:30,22:01:00,N1"]
    assert words(placed(tmp_path, night)[0])[:2] == ["W", "N1"]
