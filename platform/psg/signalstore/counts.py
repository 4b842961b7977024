"""Between uV and the int16 counts of a store."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_INT16_MAX = 32767


def scale_for(signal_uv: NDArray[np.floating[Any]], finest_uv: float = 0.01) -> float:
    """Choose the uV per count that keeps the whole signal inside int16, no finer than needed."""
    peak_uv = max(float(signal_uv.max()), -float(signal_uv.min())) if signal_uv.size else 0.0
    return max(finest_uv, peak_uv / _INT16_MAX)


def to_counts(signal_uv: NDArray[np.floating[Any]], scale_uv: float) -> NDArray[np.int16]:
    """Round a signal in uV to counts of ``scale_uv``."""
    counts = signal_uv * signal_uv.dtype.type(1.0 / scale_uv)
    np.rint(counts, out=counts)
    np.clip(counts, -_INT16_MAX - 1, _INT16_MAX, out=counts)
    return counts.astype(np.int16)
