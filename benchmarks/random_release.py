"""Write a bundle with random weights: of the released size (``3b``), or ``tiny`` for trials.

    python benchmarks/random_release.py FOLDER [--config tiny]

``FOLDER/checkpoint`` takes 7.5 GB for the released size. Replies are noise of full length.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from inference.adapters.sleepvlm.adapter import chosen_device, chosen_dtype
from inference.adapters.sleepvlm.random_weights import make_released_size, make_tiny_checkpoint
from inference.prompts import Track, shipped_prompt

BUNDLE = """
name = "random-{config}"
adapter = "sleepvlm"
licence = "CC0-1.0"
checkpoint = "checkpoint"

[decoding]
max_new_tokens = {tokens}
constrained = false
"""
TOKENS = {"3b": 160, "tiny": 8}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", choices=sorted(TOKENS), default="3b")
    options = parser.parse_args()
    checkpoint = options.folder / "checkpoint"
    checkpoint.mkdir(parents=True, exist_ok=True)
    text = shipped_prompt(Track.FINE)
    if options.config == "tiny":
        make_tiny_checkpoint(checkpoint, seed=1, text=text)
    else:
        torch.manual_seed(1)
        device = chosen_device()
        model = make_released_size(checkpoint, text=text, device=device, dtype=chosen_dtype(device))
        model.save_pretrained(checkpoint)
    toml = BUNDLE.format(config=options.config, tokens=TOKENS[options.config])
    (options.folder / "bundle.toml").write_text(toml.lstrip())


if __name__ == "__main__":
    main()
