"""A short training of both phases, from fresh weights to judged bundles.

    python -m tests.helpers.short_training FOLDER [SEED]

It runs what docs/training.md tells people to run, command by command, and needs nothing of the
site. The untrained model becomes a bundle in the same way, by one step that moves nothing. Figures
lie in ``FOLDER/judged/<run>/result.json``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from inference.training import bundle, evaluate, merge
from inference.training import train as training
from inference.training.nano import SMALLEST, make_nano

TRAINED, UNTRAINED = "trained", "untrained"
CONFIG = """
model = "{model}"
run = "runs/{run}"
seed = {seed}
save_every = 1000
[data]
source = "simulated"
train = 4
hours = 1.0
cache = "cache"
[prompts]
wpt = "nano/prompt.wpt.md"
coarse = "nano/prompt.coarse.md"
[lora]
rank = 0
[training]
steps = {steps}
batch_size = {batch_size}
learning_rate = {rate}
{own}
"""
ONE_SECOND = "[wpt]\nseconds = 1\ndecimals = 0"
COARSE = '[sft]\ntracks = ["coarse"]\ncoarse_share = 1.0'


def train(folder: Path, seed: int = 1) -> None:
    """Write fresh weights, train both phases, and make a bundle of what came out."""
    torch.set_num_threads(1)
    make_nano(folder / "nano", seed=seed, shape=SMALLEST, hours=0.1)

    def config(run: str, model: str, *, steps: int, batch_size: int, rate: str, own: str) -> str:
        path = folder / f"{run}.toml"
        text = CONFIG.format(
            run=run, model=model, seed=seed, steps=steps, batch_size=batch_size, rate=rate, own=own
        )
        path.write_text(text, "utf-8")
        return str(path)

    waves = config("waves", "nano/checkpoint", steps=10, batch_size=8, rate="1e-3", own=ONE_SECOND)
    done(training.main(["wpt", "--config", waves]))
    after = str(folder / "after-wpt")
    done(merge.main(["--run", str(folder / "runs" / "waves"), "--out", after]))
    stages = config(TRAINED, after, steps=130, batch_size=8, rate="2e-3", own=COARSE)
    still = config(UNTRAINED, "nano/checkpoint", steps=1, batch_size=1, rate="0.0", own=COARSE)
    for run, path in ((TRAINED, stages), (UNTRAINED, still)):
        done(training.main(["sft", "--config", path]))
        where = ["--run", str(folder / "runs" / run), "--out", str(folder / "bundles" / run)]
        named = ["--name", run, "--title", run, "--licence", "CC0-1.0", "--track", "coarse"]
        done(bundle.main([*where, *named, "--max-new-tokens", "96"]))


def judge(folder: Path) -> None:
    """Have both bundles judged on subjects that were held out."""
    nights = ["--simulated", "--nights", "2", "--hours", "1", "--every", "3", "--baselines"]
    for run in (TRAINED, UNTRAINED):
        stored = ["--cache", str(folder / "cache"), "--out", str(folder / "judged" / run)]
        done(evaluate.main(["--bundle", str(folder / "bundles" / run), *nights, *stored]))


def done(code: int) -> None:
    if code:
        raise SystemExit(code)


if __name__ == "__main__":
    train(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    judge(Path(sys.argv[1]))
