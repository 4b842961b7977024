"""Bundles of a run: the card and the declaration tell what was measured of these very weights."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.bundles import read_bundle
from inference.training import bundle, evaluate, measure
from inference.training.settings import Phase, read_settings
from inference.training.train import train

pytestmark = pytest.mark.torch

ALONE = ["--baselines", "rules", "--json"]


def test_a_bundle_tells_what_was_measured_of_it_and_refuses_figures_of_other_weights(
    configure: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    train(read_settings(configure("run", steps=2), Phase.SFT))
    notes, result, ours = tmp_path / "notes.md", tmp_path / "found.json", tmp_path / "ours"
    notes.write_text("## Made by\n\nA test.\n")
    named = ["--name", "ours", "--title", "Ours", "--licence", "CC0-1.0", "--dtype", "bfloat16"]
    made = ["--run", str(tmp_path / "run"), *named, "--notes", str(notes)]
    short = ["--max-new-tokens", "16"]
    assert bundle.main([*made, *short, "--out", str(ours)]) == 0
    fresh = (ours / "README.md").read_text()
    assert "Nothing has been measured." in fresh
    assert "2 steps done" in fresh
    assert "## Made by" in fresh
    assert (ours / "checkpoint/model.safetensors").stat().st_mode & 0o444 == 0o444

    capsys.readouterr()
    few = ["--simulated", "--nights", "2", "--hours", "0.1", "--every", "4", *ALONE]
    assert evaluate.main(["--bundle", str(ours), *few]) == 0
    result.write_text(capsys.readouterr().out)
    output = json.loads(result.read_text())
    put = ["--bundle", str(ours), "--measured", str(result), "--run", "another", str(result)]
    assert measure.main(put) == 0
    card, (flat,) = (ours / "README.md").read_text(), read_bundle(ours).measured
    assert (flat["on"], flat["replies"]) == (output["on"], output["replies"])
    assert flat["kappa_of_rules"] == output["baselines"]["rules"]["kappa"]
    assert "### 2 simulated nights of 0.1 h, held-out subjects" in card
    assert f"| rules reader | 2 | {output['baselines']['rules']['kappa']:.3f}" in card
    assert "| commonest stage |" in card
    assert "| spindle |" in card
    assert "| another | 2 simulated nights" in card
    assert "Subjects: 2; replies: 6, read on cpu in float32." in card
    assert "a simulated kappa is not a clinical kappa" in card
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=ours, check=True)

    before = {path: path.read_bytes() for path in ours.iterdir() if path.is_file()}
    assert measure.main(put) == 0
    assert before == {path: path.read_bytes() for path in before}, "figures take others' place"

    result.write_text(json.dumps({**output, "weights_sha256": "0" * 64}))
    assert measure.main(put) == 2
    assert "measured of other weights" in capsys.readouterr().err
    out = ["--out", str(tmp_path / "again"), "--measured", str(result)]
    assert bundle.main([*made, *short, *out]) == 2
    assert not (tmp_path / "again").exists()
    result.write_text("no figures")
    assert measure.main(put) == 2
    assert "No figures can be read" in capsys.readouterr().err
