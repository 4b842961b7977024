"""An epoch before and after a correction of its signals, as lines for a page."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.ingest.preview import preview_epoch
from psg.montage import DERIVATIONS, Derivation
from recordings.corrections.planning import CorrectionPlan, opened_raw, opened_store
from recordings.models import Recording

# Size of a trace in units of its drawing; columns of smallest and largest values.
WIDTH, HEIGHT = 600, 64
_LEAST_HALF_UV = 20.0
_SHARE_SHOWN = 0.995


@dataclass(frozen=True)
class PreviewRow:
    """A derivation before and after, on the same scale; paths are empty where it is missing."""

    name: str
    before: str
    after: str
    half_uv: float
    """Microvolts from the middle of the trace to its edge."""
    is_changed: bool


def preview_rows(recording: Recording, plan: CorrectionPlan, epoch: int) -> list[PreviewRow]:
    """Draw an epoch as people see it now, and as they would see it."""
    with opened_store(recording.signals_file) as store:
        present_uv = store.for_people().read_uv(epoch, 1)[0]
        before = dict(zip(store.derivations, present_uv, strict=True))
    with opened_raw(recording) as raw:
        after = preview_epoch(raw, plan.facts, epoch)
    return [
        _row(d, before, after, d in plan.changed) for d in DERIVATIONS if d in before or d in after
    ]


def _row(
    derivation: Derivation,
    before: Mapping[Derivation, NDArray[np.float32]],
    after: Mapping[Derivation, NDArray[np.float32]],
    is_changed: bool,
) -> PreviewRow:
    traces = [side[derivation] for side in (before, after) if derivation in side]
    largest = max(float(np.quantile(np.abs(trace), _SHARE_SHOWN)) for trace in traces)
    half_uv = max(_LEAST_HALF_UV, largest)
    paths = [
        _path(side[derivation], half_uv) if derivation in side else "" for side in (before, after)
    ]
    return PreviewRow(derivation.value, paths[0], paths[1], round(half_uv), is_changed)


def _path(trace_uv: NDArray[np.float32], half_uv: float) -> str:
    """Draw smallest and largest value of each column; negative is up, as scorers are used to."""
    columns = trace_uv.reshape(WIDTH, -1)
    ends = np.stack([columns.min(axis=1), columns.max(axis=1)], axis=1)
    y = np.clip(HEIGHT / 2 * (1 + ends / half_uv), 0, HEIGHT).round(1)
    return "M" + "L".join(f"{x} {low}L{x} {high}" for x, (low, high) in enumerate(y.tolist()))
