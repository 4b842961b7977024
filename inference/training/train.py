"""Train a phase of SleepVLM: ``wpt`` or ``sft``.

    python -m inference.training.train wpt --config wpt.toml
    python -m inference.training.train sft --config sft.toml
    accelerate launch --multi_gpu --num_processes 4 \
        -m inference.training.train sft --config sft.toml

Phase 1 (``wpt``), waveform-perceptual pre-training, teaches the model to measure every second of a
single image. Phase 2 (``sft``), rule-grounded supervised fine-tuning, teaches it to give rationale,
rules and stage for three images. The phases differ only in their samples (``samples.py``). A run
that was interrupted and is started again continues from its last complete checkpoint.

``train`` runs in this order: data, samples, model, images, optimiser, the loop with its
checkpoints. The functions that it calls follow it in the same order.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from torch.optim.lr_scheduler import LambdaLR

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles.checkpoint import weights_sha256
from inference.training.checkpoints import RunCheckpoints, named_or_last
from inference.training.data.loading import load_data
from inference.training.data.nights import TRAIN, VALIDATION
from inference.training.errors import TrainingError
from inference.training.images import ImageInputs, TrainingImages
from inference.training.model import (
    Batch,
    Encoder,
    ReplyLoss,
    core_of,
    load_base,
    max_tokens_of,
    prepare,
    trained_parameters,
)
from inference.training.run_folder import RunLog, write_run_record
from inference.training.samples import Sample, phase_prompts, phase_samples
from inference.training.settings import OptimSettings, Phase, Settings, Vision, read_settings
from psg.errors import PsgError


def main(argv: Sequence[str] | None = None) -> int:
    """Read ``--config`` and train; errors are printed in a line, without a traceback."""
    parser = argparse.ArgumentParser(
        prog="python -m inference.training.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("phase", choices=list(Phase), type=Phase)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE.toml")
    options = parser.parse_args(argv)
    try:
        last = train(read_settings(options.config, options.phase))
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    if PartialState().is_main_process:
        print(f"trained: {last}")
    return 0


def train(settings: Settings) -> Path:
    """Train as configured, from the last complete checkpoint on; return the last checkpoint.

    Raises
    ------
    TrainingError
        When data, model or run do not fit the settings, or the loss is not finite any more.
    """
    accelerator = make_accelerator(settings)
    set_seed(settings.seed)

    # Nights. The main process prepares the files on disk, the others then read them.
    with accelerator.main_process_first():
        data = load_data(settings.data)
    nights, validation_nights = data.part(TRAIN), data.part(VALIDATION)
    if not nights:
        raise TrainingError(
            "The data has no night for training",
            advice="Release it with a split, or give shares or names of subjects under [data].",
        )

    # Samples: which images are shown and which reply is taught. The phases differ only here.
    prompts = phase_prompts(data, settings)
    samples = phase_samples(nights, prompts, settings, seed=settings.seed)
    validation = phase_samples(validation_nights, prompts, settings, seed=0)
    validation = validation.spread(settings.validation_samples)

    # Which samples a step takes. A step has the same samples however many processes share it, so
    # two processes do the same as a single process with twice the batch.
    optim = settings.training
    per_step = optim.batch_size * accelerator.num_processes * optim.accumulate
    plan = StepPlan(len(samples), per_step, optim, settings.seed)

    # The model, frozen and adapted as configured, and the encoder that turns samples into tensors.
    model, processor = make_model(accelerator, settings)
    core = core_of(model)
    encoder = Encoder(processor, core, max_tokens=max_tokens_of(core))
    base_sha256 = weights_sha256(settings.model)
    if accelerator.is_main_process:
        write_run_record(settings, data, prompts, samples=len(samples), base_sha256=base_sha256)

    # Images, drawn from the same signal as the answers of phase 1 are measured on. With a frozen
    # vision tower each image is encoded only once.
    folder = settings.data.cache / "images" if settings.data.cache else None
    encode_once = settings.vision is Vision.FROZEN and settings.keep_embeddings
    images, validation_images = (
        ImageInputs(TrainingImages(its, folder), processor, core, keep_embeddings=encode_once)
        for its in (nights, validation_nights)
    )
    grid = images.grid(*samples.first_image)

    # Optimiser and schedule, in the state of the last complete checkpoint.
    parameters = trained_parameters(model)
    optimiser = make_optimiser(list(parameters.values()), optim)
    schedule = make_schedule(optimiser, optim, plan.steps)
    checkpoints = RunCheckpoints(
        accelerator,
        settings,
        parameters,
        optimiser,
        schedule,
        identity={"trained_on": samples.sha256(base_sha256), "per_step": per_step},
    )
    first_step = checkpoints.restore_last()
    loss = accelerator.prepare(ReplyLoss(model))
    loss.train()

    # The loop: update the weights, and at intervals write a line of the log and a checkpoint.
    log = RunLog(
        settings.run, first_step=first_step, steps=plan.steps, writes=accelerator.is_main_process
    )
    logged_at, logged_step = time.monotonic(), first_step
    for step in range(first_step, plan.steps):
        epoch, indices = plan.samples_of(step)
        batches = [
            encoder.batch(samples.shown(its, draw=f"{settings.seed} {epoch}"), grid)
            for its in own_passes(accelerator, indices, optim)
        ]
        mean, norm = move_weights(
            accelerator, loss, parameters, optimiser, images, batches, clip=optim.clip
        )
        schedule.step()
        log.advance()
        done = step + 1
        is_last = done == plan.steps
        if is_last or done % settings.log_every == 0:
            samples_done = (done - logged_step) * per_step
            log.write(
                done,
                loss=mean,
                gradient_norm=norm,
                learning_rate=float(schedule.get_last_lr()[0]),
                samples_per_s=samples_done / (time.monotonic() - logged_at),
            )
            logged_at, logged_step = time.monotonic(), done
        if is_last or done % settings.save_every == 0:
            if accelerator.is_main_process and len(validation):
                shown = validation.shown(range(len(validation)), draw="0")
                parts = in_batches(shown, optim.batch_size)
                its = [encoder.batch(part, grid) for part in parts]
                bare = accelerator.unwrap_model(loss)
                log.write(done, validation_loss=mean_loss(bare, its, validation_images))
            checkpoints.save(done)
    log.close()
    return named_or_last(settings.run, plan.steps)


def make_accelerator(settings: Settings) -> Accelerator:
    """Return the device of this process: the CPU, or its graphics card."""
    has_card = torch.cuda.is_available()
    dtype = settings.training.dtype or ("bfloat16" if has_card else "float32")
    return Accelerator(cpu=not has_card, mixed_precision="bf16" if dtype == "bfloat16" else "no")


def set_seed(seed: int) -> None:
    """Seed the generators that models draw from. Data have their own generators."""
    random.seed(seed)
    torch.manual_seed(seed)


@dataclass
class StepPlan:
    """The number of steps, and the samples that each takes.

    Samples that do not fill a step at the end of an epoch wait for the next order.
    """

    count: int
    per_step: int
    settings: OptimSettings
    seed: int
    _order: tuple[int, list[int]] = field(default=(-1, []), init=False)

    def __post_init__(self) -> None:
        self.steps_per_epoch = self.count // self.per_step
        if not self.steps_per_epoch:
            raise TrainingError(
                f"{self.count} samples do not fill a step of {self.per_step}",
                advice="Lower batch_size or accumulate, or train on more nights.",
            )
        self.steps = self.settings.steps or self.settings.epochs * self.steps_per_epoch

    def samples_of(self, step: int) -> tuple[int, list[int]]:
        """Return the epoch and the sample indices of a step; both are counted from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._order[0] != epoch:
            order = order_of(
                self.count, seed=self.seed, epoch=epoch, neighbours=self.settings.neighbours
            )
            self._order = (epoch, order)
        return epoch, self._order[1][place * self.per_step : (place + 1) * self.per_step]


