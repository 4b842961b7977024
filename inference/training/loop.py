"""The training loop of both phases: steps, logging, checkpoints, and going on after a kill.

One step is made of the same samples however many processes share them, and its loss is the mean
over all their reply tokens, so two processes do what one does with twice the batch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch.optim.lr_scheduler import LambdaLR

from inference.training import checkpoints
from inference.training.encoding import Batch
from inference.training.errors import TrainingError
from inference.training.model import core_of, trained_parameters
from inference.training.progress import Progress
from inference.training.randomness import order_of, put_random_state, random_state
from inference.training.settings import OptimSettings, Settings

MakeBatch = Callable[[Sequence[int], int], Batch]
"""From indices of samples and the epoch to a batch."""

Inputs = Callable[[Batch, torch.device], dict[str, torch.Tensor]]
"""The images of a batch, as the loss takes them."""


@dataclass
class Course:
    """How many steps there are, and which samples each takes.

    Samples that do not fill a step at the end of an epoch wait for the next order.
    """

    count: int
    per_step: int
    settings: OptimSettings
    seed: int

    def __post_init__(self) -> None:
        self.steps_per_epoch = self.count // self.per_step
        if not self.steps_per_epoch:
            raise TrainingError(
                f"{self.count} samples do not fill one step of {self.per_step}",
                advice="Lower batch_size or accumulate, or train on more nights.",
            )
        self.steps = self.settings.steps or self.settings.epochs * self.steps_per_epoch
        self._order: tuple[int, list[int]] = (-1, [])

    def samples(self, step: int) -> tuple[int, list[int]]:
        """Epoch and sample indices of a step, counted from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._order[0] != epoch:
            order = order_of(
                self.count, seed=self.seed, epoch=epoch, neighbours=self.settings.neighbours
            )
            self._order = (epoch, order)
        return epoch, self._order[1][place * self.per_step : (place + 1) * self.per_step]


def optimiser_for(parameters: Sequence[torch.nn.Parameter], s: OptimSettings) -> Any:
    """AdamW as published."""
    return torch.optim.AdamW(
        parameters, lr=s.learning_rate, betas=(s.beta1, s.beta2), weight_decay=s.weight_decay
    )


def schedule_for(optimiser: torch.optim.Optimizer, s: OptimSettings, steps: int) -> LambdaLR:
    """Up to the full rate over the warm-up, then down to nothing in a straight line."""
    warm = max(round(s.warmup * steps), 1)

    def share(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(steps - step, 0) / max(steps - warm, 1)

    return LambdaLR(optimiser, share)


def train(
    accelerator: Accelerator,
    settings: Settings,
    loss: Any,
    *,
    sample_count: int,
    trained_on: str,
    make_batch: MakeBatch,
    inputs: Inputs,
    validate: Callable[[Any], dict[str, float]],
) -> Path:
    """Train until the last step, from the last whole checkpoint on; gives the last checkpoint.

    Parameters
    ----------
    loss : ReplyLoss
        Holds the model.
    trained_on : str
        Hash of checkpoint and samples: a run only goes on with the same.
    validate : callable
        Called with the loss at every checkpoint; what it measures is logged.
    """
    optim = settings.optim
    per_pass = optim.batch_size * accelerator.num_processes
    course = Course(sample_count, per_pass * optim.accumulate, optim, settings.seed)
    parameters = trained_parameters(loss.model)
    optimiser = optimiser_for(list(parameters.values()), optim)
    schedule = schedule_for(optimiser, optim, course.steps)
    run = _Run(accelerator, settings, parameters, optimiser, schedule, course, trained_on)
    first = run.go_on()
    loss = accelerator.prepare(loss)
    loss.train()
    progress = Progress(
        settings.run, first_step=first, steps=course.steps, shown=accelerator.is_main_process
    )
    told_at, told_step = time.monotonic(), first
    for step in range(first, course.steps):
        epoch, samples = course.samples(step)
        mean_loss, norm = _step(
            accelerator,
            settings,
            loss,
            parameters,
            optimiser,
            inputs,
            [make_batch(part, epoch) for part in _own_parts(accelerator, samples, optim)],
        )
        schedule.step()
        progress.step()
        done = step + 1
        if done % settings.log_every == 0 or done == course.steps:
            rate = (done - told_step) * course.per_step / (time.monotonic() - told_at)
            progress.tell(
                done,
                loss=mean_loss,
                gradient_norm=norm,
                learning_rate=float(schedule.get_last_lr()[0]),
                samples_per_s=rate,
            )
            told_at, told_step = time.monotonic(), done
        if done % settings.save_every == 0 or done == course.steps:
            progress.tell(done, **_evaluated(accelerator, loss, validate))
            run.save(done)
    progress.close()
    return checkpoints.named_or_last(settings.run, course.steps)


def _own_parts(
    accelerator: Accelerator, samples: Sequence[int], optim: OptimSettings
) -> list[Sequence[int]]:
    """The passes of this process: each pass is shared out among the processes."""
    size, rank, count = optim.batch_size, accelerator.process_index, accelerator.num_processes
    return [
        samples[(turn * count + rank) * size : (turn * count + rank + 1) * size]
        for turn in range(optim.accumulate)
    ]


def _step(
    accelerator: Accelerator,
    settings: Settings,
    loss: Any,
    parameters: dict[str, torch.nn.Parameter],
    optimiser: Any,
    inputs: Inputs,
    batches: Sequence[Batch],
) -> tuple[float, float]:
    """One move of the weights; gives the mean loss over all processes, and the gradient's norm."""
    device = accelerator.device
    own = torch.tensor(sum(batch.reply_tokens for batch in batches), device=device)
    tokens = float(accelerator.reduce(own, "sum"))
    total = torch.zeros((), device=device)
    for turn, batch in enumerate(batches):
        last = turn + 1 == len(batches)
        with _sync(accelerator, loss, last):
            summed = _forward(loss, batch, inputs, device)
            # Gradients are averaged over processes: the factor makes that a sum again.
            accelerator.backward(summed * accelerator.num_processes / tokens)
        total += summed.detach()
    norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), settings.optim.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    mean = float(accelerator.reduce(total, "sum")) / tokens
    if not math.isfinite(mean):
        raise TrainingError(
            "The loss is not a number any more",
            advice="Lower learning_rate, or train in float32; go on from an earlier checkpoint.",
        )
    return mean, float(norm)


