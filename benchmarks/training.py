"""Training throughput, compared with a loop that draws and encodes all images in each step.

    python -m benchmarks.training [--windows 96] [--passes 8]

Both loops fine-tune the same nano model on the same windows in the same order, with a frozen vision
tower as published. The plain loop draws the three images of each window, runs the vision tower and
computes the logits of all tokens. Our loop caches the embeddings of images and computes the logits
of the reply only. Its time includes the first pass, which draws and encodes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt, Track
from inference.training.data.loading import load_data
from inference.training.data.nights import LabelledNight
from inference.training.images import ImageInputs, TrainingImages
from inference.training.model import Encoder, ReplyLoss, load_base, prepare, trained_parameters
from inference.training.nano import PROMPTS, make_nano
from inference.training.samples import PromptMaker, Sample, sft_samples
from inference.training.settings import DataSettings, LoraSettings, SftSettings, Vision
from inference.training.train import order_of
from psg.render import EpochRenderer

_BATCH = 8
_LORA = LoraSettings()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=96)
    parser.add_argument("--passes", type=int, default=8)
    options = parser.parse_args()
    hours = (options.windows + 20) * 30 / 3600
    nights = load_data(DataSettings(source="simulated", train=1, hours=hours)).nights
    like = PromptMaker(PROMPTS["fine"], "aasm-operational-15", Prompt(""))
    samples = sft_samples(nights, {Track.FINE: like, Track.COARSE: like}, SftSettings(), seed=1)[
        : options.windows
    ]
    order = [i for n in range(options.passes) for i in order_of(len(samples), seed=1, epoch=n)]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = make_nano(Path(folder), seed=1)
        plain_s = _timed(_plain_step, checkpoint, nights, samples, order)
        ours_s = _timed(_our_step, checkpoint, nights, samples, order)
    print(f"{len(order)} windows, {options.passes} passes over {len(samples)}, batch {_BATCH}")
    print(f"plain {len(order) / plain_s:6.2f} windows/s")
    print(f"ours  {len(order) / ours_s:6.2f} windows/s")
    print(f"ratio {plain_s / ours_s:6.2f}")


Step = Callable[[Sequence[Sample]], torch.Tensor]
MakeStep = Callable[[Any, WindowProcessor, Sequence[LabelledNight]], Step]


def _timed(
    make: MakeStep,
    checkpoint: Path,
    nights: Sequence[LabelledNight],
    samples: Sequence[Sample],
    order: Sequence[int],
) -> float:
    torch.manual_seed(1)
    model = prepare(load_base(checkpoint, torch.float32), lora=_LORA, vision=Vision.FROZEN)
    optimiser = torch.optim.AdamW(trained_parameters(model).values(), lr=1e-4)
    step = make(model, WindowProcessor(checkpoint), nights)
    started = time.perf_counter()
    for first in range(0, len(order) - _BATCH + 1, _BATCH):
        step([samples[index] for index in order[first : first + _BATCH]]).backward()
        optimiser.step()
        optimiser.zero_grad()
    return time.perf_counter() - started


def _our_step(model: Any, processor: WindowProcessor, nights: Sequence[LabelledNight]) -> Step:
    core = model.get_base_model()
    inputs = ImageInputs(TrainingImages(nights), processor, core, keep_embeddings=True)
    encoder, loss = Encoder(processor, core, max_tokens=4096), ReplyLoss(model)
    device = torch.device("cpu")

    def step(samples: Sequence[Sample]) -> torch.Tensor:
        batch = encoder.batch(samples, inputs.grid(0, 0))
        summed: torch.Tensor = loss(
            batch.ids,
            batch.labels,
            batch.positions,
            batch.is_image,
            batch.shown,
            **inputs.of(batch, device),
        )
        return summed / batch.reply_tokens

    return step


def _plain_step(model: Any, processor: WindowProcessor, nights: Sequence[LabelledNight]) -> Step:
    core = model.get_base_model()
    encoder, renderer = Encoder(processor, core, max_tokens=4096), EpochRenderer()
    signals = nights[0].signals

    def step(samples: Sequence[Sample]) -> torch.Tensor:
        patches = [
            processor.patches(
                renderer.render(signals.read_uv(epoch, 1)[0], signals.derivations)[:, :, :3].copy()
            )
            for sample in samples
            for epoch in sample.images
        ]
        batch = encoder.batch(samples, patches[0].grid)
        loss: torch.Tensor = model(
            input_ids=batch.ids,
            attention_mask=torch.ones_like(batch.ids),
            mm_token_type_ids=batch.is_image.int(),
            pixel_values=torch.cat([image.pixels for image in patches]),
            image_grid_thw=torch.cat([image.grid for image in patches]),
            labels=batch.labels,
        ).loss
        return loss

    return step


if __name__ == "__main__":
    main()
