"""Everything random in a run: set from its seed, kept with a checkpoint, given back from it."""

from __future__ import annotations

import random

import torch


def set_seed(seed: int) -> None:
    """Seed what models draw from. Data are drawn from generators of their own."""
    random.seed(seed)
    torch.manual_seed(seed)


def random_state() -> dict[str, torch.Tensor]:
    """States of torch's generators of this process, as tensors."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def put_random_state(state: dict[str, torch.Tensor]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])


def order_of(count: int, *, seed: int, epoch: int, neighbours: int = 1) -> list[int]:
    """The order of samples in an epoch: the same for any number of processes.

    Parameters
    ----------
    neighbours : int
        So many samples that follow one another stay together. Where the groups begin is drawn.
    """
    rng = random.Random(f"{seed} {epoch}")
    first = rng.randrange(neighbours)
    starts = list(range(first - neighbours if first else 0, count, neighbours))
    rng.shuffle(starts)
    return [
        place for start in starts for place in range(max(start, 0), min(start + neighbours, count))
    ]
