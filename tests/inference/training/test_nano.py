"""SleepVLM-nano: what its tokenizer makes of a reply, and how its loop is fed."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize
from transformers import Qwen2_5_VLForConditionalGeneration

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt
from inference.training import seconds, train
from inference.training.data.nights import EpochLabel
from inference.training.model import load_base
from inference.training.nano import SMALLEST, make_nano
from inference.training.samples import reply_text
from inference.training.settings import Phase, read_settings
from inference.training.train import order_of
from psg.render import HEIGHT_PX, WIDTH_PX
from psg.stages import Stage

pytestmark = pytest.mark.torch
ROOT = Path(__file__).resolve().parents[3]
ASKED_WHEN = """
model = "checkpoint"
run = "run"
[data]
source = "simulated"
train = 1
validation = 1
hours = 0.3
cache = "cache"
[prompts]
wpt = "prompt.wpt.md"
[lora]
rank = 0
[training]
steps = 2
batch_size = 4
[wpt]
seconds = 1
decimals = 0
events = 0.8
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_nano(tmp_path_factory.mktemp("nano") / "n", seed=1, shape=SMALLEST, hours=0.3)


def test_a_name_a_number_and_a_phrase_are_one_token_each(checkpoint: Path):
    tokenizer = WindowProcessor(checkpoint).tokenizer
    label = EpochLabel(
        1, Stage.N2, ("N2.1",), "No alpha. Spindles in C4-M1 at 3 and 12 s. The epoch before is N2."
    )
    reply = reply_text(label, Prompt(""))
    ids = tokenizer.encode(reply, add_special_tokens=False)
    written = [tokenizer.decode([token]) for token in ids]
    assert {"C4-M1", "3", "12", "N2", "N2.1"} <= set(written)
    assert len(written) < 20
    assert tokenizer.decode(ids) == reply


def test_the_command_writes_weights_prompts_and_configurations(tmp_path: Path):
    folder = tmp_path / "nano"
    options = ["--seed", "2", "--columns", "16", "--events", "0.5"]
    command = [sys.executable, "-m", "inference.training.nano", "--out", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert read_settings(folder / "wpt.toml", Phase.WPT).wpt.events == 0.5
    assert read_settings(folder / "sft.toml", Phase.SFT).model.name == "after-wpt"
    processor = WindowProcessor(folder / "checkpoint")
    image = processor.patches(np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8))
    tokens = processor.window_ids(Prompt("", ("",)), [image.grid])
    assert tokens.count(processor.image_pad_id) == 128


def test_words_that_were_never_seen_are_spelt_and_come_back(checkpoint: Path):
    tokenizer = WindowProcessor(checkpoint).tokenizer
    strange = "Überraschung: 1234.5 µV, K‑complex?\n\tZz"
    assert tokenizer.decode(tokenizer.encode(strange, add_special_tokens=False)) == strange


def test_patches_are_embedded_as_by_the_convolution_they_stand_for(checkpoint: Path):
    ours = load_base(checkpoint, torch.float32).model.visual.patch_embed
    plain = Qwen2_5_VLForConditionalGeneration.from_pretrained(checkpoint).model.visual.patch_embed
    pixels = torch.randn(6, plain.proj.weight[0].numel())
    assert torch.allclose(ours(pixels), plain(pixels), rtol=1e-4, atol=1e-4)


def test_fresh_numbers_lie_in_their_order_and_are_no_larger_than_other_words(checkpoint: Path):
    vocabulary = WindowProcessor(checkpoint).tokenizer.get_vocab()
    numbers = [vocabulary[str(number)] for number in range(200)]
    fresh = load_base(checkpoint, torch.float32)
    for layer in (fresh.get_input_embeddings(), fresh.get_output_embeddings()):
        rows = layer.weight.detach()
        own = normalize(rows[numbers])
        alike = own @ own.T
        assert alike.diagonal(1).min() > 0.6  # each and the next
        assert alike.diagonal(1).mean() > alike.diagonal(5).mean() > alike.diagonal(40).mean()
        assert alike.diagonal(1).max() < 0.95  # but no two are one
        assert rows[numbers].std() == pytest.approx(float(rows.std()), rel=0.15)


def test_the_columns_of_an_image_lie_apart_in_the_positions_of_the_language_half(checkpoint: Path):
    turns = load_base(checkpoint, torch.float32).config.text_config.rope_parameters
    time, height, width = turns["mrope_section"]
    fastest = turns["rope_theta"] ** (-(time + height) / (time + height + width))
    assert 1 < (WIDTH_PX // 56) * fastest < 3.2  # radians: no two columns look alike


def test_a_checkpoint_is_asked_when_waves_start(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
):
    config = checkpoint.parent / "when.toml"
    config.write_text(ASKED_WHEN, "utf-8")
    assert train.main(["wpt", "--config", str(config)]) == 0
    capsys.readouterr()
    assert seconds.main(["--config", str(config), "--questions", "6"]) == 0
    printed = capsys.readouterr().out
    assert "6 questions" in printed
    assert "best fixed answers" in printed
    assert "with another second" in printed


@pytest.mark.parametrize(("count", "neighbours"), [(10, 1), (10, 3), (5, 8), (64, 4)])
def test_neighbours_stay_together_and_every_sample_comes_once(count: int, neighbours: int):
    orders = [order_of(count, seed=1, epoch=n, neighbours=neighbours) for n in range(5)]
    assert all(sorted(order) == list(range(count)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    follows = [sum(b - a == 1 for a, b in pairwise(o)) for o in orders]
    groups = -(-count // neighbours) + 1
    assert min(follows) >= (count - groups if neighbours > 1 else 0)