def _sync(accelerator: Accelerator, loss: Any, last: bool) -> Any:
    """Gradients travel between processes with the last pass of a step alone."""
    return nullcontext() if last else accelerator.no_sync(loss)


def _forward(loss: Any, batch: Batch, inputs: Inputs, device: torch.device) -> torch.Tensor:
    summed: torch.Tensor = loss(
        batch.ids.to(device),
        batch.labels.to(device),
        batch.positions.to(device),
        batch.is_image.to(device),
        batch.shown,
        **inputs(batch, device),
    )
    return summed


def _evaluated(
    accelerator: Accelerator, loss: Any, validate: Callable[[Any], dict[str, float]]
) -> dict[str, float]:
    bare = accelerator.unwrap_model(loss)
    bare.eval()
    with torch.no_grad():
        found = validate(bare)
    loss.train()
    return found


def mean_loss(loss: Any, batches: Sequence[Batch], inputs: Inputs) -> float:
    """Mean over the reply tokens of some batches, without gradients."""
    device = core_of(loss.model).device
    total = sum(float(_forward(loss, batch, inputs, device)) for batch in batches)
    return total / max(sum(batch.reply_tokens for batch in batches), 1)


class _Run:
    """Saves a run, and finds where it was."""

    def __init__(
        self,
        accelerator: Accelerator,
        settings: Settings,
        parameters: dict[str, torch.nn.Parameter],
        optimiser: torch.optim.Optimizer,
        schedule: LambdaLR,
        course: Course,
        trained_on: str,
    ) -> None:
        self._accelerator = accelerator
        self._settings = settings
        self._parameters = parameters
        self._optimiser = optimiser
        self._schedule = schedule
        self._course = course
        self._trained_on = trained_on

    @property
    def _about(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return {
            "settings": self._settings.digest,
            "trained_on": self._trained_on,
            "per_step": self._course.per_step,
            "processes": self._accelerator.num_processes,
        }

    def go_on(self) -> int:
        """Put everything as it was at the last whole checkpoint; gives its step, or 0."""
        found = checkpoints.last_whole(self._settings.run)
        self._settings.run.mkdir(parents=True, exist_ok=True)
        if found is None:
            return 0
        state = checkpoints.read_state(found)
        if state["about"] != self._about:
            raise TrainingError(
                "The run was begun with other settings, data or processes",
                where=str(self._settings.run),
                advice="Give the new run another folder, or set these as they were.",
            )
        for name, tensor in checkpoints.read_tensors(found / checkpoints.TRAINED).items():
            self._parameters[name].data.copy_(tensor)
        moments = checkpoints.read_tensors(found / checkpoints.OPTIMISER)
        names = list(self._parameters)
        checkpoints.put_optimiser_tensors(self._optimiser, names, moments)
        self._schedule.load_state_dict(state["schedule"])
        for group, rate in zip(
            self._optimiser.param_groups, self._schedule.get_last_lr(), strict=True
        ):
            group["lr"] = rate  # a schedule only sets it when it moves on
        put_random_state(checkpoints.read_tensors(found / self._random_file))
        return int(state["step"])

    @property
    def _random_file(self) -> str:
        return f"random-{self._accelerator.process_index}.safetensors"

    def save(self, step: int) -> None:
        """Write a checkpoint: every process its own randomness, the main one all else."""
        partial = self._settings.run / f"{checkpoints.checkpoint_name(step)}.partial"
        try:
            if self._accelerator.is_main_process:
                checkpoints.begin(self._settings.run, step)
            self._accelerator.wait_for_everyone()
            checkpoints.write_tensors(partial / self._random_file, random_state())
            if self._accelerator.is_main_process:
                self._write(partial, step)
            self._accelerator.wait_for_everyone()
            if self._accelerator.is_main_process:
                checkpoints.finish(partial)
                checkpoints.drop_old(self._settings.run, self._settings.keep)
            self._accelerator.wait_for_everyone()
        except OSError as error:
            raise checkpoints.no_room(partial, step, error) from error

    def _write(self, partial: Path, step: int) -> None:
        names = list(self._parameters)
        moments = checkpoints.optimiser_tensors(self._optimiser, names)
        state = {
            "step": step,
            "about": self._about,
            "phase": self._settings.phase,
            "schedule": self._schedule.state_dict(),
        }
        checkpoints.write_tensors(partial / checkpoints.TRAINED, self._parameters)
        checkpoints.write_tensors(partial / checkpoints.OPTIMISER, moments)
        checkpoints.write_json(partial / checkpoints.STATE, state)