def order_of(count: int, *, seed: int, epoch: int, neighbours: int = 1) -> list[int]:
    """Draw the order of samples in an epoch; it is the same for any number of processes.

    Parameters
    ----------
    neighbours : int
        Number of consecutive samples that stay together. The start of the groups is drawn.
    """
    rng = random.Random(f"{seed} {epoch}")
    first = rng.randrange(neighbours)
    starts = list(range(first - neighbours if first else 0, count, neighbours))
    rng.shuffle(starts)
    return [
        place for start in starts for place in range(max(start, 0), min(start + neighbours, count))
    ]


def make_model(accelerator: Accelerator, settings: Settings) -> tuple[Any, WindowProcessor]:
    """Return the model on its device, frozen and adapted as configured, and its processor.

    Trained weights are float32; frozen weights may be bfloat16.
    """
    half = accelerator.mixed_precision == "bf16" and settings.lora.rank > 0
    model = load_base(settings.model, torch.bfloat16 if half else torch.float32)
    model = prepare(model, lora=settings.lora, vision=settings.vision)
    if settings.training.gradient_checkpointing:
        core_of(model).gradient_checkpointing_enable({"use_reentrant": False})
    return model.to(accelerator.device), WindowProcessor(settings.model)


def make_optimiser(parameters: Sequence[torch.nn.Parameter], s: OptimSettings) -> Any:
    """Return AdamW with the published settings."""
    return torch.optim.AdamW(
        parameters, lr=s.learning_rate, betas=(s.beta1, s.beta2), weight_decay=s.weight_decay
    )


