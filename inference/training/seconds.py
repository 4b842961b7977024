"""Measure whether a checkpoint of phase 1 can tell one second of an epoch from another.

    python -m inference.training.seconds --config wpt.toml [--step 1000] [--questions 200]

Epochs of the validation nights are shown with the question when the first or the last wave of a
kind starts, and each second from 0 to 29 is scored as the answer. The command prints how often the
likeliest second lies within one second of the right one; how often the best fixed answer to each
question does, which needs no image; and how much the loss rises when the right second is exchanged
for another. Without a rise, a checkpoint knows what is in an epoch, but not where.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.training.data.loading import load_data
from inference.training.data.nights import VALIDATION, LabelledNight
from inference.training.errors import TrainingError
from inference.training.event_questions import (
    LAST_S,
    NightEvents,
    When,
    when_answer,
    when_questions,
)
from inference.training.images import ImageInputs, TrainingImages
from inference.training.merge import trained_model
from inference.training.model import Encoder, ReplyLoss, core_of, max_tokens_of
from inference.training.samples import Sample, phase_prompts
from inference.training.settings import Phase, Settings, read_settings
from inference.training.train import summed_loss
from psg.errors import PsgError

NEAR_S = 1
"""Largest error of a second that counts as right, in s."""
SECONDS = range(LAST_S + 1)


@dataclass(frozen=True)
class Asked:
    """A question about an epoch of a night; ``night`` is an index into the validation nights."""

    night: int
    epoch: int
    when: When


@dataclass(frozen=True)
class SecondFigures:
    """What a checkpoint knows of seconds.

    Parameters
    ----------
    questions : int
    within, fixed_within : float
        Share of questions whose likeliest answer, and whose best fixed answer, lies within a
        second of the right one.
    loss, exchanged_loss : float
        Mean loss of a right answer, and of one with another second; nats per answer.
    """

    questions: int
    within: float
    fixed_within: float
    loss: float
    exchanged_loss: float


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings(options.config, Phase.WPT)
        figures = second_figures(settings, step=options.step, count=options.questions)
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"{figures.questions} questions when a wave starts\n"
        f"answers within {NEAR_S} s: {figures.within:.3f};"
        f" best fixed answers: {figures.fixed_within:.3f}\n"
        f"loss of an answer: {figures.loss:.3f}; with another second: {figures.exchanged_loss:.3f}"
    )
    return 0


def second_figures(settings: Settings, *, step: int | None, count: int) -> SecondFigures:
    """Ask a checkpoint of the configured run ``count`` questions about the validation nights.

    Raises
    ------
    TrainingError
        When there is no such checkpoint, or no validation night has events.
    """
    data = load_data(settings.data)
    nights = data.part(VALIDATION)
    asked = _questions(nights, count)
    prompt = phase_prompts(data, settings)["wpt"]
    model = trained_model(settings.run, step, base=settings.model)
    core, processor = core_of(model), WindowProcessor(settings.model)
    encoder = Encoder(processor, core, max_tokens=max_tokens_of(core))
    folder = settings.data.cache / "images" if settings.data.cache else None
    images = ImageInputs(TrainingImages(nights, folder), processor, core, keep_embeddings=True)
    loss = ReplyLoss(model)

    @torch.no_grad()
    def loss_of(its: Asked, second: int) -> float:
        shown = prompt.of(nights[its.night].signals.derivations)
        named = replace(shown, labels=(its.when.label,))
        sample = Sample(its.night, (its.epoch,), named, when_answer(second))
        batch = encoder.batch([sample], images.grid(its.night, its.epoch))
        return float(summed_loss(loss, batch, images, core.device))

    losses = [[loss_of(its, second) for second in SECONDS] for its in asked]
    return _figures([its.when for its in asked], losses)


def _questions(nights: Sequence[LabelledNight], count: int) -> list[Asked]:
    """Return questions spread evenly over the nights."""
    every = [
        Asked(number, epoch, when)
        for number, night in enumerate(nights)
        for events in [NightEvents(night)]
        for epoch in range(night.signals.epoch_count)
        for when in when_questions(events.seconds_of(epoch))
    ]
    if not every:
        raise TrainingError(
            "The validation nights have no event",
            advice="Set validation under [data] to at least 1.",
        )
    return every[:: max(len(every) // count, 1)][:count]


def _figures(whens: Sequence[When], losses: Sequence[Sequence[float]]) -> SecondFigures:
    rng = random.Random(0)
    others = [
        rng.choice([second for second in SECONDS if abs(second - when.second) > NEAR_S])
        for when in whens
    ]
    count = len(whens)
    likeliest = [min(SECONDS, key=its.__getitem__) for its in losses]
    return SecondFigures(
        questions=count,
        within=_share_near(likeliest, whens),
        fixed_within=_share_near([_fixed_answer(when, whens) for when in whens], whens),
        loss=sum(its[when.second] for its, when in zip(losses, whens, strict=True)) / count,
        exchanged_loss=sum(its[s] for its, s in zip(losses, others, strict=True)) / count,
    )


def _share_near(seconds: Sequence[int], whens: Sequence[When]) -> float:
    near = [abs(s - when.second) <= NEAR_S for s, when in zip(seconds, whens, strict=True)]
    return sum(near) / len(near)


def _fixed_answer(asked: When, whens: Sequence[When]) -> int:
    """Return the second that is right for most questions of this kind."""
    right = [when.second for when in whens if when.label == asked.label]
    return max(SECONDS, key=lambda second: sum(abs(second - its) <= NEAR_S for its in right))


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m inference.training.seconds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--config", type=Path, required=True, metavar="FILE.toml")
    made.add_argument("--step", type=int, help="of the checkpoint; by default the last")
    made.add_argument("--questions", type=int, default=200)
    return made


if __name__ == "__main__":
    sys.exit(main())
