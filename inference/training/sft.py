"""Phase 2, rule-grounded supervised fine-tuning: from three images to rationale, rules and stage.

    python -m inference.training.sft --config sft.toml
    accelerate launch --multi_gpu --num_processes 4 -m inference.training.sft --config sft.toml

Run again after a kill, it goes on from the last whole checkpoint.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.bundles.checkpoint import weights_sha256
from inference.training.about import write_about
from inference.training.data import TRAIN, VALIDATION
from inference.training.data_loading import load_data
from inference.training.encoding import Batch, Encoder
from inference.training.images import TrainingImages
from inference.training.loop import mean_loss, train
from inference.training.model import ImageInputs, ReplyLoss, core_of, max_tokens_of
from inference.training.randomness import set_seed
from inference.training.samples import Sample, sft_prompts, sft_samples
from inference.training.settings import Phase, Settings, Vision
from inference.training.starting import make_accelerator, make_model, run_script, trained_on


def fine_tune(settings: Settings) -> Path:
    """Train as configured; gives the last checkpoint."""
    accelerator = make_accelerator(settings)
    set_seed(settings.seed)

    # Nights, and the windows with their replies. One process prepares what is kept on disk.
    with accelerator.main_process_first():
        data = load_data(settings.data)
    nights, checked_on = data.part(TRAIN), data.part(VALIDATION)
    prompts = sft_prompts(data, settings)
    samples = sft_samples(nights, prompts, settings.sft, seed=settings.seed)
    unseen = sft_samples(checked_on, prompts, settings.sft, seed=0) if checked_on else []

    # The model: language layers adapted, vision tower frozen unless configured otherwise.
    model, processor = make_model(accelerator, settings)
    core = core_of(model)
    encoder = Encoder(processor, core, max_tokens=max_tokens_of(core))
    base_sha256 = weights_sha256(settings.model)
    if accelerator.is_main_process:
        named = {str(name): its for name, its in prompts.items()}
        write_about(settings, data, named, samples=len(samples), base_sha256=base_sha256)

    # Images; behind a frozen tower each is encoded once.
    folder = settings.data.cache / "images" if settings.data.cache else None
    keeps = settings.vision is Vision.FROZEN and settings.keep_embeddings
    shown = ImageInputs(TrainingImages(nights, folder), processor, core, keep_embeddings=keeps)
    shown_unseen = ImageInputs(
        TrainingImages(checked_on, folder), processor, core, keep_embeddings=keeps
    )
    first = samples[0]
    grid = shown.grid(first.night, first.images[0])

    def make_batch(indices: Sequence[int], epoch: int) -> Batch:
        return encoder.batch([samples[index] for index in indices], grid)

    def validate(loss: Any) -> dict[str, float]:
        few: list[Sample] = unseen[:: max(len(unseen) // max(settings.validation_samples, 1), 1)]
        few = few[: settings.validation_samples] if accelerator.is_main_process else []
        size = settings.optim.batch_size
        batches = [encoder.batch(few[i : i + size], grid) for i in range(0, len(few), size)]
        return {"validation_loss": mean_loss(loss, batches, shown_unseen.of)} if batches else {}

    return train(
        accelerator,
        settings,
        ReplyLoss(model),
        sample_count=len(samples),
        trained_on=trained_on(base_sha256, samples),
        make_batch=make_batch,
        inputs=shown.of,
        validate=validate,
    )


if __name__ == "__main__":
    sys.exit(run_script("inference.training.sft", Phase.SFT, fine_tune))
