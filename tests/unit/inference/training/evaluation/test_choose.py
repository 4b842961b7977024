"""The best checkpoint of a folder, by subjects that are not those of the test."""

import json
import shutil
from pathlib import Path

import pytest

from inference.bundles import BUILT_IN_RULES
from inference.training import choose
from inference.training.data import TEST
from inference.training.evaluation.readers import bundle_folder

SHORT = ["--simulated", "--nights", "1", "--hours", "0.1", "--json"]


def test_the_checkpoint_with_the_highest_kappa_is_chosen_on_validation_subjects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("step-1", "step-2"):
        shutil.copytree(bundle_folder(BUILT_IN_RULES), tmp_path / name)
    assert choose.main(["--checkpoints", str(tmp_path), *SHORT]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["part"], found["chosen"]) == ("validation", str(tmp_path / "step-1"))
    assert "validation subjects" in found["on"]
    kappas = [one["kappa_with_unparsed"] for one in found["checkpoints"]]
    assert kappas[0] == kappas[1] is not None


def test_the_best_is_the_highest_and_none_where_no_kappa_is_defined():
    judged = [{"checkpoint": name, choose.MEASURE: k} for name, k in [("a", 0.2), ("b", 0.4)]]
    judged.append({"checkpoint": "c", choose.MEASURE: None})
    assert choose.best(judged) == "b"
    assert choose.best(judged[2:]) is None


def test_test_subjects_cannot_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        choose.main(["--checkpoints", str(tmp_path), "--part", TEST, *SHORT])
    assert "--part" in capsys.readouterr().err
    assert choose.main(["--checkpoints", str(tmp_path), *SHORT]) == 1
    assert "no checkpoint to choose" in capsys.readouterr().err
