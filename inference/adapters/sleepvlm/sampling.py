"""Replies drawn at random, beside the most probable reply of each window.

The highest of logits with Gumbel noise is a random draw by their probabilities. It is one among the
tokens that a grammar allows too, so a grammar reads drawn replies like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Draws:
    """The replies to draw.

    Parameters
    ----------
    seeds : sequence of int
        Of each window. The same seed draws the same replies, whatever other windows are in the
        batch, on the same kind of device.
    count : int
        Replies to draw for each window.
    temperature : float
        Above 0; the smaller it is, the more a drawn reply resembles the most probable one.
    """

    seeds: Sequence[int]
    count: int
    temperature: float

    def noises(self, device: torch.device) -> list[TokenNoise | None]:
        """Return the noise of each row: window by window, the most probable reply first."""
        drawn = range(1, self.count + 1)
        return [
            TokenNoise(self.temperature, seed + number, device) if number else None
            for seed in self.seeds
            for number in (0, *drawn)
        ]


class TokenNoise:
    """Noise of a drawn reply, token after token."""

    def __init__(self, temperature: float, seed: int, device: torch.device) -> None:
        self._temperature = temperature
        self._random = torch.Generator(device).manual_seed(seed)

    def add(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the logits of a token, (size,), with noise."""
        waits = torch.empty_like(logits, dtype=torch.float32).exponential_(generator=self._random)
        return logits.float() / self._temperature - waits.log()
