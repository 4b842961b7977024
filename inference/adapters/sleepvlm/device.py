"""Where and how exactly the model computes: chosen by what is there, or said by the machine.

The names below are environment variables of the worker, since they belong to a machine and not to
a bundle: the same bundle runs on a laptop and on a card.
"""

from __future__ import annotations

import os

import torch

from inference.bundles import BundleError

DEVICE = "PRESCORE_DEVICE"
DTYPE = "PRESCORE_DTYPE"
BATCH_SIZE = "PRESCORE_BATCH_SIZE"
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_BATCH_SIZES = {"cpu": 8, "cuda": 32}
_MOST = 256


def chosen_device(name: str = "") -> torch.device:
    """A CUDA card where there is one, else the CPU; or the one that is named."""
    name = name or os.environ.get(DEVICE, "")
    if not name:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BundleError(
            f"There is no device “{name[:40]}” here", where=DEVICE, advice="Use cpu or cuda."
        ) from error
    return device


def chosen_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on a card, as published; float32 on a CPU, where replies are exact."""
    name = os.environ.get(DTYPE, "")
    if not name:
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name not in _DTYPES:
        raise BundleError(
            f"“{name[:40]}” is no number format", where=DTYPE, advice="Use " + ", ".join(_DTYPES)
        )
    return _DTYPES[name]


def chosen_batch_size(device: torch.device, bundle_says: int) -> int:
    """Windows a batch: the machine's word, else the bundle's, else what suits the device."""
    said = os.environ.get(BATCH_SIZE, "")
    if said and not (said.isdecimal() and 1 <= int(said) <= _MOST):
        raise BundleError(f"“{said[:40]}” is not 1 to {_MOST}", where=BATCH_SIZE)
    return int(said or 0) or bundle_says or _BATCH_SIZES.get(device.type, _BATCH_SIZES["cpu"])
