"""Files as people have them every day, with what programs put around the stages."""

import gzip
import json
from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError, refuse_open
from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.stagefiles import NightTimes, Placed, StageOptions, place_file, read_stage_file
from psg.stagefiles.format import Content

TRUTH = [*"WW", "N1", *["N2"] * 3, *["N3"] * 3, "N2", *"RRRW", "N1", "N2", "N2", "N3", "N2", "W"]
CODES = [{"W": 0, "N1": 1, "N2": 2, "N3": 3, "R": 4}[stage] for stage in TRUTH]
NUMBERED = list(enumerate(TRUTH))
ROWS = [f"{number},{stage}" for number, stage in NUMBERED]
SHARES = ["epoch,W,N1,N2,N3,R,stage"]
SHARES += [f"{n},.1,.2,.3,.4,{n / 100},{stage}" for n, stage in NUMBERED]
CHANGES = [n for n in range(20) if n == 0 or TRUTH[n] != TRUTH[n - 1]]


def placed(folder: Path, data: bytes | str, name: str, epochs: int = 20, **options) -> list[Placed]:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    said = StageOptions(**options)
    night = NightTimes(EpochGrid(0, epochs), 30 * epochs, 22 * 3600)
    done = place_file(read_stage_file(path, said), night, said)
    refuse_open(done.doubts)
    return list(done.placed)


def text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


DAILY = {
    "end of a text of DOS": ("s.txt", text(*TRUTH) + "\x1a"),
    "block filled up with zeros": ("s.txt", text(*TRUTH) + "\0" * 100),
    "name of the column above lines": ("s.txt", text("Stage", *TRUTH)),
    "name in quotation marks": ("s.txt", text('"Hypnogram"', *TRUTH)),
    "probabilities beside the stage": ("s.csv", text(*SHARES)),
    "units below names": ("s.csv", text("onset,duration,stage", "s,s,")
                          + text(*(f"{30 * n},30,{stage}" for n, stage in NUMBERED))),
    "units in brackets": ("s.csv", text("onset;stage", "[min];[]")
                          + text(*(f"{n / 2};{stage}" for n, stage in NUMBERED))),
    "names of rows of R": ("s.csv", text('"epoch","stage"')
                           + text(*(f'"{n + 1}",{n},"{stage}"' for n, stage in NUMBERED))),
    "names of rows of R alone": ("s.csv", text('"stage"')
                                 + text(*(f'"{n + 1}","{stage}"' for n, stage in NUMBERED))),
    "a program at the end": ("s.csv", text("epoch,stage", *ROWS, "Exported by Viewer 3.2")),
    "afternoon in Spanish": ("s.csv", text("Hora;Etapa", *(
        f"10:{n // 2:02}:{30 * (n % 2):02} p. m.;{stage}" for n, stage in NUMBERED))),
    "pairs in json": ("s.json", json.dumps(NUMBERED)),
    "rows in json": ("s.json", json.dumps([[30 * n, 30, stage] for n, stage in NUMBERED])),
    "csv in gzip": ("s.csv.gz", gzip.compress(text("epoch,stage", *ROWS).encode())),
    "text in gzip": ("s.txt.gz", gzip.compress(text(*TRUTH).encode())),
    "json in gzip": ("S.JSON.GZ", gzip.compress(json.dumps(TRUTH).encode())),
    "Unicode text of Excel": ("s.txt", text("Epoche\tZeit\tStadium", *(
        f"{n + 1}\t22:{n // 2:02}:{30 * (n % 2):02}\t{stage}" for n, stage in NUMBERED))),
    "line ends of Windows twice": ("s.txt", "\r\r\n".join(TRUTH)),
    "line ends twice in a table": ("s.csv", "\r\r\n".join(["epoch,stage", *ROWS])),
    "the last change is the end": ("s.csv", text("onset,stage", *(
        f"{30 * n},{TRUTH[n]}" for n in CHANGES), "600,END")),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAILY)
def test_what_stands_around_the_stages_moves_none(tmp_path: Path, kind: str):
    name, data = DAILY[kind]
    for each in placed(tmp_path, data, name):
        assert [str(stage) for stage in each.stages] == TRUTH


@pytest.mark.parametrize("columns", ["{n},{code}", "{s},{code}", "{s},30,{code}"])
@pytest.mark.parametrize("name", ["s.csv", "s.txt"])
def test_columns_of_integers_without_names_need_a_map(tmp_path: Path, columns: str, name: str):
    lines = [columns.format(n=n, s=30 * n, code=code) for n, code in enumerate(CODES)]
    with pytest.raises(OpenDoubtsError, match="codes"):
        placed(tmp_path, text(*lines), name)
    [each] = placed(tmp_path, text(*lines), name, codes="yasa")
    assert [str(stage) for stage in each.stages] == TRUTH


