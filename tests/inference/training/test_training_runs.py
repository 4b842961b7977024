"""Runs of both phases on a tiny model: what moves, what does not, and going on after a kill."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from inference.adapters import NightToScore, load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.sleepvlm.writer import PlainWriter
from inference.bundles import read_bundle
from inference.training import bundle, checkpoints, merge
from inference.training.bundle import BundleOptions, write_bundle
from inference.training.data.loading import load_data
from inference.training.errors import TrainingError
from inference.training.images import TrainingImages
from inference.training.merge import merged_model, trained_model
from inference.training.model import load_base
from inference.training.settings import Phase, read_settings
from inference.training.train import main, train
from tests.helpers.full_disk import no_file_beyond

pytestmark = pytest.mark.torch

ROOT = Path(__file__).resolve().parents[3]
ALONE = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "OMP_NUM_THREADS": "1"}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """As in the processes beside, so that sums are taken in one order everywhere."""
    torch.set_num_threads(1)


def fine_tuned(config: Path) -> Path:
    return train(read_settings(config, Phase.SFT))


MLP = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
LANGUAGE_MATRICES = {
    f"model.language_model.layers.{layer}.{name}.weight"
    for layer in range(2)
    for name in (*(f"self_attn.{each}_proj" for each in "qkvo"), *MLP)
}
VISION_MATRICES = {
    f"model.visual.blocks.{block}.{name}.weight"
    for block in range(2)
    for name in ("attn.qkv", "attn.proj", *MLP)
}


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


def test_adapters_leave_the_frozen_tower_as_it_was_and_the_bundle_writes_what_was_trained(
    configure: Callable[..., Path], tiny_base: Path, tmp_path: Path
):
    config = configure("lora")
    fine_tuned(config)
    run = tmp_path / "lora"
    out = write_bundle(
        run, tmp_path / "ours", BundleOptions("ours", "Ours", "CC0-1.0", max_new_tokens=16)
    )
    before = load_base(tiny_base, torch.float32).state_dict()
    after = merged_model(run).state_dict()
    assert changed(before, after) == LANGUAGE_MATRICES
    spec = read_bundle(out)
    assert spec.prompt.system == "Stage the target epoch and say why.\n"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    night = load_data(read_settings(config, Phase.SFT).data).nights[0]
    adapter = load_adapter(spec)
    adapter._grammar = None  # what the model writes by itself
    replies = [
        each.text
        for group in adapter.replies(NightToScore("n", night.signals), [0, 5])
        for each in group
    ]
    model, processor = trained_model(run).get_base_model(), WindowProcessor(tiny_base)
    plain = PlainWriter(model, processor, max_new_tokens=16, end_id=processor.turn_end_id)
    images = TrainingImages([night])
    for epoch, reply in zip([0, 5], replies, strict=True):
        shown = window_epochs(epoch, night.signals.epoch_count)
        ids = plain.write(spec.prompt, [processor.patches(images.get(0, n)) for n in shown])
        assert processor.text_of(ids) == reply


def test_a_run_is_merged_wherever_it_and_its_model_lie_and_with_no_other_weights(
    configure: Callable[..., Path],
    tiny_base: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    shutil.copytree(tiny_base, tmp_path / "model")
    fine_tuned(configure("run", steps=2, model="model"))
    for output in ("run.json", f"step-00000002/{checkpoints.STATE}"):
        assert str(tmp_path) not in (tmp_path / "run" / output).read_text()
    whole = merged_model(tmp_path / "run").state_dict()
    lab = tmp_path / "lab"
    lab.mkdir()
    for name in ("run", "model"):
        (tmp_path / name).rename(lab / name)
    moved = merged_model(lab / "run").state_dict()
    assert all(torch.equal(tensor, moved[name]) for name, tensor in whole.items())

    (lab / "model").rename(tmp_path / "elsewhere")
    options = ["--run", str(lab / "run"), "--out", str(tmp_path / "out")]
    assert merge.main(options) == 2
    assert "name its folder with --model" in capsys.readouterr().err
    named = [*options, "--model", str(tmp_path / "elsewhere")]
    assert merge.main(named) == 0
    merged = load_base(tmp_path / "out", torch.float32).state_dict()
    assert all(torch.equal(tensor, merged[name]) for name, tensor in whole.items())
    weights = next((tmp_path / "elsewhere").glob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    ours = ["--name", "ours", "--title", "Ours", "--licence", "CC0-1.0"]
    shutil.rmtree(tmp_path / "out")
    assert bundle.main([*named, *ours]) == 2
    assert "not the weights that the run began with" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_pre_training_moves_the_vision_tower_and_a_bundle_of_it_is_refused(
    configure: Callable[..., Path], tiny_base: Path, tmp_path: Path
):
    config = configure("wpt", rank=0, steps=2)
    train(read_settings(config, Phase.WPT))
    before = load_base(tiny_base, torch.float32).state_dict()
    after = merged_model(tmp_path / "wpt").state_dict()
    assert not torch.equal(
        before["model.visual.patch_embed.proj.weight"],
        after["model.visual.patch_embed.proj.weight"],
    )
    with pytest.raises(TrainingError, match="made of a run of phase 2"):
        write_bundle(tmp_path / "wpt", tmp_path / "b", BundleOptions("b", "B", "CC0-1.0"))


def test_adapters_of_pre_training_reach_every_block_of_the_tower_and_nothing_beside_its_matrices(
    configure: Callable[..., Path], tiny_base: Path, tmp_path: Path
):
    train(read_settings(configure("wpt-lora", steps=2), Phase.WPT))
    before = load_base(tiny_base, torch.float32).state_dict()
    after = merged_model(tmp_path / "wpt-lora").state_dict()
    assert changed(before, after) == LANGUAGE_MATRICES | VISION_MATRICES


DIES = """
import os, signal, sys
from inference.training import checkpoints
from inference.training.train import main
write = checkpoints.write_json
def write_or_die(path, value):
    if "step-00000004" in path.parent.name:
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, value)
checkpoints.write_json = write_or_die
main(["sft", "--config", sys.argv[1]])
"""


def test_a_run_killed_while_it_saves_goes_on_as_if_it_had_not_been(
    configure: Callable[..., Path], tmp_path: Path
):
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(configure("killed", steps=6))], env=ALONE, cwd=ROOT
    )
    assert died.returncode == -signal.SIGKILL
    half = tmp_path / "killed" / "step-00000004.partial"
    assert (half / checkpoints.TRAINED).is_file()
    assert checkpoints.last_whole(tmp_path / "killed") == tmp_path / "killed" / "step-00000002"
    whole, gone_on = (
        fine_tuned(configure("whole", steps=6)),
        fine_tuned(configure("killed", steps=6)),
    )
    for name in (checkpoints.TRAINED, checkpoints.OPTIMISER, "random-0.safetensors"):
        assert (whole / name).read_bytes() == (gone_on / name).read_bytes()
    steps = (tmp_path / "killed" / "log.jsonl").read_text().count('"loss"')
    assert steps == 6  # those made twice are told once
    assert any((tmp_path / "killed" / "tensorboard").iterdir())
    written = (tmp_path / "killed" / "run.json").read_bytes()
    with pytest.raises(TrainingError, match="begun with other settings"):
        fine_tuned(configure("killed", steps=6, batch_size=3))
    assert (tmp_path / "killed" / "run.json").read_bytes() == written, "of what was trained"


def test_a_damaged_checkpoint_is_not_taken(configure: Callable[..., Path], tmp_path: Path):
    last = fine_tuned(configure("run"))
    run = last.parent
    assert checkpoints.last_whole(run) == last
    content = bytearray((last / checkpoints.TRAINED).read_bytes())
    content[-1] ^= 1
    (last / checkpoints.TRAINED).write_bytes(content)
    assert checkpoints.last_whole(run) == run / "step-00000002"
    (run / "step-00000002" / checkpoints.SUMS).unlink()
    assert checkpoints.last_whole(run) is None
    with pytest.raises(TrainingError, match="no whole checkpoint of step 4"):
        checkpoints.named_or_last(run, 4)


def test_a_full_disk_is_told_and_leaves_nothing_that_looks_like_a_checkpoint(
    configure: Callable[..., Path], training_cache: Path, tmp_path: Path
):
    config = configure("full", steps=2)
    nights = load_data(read_settings(config, Phase.SFT).data).nights
    images = TrainingImages(nights, training_cache / "images")
    for place, night in enumerate(nights):
        for epoch in range(night.signals.epoch_count):
            images.get(place, epoch)  # there is room for these: only the checkpoint meets the end
    with (
        no_file_beyond(30_000),
        pytest.raises(TrainingError, match="step 2 could not be written"),
    ):
        fine_tuned(config)
    assert not list((tmp_path / "full").glob("step-*"))


DOCUMENTED = re.compile(
    r"`accelerate (launch [^`]*) -m inference\.training\.train sft --config sft\.toml`"
)


def launched_as_documented(config: Path, home: Path) -> None:
    """Train by the command for several processes that docs/training.md gives."""
    output = DOCUMENTED.search((ROOT / "docs" / "training.md").read_text())
    assert output is not None
    launch = [str(Path(sys.executable).with_name("accelerate")), *output[1].split()]
    launch += ["--main_process_port", str(free_port())]
    launch += ["-m", "inference.training.train", "sft", "--config", str(config)]
    # Not as somebody's own configuration of Accelerate has it.
    subprocess.run(launch, env={**ALONE, "HF_HOME": str(home)}, cwd=ROOT, check=True)


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def test_two_processes_in_two_passes_train_what_one_does_in_one(
    configure: Callable[..., Path], tmp_path: Path
):
    alone_run = fine_tuned(configure("one", steps=2, batch_size=4, dropout=0.0))
    config = configure("two", steps=2, batch_size=1, accumulate=2, dropout=0.0)
    launched_as_documented(config, tmp_path)
    assert len(list((tmp_path / "two" / "step-00000002").glob("random-*"))) == 2, "processes"
    alone, together = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(alone) == 2
    # Beyond the first step, Adam makes whole steps of what rounding leaves of tiny gradients.
    assert together == pytest.approx(alone, rel=1e-3)
    assert together[0] == pytest.approx(alone[0], rel=1e-5)
    moved = {
        name: its
        for name, its in load_file(alone_run / checkpoints.TRAINED).items()
        if "lora_B" in name
    }
    other = load_file(tmp_path / "two" / alone_run.name / checkpoints.TRAINED)
    apart = sum(float((other[name] - its).square().sum()) for name, its in moved.items())
    assert apart < 0.01 * sum(float(its.square().sum()) for its in moved.values())


def losses(run: Path) -> list[float]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def test_what_is_wrong_is_said_in_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["sft", "--config", str(tmp_path / "no.toml")]) == 2
    assert "There is no such configuration" in capsys.readouterr().err
