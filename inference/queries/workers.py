"""Which live workers there are for which models. The web's own packages say nothing about that."""

from collections import Counter
from dataclasses import dataclass

from inference.adapters import ADAPTERS
from inference.models import ModelBundle
from recordings.workers import live_workers

GPU_QUEUE = "gpu"


@dataclass(frozen=True)
class GpuWorkers:
    """The workers of this moment: how many, and how many for each adapter."""

    total: int
    able: Counter[str]

    def can_run(self, bundle: ModelBundle) -> bool:
        """False when no worker could. With none alive nobody knows, and a run may wait."""
        return bundle.adapter in ADAPTERS and (not self.total or self.able[bundle.adapter] > 0)


def gpu_workers() -> GpuWorkers:
    """Return the workers that take pre-scoring work just now."""
    beats = live_workers(GPU_QUEUE)
    return GpuWorkers(len(beats), Counter(name for beat in beats for name in beat.abilities))


def can_be_run(bundle: ModelBundle) -> bool:
    return gpu_workers().can_run(bundle)