@pytest.mark.parametrize("names", ["onset,stage", "epoch,stage"])
def test_more_cells_than_names_are_refused(tmp_path: Path, names: str):
    for row in ("{s},0,{stage}", "{n},{code},1"):
        rows = [row.format(n=n, s=30 * n, stage=stage, code=CODES[n]) for n, stage in NUMBERED]
        with pytest.raises(StageFileError, match="more cells"):
            placed(tmp_path, text(names, *rows), "s.csv")


def test_a_number_beside_names_of_stages_is_no_stage(tmp_path: Path):
    rows = [f"{30 * n},30,{'1' if n == 4 else stage}" for n, stage in NUMBERED]
    with pytest.raises(OpenDoubtsError, match="not understood"):
        placed(tmp_path, text("onset,duration,description", *rows), "s.csv")


def test_a_list_of_20_s_epochs_names_the_option(tmp_path: Path):
    with pytest.raises(StageFileError, match="from-20-s"):
        placed(tmp_path, text(*TRUTH, *TRUTH[:10]), "s.txt")
    with pytest.raises(StageFileError, match="longer") as refused:
        placed(tmp_path, text(*TRUTH, "W"), "s.txt")
    assert "20-s" not in str(refused.value)


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_zeros_alone_are_no_text(tmp_path: Path, size: int):
    path = tmp_path / "s.txt"
    path.write_bytes(b"\0" * size)
    assert not Content(path).is_text
    with pytest.raises(StageFileError, match="not known"):
        read_stage_file(path)


def test_a_damaged_gzip_is_refused(tmp_path: Path):
    with pytest.raises(StageFileError, match="gzip"):
        placed(tmp_path, gzip.compress(text(*TRUTH).encode())[:-12], "s.txt.gz")


@pytest.mark.parametrize("column", ["epoch", "onset"])
def test_words_that_nobody_knows_can_be_told(tmp_path: Path, column: str):
    rows = [f"{n * (30 if column == 'onset' else 1)},AASM {stage}" for n, stage in NUMBERED]
    data = text(f"{column},stage", *rows)
    with pytest.raises(OpenDoubtsError, match="AASM N2"):
        placed(tmp_path, data, "s.csv")
    meanings = tuple(f"AASM {stage}={stage}" for stage in dict.fromkeys(TRUTH))
    [each] = placed(tmp_path, data, "s.csv", meanings=meanings)
    assert [str(stage) for stage in each.stages] == TRUTH


@pytest.mark.parametrize("names", ["Elapsed,Clock", "Clock,Rec. time", "t,Uhrzeit"])
def test_of_two_clocks_that_of_the_day_counts(tmp_path: Path, names: str):
    elapsed_first = names.split(",")[0] in ("Elapsed", "t")
    rows = []
    for n, stage in NUMBERED:
        since, of_day = f"00:{n // 2:02}:{30 * (n % 2):02}", f"22:{n // 2:02}:{30 * (n % 2):02}"
        rows.append(",".join([since, of_day, stage] if elapsed_first else [of_day, since, stage]))
    [each] = placed(tmp_path, text(f"{names},stage", *rows), "s.csv")
    assert [str(stage) for stage in each.stages] == TRUTH
    assert not any("00:00:00" in note for note in each.notes)
    with pytest.raises(StageFileError, match="times of day that differ"):
        placed(tmp_path, text("Lab time,Clock,stage", *rows), "s.csv")


SPANS = [(onset, after) for onset, after in zip(CHANGES, [*CHANGES[1:], 20], strict=True)]


@pytest.mark.parametrize("name", ["s.csv", "s.txt", "s.ids"])
@pytest.mark.parametrize("epochs", [20, 60])
def test_an_end_is_no_duration(tmp_path: Path, name: str, epochs: int):
    ends = [f"{30 * a},{30 * b},{TRUTH[a]}" for a, b in SPANS]
    lengths = [f"{30 * a},{30 * (b - a)},{TRUTH[a]}" for a, b in SPANS]
    for rows in (ends, lengths):
        [each] = placed(tmp_path, text(*rows), name, epochs=epochs)
        assert [str(stage) for stage in each.stages[:20]] == TRUTH
        assert not any(each.stages[20:])
    with pytest.raises(StageFileError, match=r"end of a stage or its length|not known"):
        placed(tmp_path, text("0,300,W", "300,600,N2"), name, epochs=epochs)


def test_an_end_is_no_duration_among_integers(tmp_path: Path):
    rows = [f"{30 * a},{30 * b},{CODES[a]}" for a, b in SPANS]
    [each] = placed(tmp_path, text(*rows), "s.csv", epochs=60, codes="yasa")
    assert [str(stage) for stage in each.stages[:20]] == TRUTH
