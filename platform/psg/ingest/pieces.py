"""Small things that both stores are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Called with the name of the step, how much is done, and of how much.
Progress = Callable[[str, int, int], None]

EPOCHS_AT_ONCE = 32


def exactly(samples: NDArray[Any], size: int) -> NDArray[Any]:
    """Give `size` samples: the last one is held where the recording ends before."""
    return samples if len(samples) == size else np.pad(samples, (0, size - len(samples)), "edge")
