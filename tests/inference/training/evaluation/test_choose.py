"""The best checkpoint of a folder, by subjects that are not those of the test."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.bundles import BUILT_IN_RULES
from inference.training import choose
from inference.training.data.nights import TEST
from inference.training.evaluation.readers import bundle_folder
from inference.training.settings import Phase, read_settings

SHORT = ["--simulated", "--nights", "1", "--hours", "0.1", "--json"]


def test_the_checkpoint_with_the_highest_kappa_is_chosen_on_validation_subjects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("step-1", "step-2"):
        shutil.copytree(bundle_folder(BUILT_IN_RULES), tmp_path / name)
    assert choose.main(["--checkpoints", str(tmp_path), *SHORT]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["part"], result["chosen"]) == ("validation", str(tmp_path / "step-1"))
    assert "validation subjects" in result["on"]
    kappas = [each["kappa_with_unparsed"] for each in result["checkpoints"]]
    assert kappas[0] == kappas[1] is not None


def test_the_best_is_the_highest_and_none_where_no_kappa_is_defined():
    kappas = [("a", 0.2), ("b", 0.4), ("c", None)]
    measured = [choose.CheckpointFigures(name, kappa) for name, kappa in kappas]
    assert choose.best(measured) == "b"
    assert choose.best(measured[2:]) is None


def test_test_subjects_cannot_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        choose.main(["--checkpoints", str(tmp_path), "--part", TEST, *SHORT])
    assert "--part" in capsys.readouterr().err
    assert choose.main(["--checkpoints", str(tmp_path), *SHORT]) == 1
    assert "no checkpoint to choose" in capsys.readouterr().err


@pytest.mark.torch
def test_checkpoints_of_a_run_are_judged_as_the_bundles_they_would_make(
    configure: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from inference.training.train import train  # brings torch, which the other tests do without

    train(read_settings(configure("run", steps=4), Phase.SFT))
    (tmp_path / "run" / "step-00000099").mkdir()  # not whole, and so no candidate
    options = ["--checkpoints", str(tmp_path / "run"), *SHORT, "--every", "12"]
    assert choose.main(options) == 0
    judged = json.loads(capsys.readouterr().out)["checkpoints"]
    assert [Path(each["checkpoint"]).name for each in judged] == ["step-00000002", "step-00000004"]
    assert all(each["unparsed"] == 0.0 for each in judged), "replies are bound to their shape"
