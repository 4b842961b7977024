"""Steps of phase 2 with the published settings (LoRA r 16, frozen vision tower), on one device.

    python -m benchmarks.lora_steps CHECKPOINT [--steps 12]

Nights are simulated. The median leaves out the first two steps, which draw and encode images.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import torch

from inference.training.nano import PROMPTS
from inference.training.train import main as train

WARM_UP = 2
CONFIG = """
model = "{model}"
run = "run"
log_every = 1
save_every = 100000
validation_samples = 1
[data]
source = "simulated"
train = 1
validation = 1
hours = {hours}
[prompts]
fine = "fine.md"
[training]
steps = {steps}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--hours", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fine.md").write_text(PROMPTS["fine"], "utf-8")
        config = folder / "sft.toml"
        model = options.checkpoint.resolve()
        config.write_text(CONFIG.format(model=model, hours=options.hours, steps=options.steps))
        if status := train(["sft", "--config", str(config)]):
            raise SystemExit(status)
        lines = [json.loads(line) for line in (folder / "run" / "log.jsonl").open()]
    rates = [line["samples_per_s"] for line in lines if line.get("samples_per_s")][WARM_UP:]
    print(f"LoRA: {statistics.median(rates):.2f} windows/s, median of {len(rates)} steps", end="")
    on_card = torch.cuda.is_available()
    print(f"; peak {torch.cuda.max_memory_reserved() >> 20} MiB" if on_card else "; on the CPU")


if __name__ == "__main__":
    main()