def make_schedule(optimiser: torch.optim.Optimizer, s: OptimSettings, steps: int) -> LambdaLR:
    """Return a learning rate that rises linearly in the warm-up, then falls linearly to 0."""
    warm = max(round(s.warmup * steps), 1)

    def share(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(steps - step, 0) / max(steps - warm, 1)

    return LambdaLR(optimiser, share)


def own_passes(
    accelerator: Accelerator, indices: Sequence[int], optim: OptimSettings
) -> list[Sequence[int]]:
    """Return the sample indices of each pass of this process; processes share every pass."""
    size, rank, count = optim.batch_size, accelerator.process_index, accelerator.num_processes
    return [
        indices[(turn * count + rank) * size : (turn * count + rank + 1) * size]
        for turn in range(optim.accumulate)
    ]


def move_weights(
    accelerator: Accelerator,
    loss: Any,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    images: ImageInputs,
    batches: Sequence[Batch],
    *,
    clip: float,
) -> tuple[float, float]:
    """Update the weights once.

    Parameters
    ----------
    loss : ReplyLoss
        As ``accelerator.prepare`` returned it.
    batches : sequence of Batch
        A batch for each pass.

    Returns
    -------
    mean, norm : float
        Mean loss over the reply tokens of all processes (nats), and the norm of the gradient
        before clipping.

    Raises
    ------
    TrainingError
        When the loss is not finite any more.
    """
    device = accelerator.device
    own = torch.tensor(sum(batch.reply_tokens for batch in batches), device=device)
    tokens = float(accelerator.reduce(own, "sum"))
    total = torch.zeros((), device=device)
    for turn, batch in enumerate(batches):
        # Gradients are exchanged between processes only with the last pass of a step.
        is_last = turn + 1 == len(batches)
        with nullcontext() if is_last else accelerator.no_sync(loss):
            summed = summed_loss(loss, batch, images, device)
            # Gradients are averaged over processes; the factor turns the mean into the sum.
            accelerator.backward(summed * accelerator.num_processes / tokens)
        total += summed.detach()
    norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    mean = float(accelerator.reduce(total, "sum")) / tokens
    if not math.isfinite(mean):
        raise TrainingError(
            "The loss is not a number any more",
            advice="Lower learning_rate, or train in float32; continue from an earlier checkpoint.",
        )
    return mean, float(norm)


def summed_loss(loss: Any, batch: Batch, images: ImageInputs, device: torch.device) -> torch.Tensor:
    """Return the loss in nats, summed over the reply tokens of a batch."""
    summed: torch.Tensor = loss(
        batch.ids.to(device),
        batch.labels.to(device),
        batch.positions.to(device),
        batch.is_image.to(device),
        batch.shown,
        **images.of(batch, device),
    )
    return summed


@torch.no_grad()
def mean_loss(loss: ReplyLoss, batches: Sequence[Batch], images: ImageInputs) -> float:
    """Return the mean loss over the reply tokens of batches, without dropout and gradients."""
    loss.eval()
    device = core_of(loss.model).device
    total = sum(float(summed_loss(loss, batch, images, device)) for batch in batches)
    loss.train()
    return total / max(sum(batch.reply_tokens for batch in batches), 1)


def in_batches(samples: Sequence[Sample], size: int) -> list[Sequence[Sample]]:
    """Cut samples into groups of ``size``; the last may be smaller."""
    return [samples[start : start + size] for start in range(0, len(samples), size)]


if __name__ == "__main__":
    sys.exit(main())
