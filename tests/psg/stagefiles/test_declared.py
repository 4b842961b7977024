"""Texts that a person declares: what they mean, and that only their digests are kept."""

import json
from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError
from psg.epochs import EpochGrid
from psg.errors import PsgError
from psg.ingest.decisions import NightDecisions
from psg.stagefiles import NightTimes, StageOptions, place_file, read_stage_file, settled
from psg.stagefiles.declared import digest_of
from psg.stages import Stage
from psg.typed_json import as_json, from_json

NIGHT = NightTimes(EpochGrid(0, 4), 120)
NAMED = "Erika Beispiel hustet"


def file_with(folder: Path, text: str) -> Path:
    path = folder / "stages.txt"
    path.write_text(f"W\n{text}\nN2\n{text}\n")
    return path


def test_a_text_can_mean_a_stage(tmp_path: Path):
    path = file_with(tmp_path, "SP")
    doubt = read_stage_file(path).doubts[0]
    assert doubt.is_open
    assert [choice.value for choice in doubt.choices] == ["unscored", *Stage]
    options = StageOptions(meanings=("sp = r",))
    placed = place_file(read_stage_file(path, options), NIGHT, options)
    assert placed.placed[0].stages == (Stage.W, Stage.R, Stage.N2, Stage.R)
    assert "Stages of the file that count as R, as declared: 2." in placed.notes


def test_an_integer_can_mean_a_stage(tmp_path: Path):
    options = StageOptions(meanings=("7=N3",))
    file = read_stage_file(file_with(tmp_path, "7"), options)
    assert not file.doubts
    assert [entry.stage for entry in file.tables[0].entries][1] == Stage.N3


@pytest.mark.parametrize("said", ["SP", "SP=REM sleep", "=R", "SP=6"])
def test_a_meaning_without_a_stage_is_refused(said: str):
    with pytest.raises(PsgError, match=r"is no stage.*SP=R"):
        StageOptions(meanings=(said,))


@pytest.mark.parametrize("stage", [None, Stage.N1])
def test_nothing_of_a_declared_text_is_kept(tmp_path: Path, stage: Stage | None):
    path = file_with(tmp_path, NAMED)
    said = (NAMED.upper(),)
    options = (
        StageOptions(unscored=said)
        if stage is None
        else StageOptions(meanings=(f"{NAMED}={stage}",))
    )
    placed = place_file(read_stage_file(path, options), NIGHT, options)
    assert placed.placed[0].stages[1] == stage
    kept = [as_json(options), NightDecisions(stages=options).as_json(), as_json(placed.placed)]
    kept += [placed.record(each) for each in placed.placed]
    assert "erika" not in json.dumps([kept, placed.notes]).lower()


def test_options_that_were_kept_mean_the_same():
    options = StageOptions(unscored=("Artefakt",), meanings=("SP=R",))
    assert from_json(StageOptions, as_json(options)) == options
    assert StageOptions(unscored=(" ARTEFAKT",)).unscored == options.unscored
    assert digest_of("SP") != digest_of("SPT")


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Éveillé", Stage.W),
        ("Despierta", Stage.W),
        ("Sveglia", Stage.W),
        ("Wakend", Stage.W),
        ("Tiefschlaf", Stage.N3),
        ("Sommeil profond", Stage.N3),
        ("ST0", Stage.W),
        ("ST2", Stage.N2),
        ("R.E.M.", Stage.R),
        ("S REM", Stage.R),
        # These mean several stages, or another one in another lab.
        *((text, None) for text in ("SP", "Light", "Deep", "Sommeil lent léger", "SW", "Stage 5")),
    ],
)
def test_words_of_stages(tmp_path: Path, text: str, stage: Stage | None):
    file = read_stage_file(file_with(tmp_path, text))
    assert bool(file.doubts) == (stage is None)
    if stage:
        assert [entry.stage for entry in file.tables[0].entries][1] == stage


def test_a_refusal_names_an_unknown_text_and_is_kept_without_it(tmp_path: Path):
    with pytest.raises(OpenDoubtsError) as refused:
        settled(read_stage_file(file_with(tmp_path, NAMED)))
    assert NAMED in str(refused.value)
    assert "not understood" in refused.value.to_keep
    assert "Erika" not in refused.value.to_keep


@pytest.mark.parametrize("text", [NAMED, f"onset,{NAMED}", f'[{{"{NAMED}": "{NAMED}"}}]'])
@pytest.mark.parametrize("name", ["s.txt", "s.csv", "s.json"])
def test_the_refusal_of_a_whole_file_quotes_nothing_of_it(tmp_path: Path, name: str, text: str):
    path = tmp_path / name
    path.write_text(f"{text}\n{text}\n")
    with pytest.raises(PsgError) as refused:
        settled(read_stage_file(path))
    assert "Erika" not in str(refused.value)
