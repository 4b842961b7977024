"""What both scripts begin with: arguments, device, model, and what is written down of a run."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles.hashing import weights_sha256
from inference.training.data import TrainingData
from inference.training.model import core_of, load_base, prepare
from inference.training.samples import PromptMaker, Sample
from inference.training.settings import Phase, Settings, read_settings
from psg.errors import PsgError
from psg.render import RENDERER_VERSION

ABOUT = "run.json"


def run_script(name: str, phase: Phase, work: Callable[[Settings], Path], argv: Any = None) -> int:
    """Read ``--config`` and work; what is wrong is told in a line, without a traceback."""
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE.toml")
    arguments = parser.parse_args(argv)
    try:
        last = work(read_settings(arguments.config, phase))
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    if PartialState().is_main_process:
        print(f"trained: {last}")
    return 0


def make_accelerator(settings: Settings) -> Accelerator:
    """One CPU, one card, or the share of one process that ``accelerate launch`` started."""
    has_card = torch.cuda.is_available()
    dtype = settings.optim.dtype or ("bfloat16" if has_card else "float32")
    return Accelerator(cpu=not has_card, mixed_precision="bf16" if dtype == "bfloat16" else "no")


def make_model(accelerator: Accelerator, settings: Settings) -> tuple[Any, WindowProcessor]:
    """The model on its device, frozen and adapted as configured, and its processor.

    Weights that are trained are held in float32; frozen ones may be bfloat16.
    """
    half = accelerator.mixed_precision == "bf16" and settings.lora.rank > 0
    model = load_base(settings.model, torch.bfloat16 if half else torch.float32)
    model = prepare(model, lora=settings.lora, vision=settings.vision)
    if settings.optim.gradient_checkpointing:
        core_of(model).gradient_checkpointing_enable({"use_reentrant": False})
    return model.to(accelerator.device), WindowProcessor(settings.model)


def trained_on(settings: Settings, samples: Sequence[Sample]) -> str:
    """Hash of the checkpoint a run starts from and of all it is shown."""
    digest = hashlib.sha256(weights_sha256(settings.model).encode())
    for sample in samples:
        said = [sample.night, sample.images, sample.prompt.sha256, sample.reply]
        digest.update(json.dumps(said).encode())
    return digest.hexdigest()


def write_about(
    settings: Settings, data: TrainingData, prompts: Mapping[str, PromptMaker], count: int
) -> None:
    """Write down what a bundle and a model card need to know of this run."""
    settings.run.mkdir(parents=True, exist_ok=True)
    about = {
        "phase": settings.phase,
        "model": str(settings.model),
        "lora": {"rank": settings.lora.rank, "alpha": settings.lora.alpha},
        "vision": settings.vision,
        "seed": settings.seed,
        "optim": {
            name: getattr(settings.optim, name)
            for name in ("epochs", "steps", "batch_size", "accumulate", "learning_rate")
        },
        "data": data.about,
        "samples": count,
        "rule_edition": data.rule_edition,
        "renderer_version": RENDERER_VERSION,
        "prompts": {
            name: {
                "template": maker.template,
                "labels": list(maker.like.labels),
                "keys": list(maker.like.keys),
                "fence": maker.like.fence,
            }
            for name, maker in prompts.items()
        },
    }
    (settings.run / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False), "utf-8")
