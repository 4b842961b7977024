import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_the_files_of_a_night_are_written(tmp_path: Path):
    out = StringIO()
    call_command(
        "simulate_night", str(tmp_path), "--hours", "0.05", "--seed", "4", "--json", stdout=out
    )
    printed = json.loads(out.getvalue())
    assert printed["subject"] == "01-09-0001"
    assert printed["epochs"] == 6
    assert Path(printed["psg"]) == tmp_path / "01-09-0001 PSG.edf"
    assert {path.name for path in tmp_path.iterdir()} == {
        "01-09-0001 PSG.edf",
        "01-09-0001 Base.edf",
        "01-09-0001 events.csv",
    }


def test_clinical_nights_and_other_references_are_written_with_their_own_events(tmp_path: Path):
    options = (
        "--hours",
        "0.02",
        "--seed",
        "4",
        "--difficulty",
        "clinical",
        "--reference",
        "common",
    )
    call_command("simulate_night", str(tmp_path), *options, stdout=StringIO())
    assert "ecg,C4-M1," in (tmp_path / "01-09-0001 events.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hours", "0", "--seed", "1"), "at least one epoch"),
        (("--hours", "nan", "--seed", "1"), "too long"),
        (("--hours", "49", "--seed", "1"), "too long"),
        (("--hours", "1", "--seed", "-1"), "seed"),
        (("--hours", "1", "--seed", "1", "--subject", "a/b"), "subject code"),
        (("--hours", "1", "--seed", "1", "--difficulty", "hard"), "plain"),
    ],
)
def test_bad_input_is_refused_in_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str):
    with pytest.raises(CommandError, match=words) as refusal:
        call_command("simulate_night", str(tmp_path), *arguments)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="file"):
        call_command("simulate_night", str(tmp_path / "file"), "--hours", "0.01", "--seed", "1")
