"""Make a complete checkpoint of a run: trained weights put into the base, adapters merged.

    python -m inference.training.merge --run runs/wpt --out after-wpt

writes a complete Qwen2.5-VL checkpoint that the next phase, an adapter or another program loads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.training import checkpoints
from inference.training.errors import TrainingError
from inference.training.model import load_base, prepare
from inference.training.run_folder import base_of, read_run_record
from inference.training.settings import LoraSettings
from psg.errors import PsgError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
SHARD_SIZE = "15MB"
"""Default largest size of a file of weights, small enough for any repository."""


def trained_model(run: Path, step: int | None = None, *, base: Path | None = None) -> Any:
    """Return the model of a run in float32, with its adapters not yet merged.

    Parameters
    ----------
    step : int, optional
        Of the checkpoint; by default the last complete checkpoint.
    base : Path, optional
        Folder of the model that the run began with; by default the recorded path.

    Raises
    ------
    TrainingError
        When there is no complete checkpoint, or the base is missing, has other weights or does
        not fit.
    """
    record = read_run_record(run)
    checkpoint = checkpoints.named_or_last(run, step)
    base = base_of(run, base)
    model = load_base(base, torch.float32)
    lora = LoraSettings(rank=record.lora.rank, alpha=record.lora.alpha, dropout=0.0)
    model = prepare(model, lora=lora, vision=record.vision)
    parameters = dict(model.named_parameters())
    for name, tensor in checkpoints.read_tensors(checkpoint / checkpoints.TRAINED).items():
        if name not in parameters or parameters[name].shape != tensor.shape:
            raise TrainingError(
                f"{name} of the run is not in the model",
                where=str(base),
                advice="Is that the checkpoint the run began with?",
            )
        parameters[name].data.copy_(tensor)
    return model.eval()


def merged_model(run: Path, step: int | None = None, *, base: Path | None = None) -> Any:
    """Return the model of `trained_model` with its adapters merged into the weights."""
    model = trained_model(run, step, base=base)
    return model.merge_and_unload() if hasattr(model, "merge_and_unload") else model


def write_checkpoint(
    run: Path,
    out: Path,
    *,
    step: int | None = None,
    base: Path | None = None,
    dtype: torch.dtype = torch.float32,
    shard_size: str = SHARD_SIZE,
) -> Path:
    """Write the merged model of a run with its tokenizer and image processor to ``out``."""
    if out.exists():
        raise TrainingError("The folder is there already", where=str(out), advice="Name another.")
    model = merged_model(run, step, base=base).to(dtype)
    model.save_pretrained(out, max_shard_size=shard_size)
    processor = WindowProcessor(base or run / read_run_record(run).model)
    processor.tokenizer.save_pretrained(out)
    processor.save_images(out)
    for path in out.iterdir():
        path.chmod(0o644)  # readable by workers that run as another user
    return out


def add_base(parser: argparse.ArgumentParser) -> None:
    """Add the option for the folder of the base model; bundles have it too."""
    parser.add_argument(
        "--model", type=Path, help="that the run began with, if it is elsewhere now"
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inference.training.merge")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--step", type=int, help="of the checkpoint; by default the last")
    add_base(parser)
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--shard-size", default=SHARD_SIZE)
    options = parser.parse_args(argv)
    try:
        dtype = DTYPES[options.dtype]
        out = write_checkpoint(
            options.run,
            options.out,
            step=options.step,
            base=options.model,
            dtype=dtype,
            shard_size=options.shard_size,
        )
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"merged: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
