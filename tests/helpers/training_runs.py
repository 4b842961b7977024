"""Fixtures for training: a tiny model of the released architecture, and short simulated nights."""

from collections.abc import Callable
from pathlib import Path

import pytest

TEXT = (
    "Stage the target epoch and say why. Preceding epoch Target Subsequent "
    '```json {"reasoning_text": "No alpha. Slow waves in F4-M1 add up to 7 s. Spindles in C4-M1 '
    'at 3.1 and 14.0 s.", "applicable_rules": ["N2.1", "W.1"], "sleep_stage": "N2"} 0123456789'
)

CONFIG = """
model = "{model}"
run = "{run}"
log_every = 1
save_every = 2
validation_samples = 4
{more}
[data]
source = "simulated"
train = 1
validation = 1
hours = 0.1
cache = "{cache}"
[prompts]
fine = "prompt.md"
coarse = "prompt.md"
wpt = "prompt.md"
[lora]
rank = {rank}
dropout = {dropout}
[training]
steps = {steps}
batch_size = {batch_size}
accumulate = {accumulate}
learning_rate = 5e-3
[wpt]
seconds = 1
[sft]
coarse_share = 0.5
"""


@pytest.fixture(scope="session")
def training_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training-nights")


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Qwen2.5-VL of another shape than nano's: other patches, other widths."""
    from inference.adapters.sleepvlm.random_weights import make_tiny_checkpoint

    folder = tmp_path_factory.mktemp("tiny-base")
    return make_tiny_checkpoint(folder / "checkpoint", seed=1, text=TEXT)


@pytest.fixture
def configure(tiny_base: Path, training_cache: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration: ``configure("run-a", steps=4)`` gives its path."""
    (tmp_path / "prompt.md").write_text("Stage the target epoch and say why.\n")

    def write(run: str, **changes: object) -> Path:
        values = {
            "model": tiny_base,
            "cache": training_cache,
            "rank": 4,
            "dropout": 0.1,
            "steps": 4,
            "batch_size": 2,
            "accumulate": 1,
            "more": "",
            **changes,
        }
        path = tmp_path / f"{run}.toml"
        path.write_text(CONFIG.format(run=run, **values))
        return path

    return write
