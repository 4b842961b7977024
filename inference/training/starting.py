"""What both scripts begin with: arguments, device and model."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.training.model import core_of, load_base, prepare
from inference.training.samples import Sample
from inference.training.settings import Phase, Settings, read_settings
from psg.errors import PsgError


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


def trained_on(base_sha256: str, samples: Sequence[Sample]) -> str:
    """Hash of the checkpoint a run starts from, given by that of its weights, and of all it is
    shown."""
    digest = hashlib.sha256(base_sha256.encode())
    for sample in samples:
        said = [sample.night, sample.images, sample.prompt.sha256, sample.reply]
        digest.update(json.dumps(said).encode())
    return digest.hexdigest()
