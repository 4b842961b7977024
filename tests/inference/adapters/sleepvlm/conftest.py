"""The tiny checkpoint in memory, and its replies the plain way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from inference.adapters import NightToScore
from inference.adapters.protocol import window_epochs
from psg.montage import DERIVATIONS
from psg.night import ArrayNight


@pytest.fixture
def six_epochs(noise_epochs: np.ndarray) -> NightToScore:
    return NightToScore("six", ArrayNight(DERIVATIONS, noise_epochs[:6]))


@pytest.fixture
def no_chin(noise_epochs: np.ndarray) -> NightToScore:
    return NightToScore("no chin", ArrayNight(DERIVATIONS[:-1], noise_epochs[:3, :-1]))


@pytest.fixture(scope="session")
def load_tiny(tiny_bundle) -> Callable[..., Any]:
    """Load the tiny bundle with other decoding: ``load_tiny(constrained=False, ...)``."""
    from dataclasses import replace

    from inference.adapters import load_adapter
    from inference.bundles import read_bundle

    def load(**decoding: Any) -> Any:
        spec = read_bundle(tiny_bundle)
        return load_adapter(replace(spec, decoding=spec.decoding.model_copy(update=decoding)))

    return load


@pytest.fixture
def plain_ids() -> Callable[..., list[list[int]]]:
    """Token ids of every window of a night, by ``generate``, one window after the other."""
    from inference.adapters.sleepvlm.writer import PlainWriter

    def write(
        adapter: Any, night: NightToScore, *, most: int, end_id: int | None, penalty: float = 1.0
    ) -> list[list[int]]:
        plain = PlainWriter(
            adapter.model,
            adapter.processor,
            max_new_tokens=most,
            end_id=end_id,
            repetition_penalty=penalty,
        )
        images = adapter._images
        prompt = adapter._spec.prompt_for(images.derivations(night))
        count = night.signals.epoch_count
        patches = [
            adapter.processor.patches(images.get(night, epoch).rgb) for epoch in range(count)
        ]
        return [
            plain.write(prompt, [patches[index] for index in window_epochs(epoch, count)])
            for epoch in range(count)
        ]

    return write


@dataclass(frozen=True)
class ConstrainedNoise:
    """Six replies of a model that knows nothing, written under the grammar."""

    adapter: Any
    night: NightToScore
    written: Sequence[Any]

    @property
    def texts(self) -> list[str]:
        return [self.adapter.processor.text_of(reply.ids) for reply in self.written]


@pytest.fixture(scope="session")
def constrained_noise(load_tiny: Callable[..., Any]) -> ConstrainedNoise:
    adapter = load_tiny(max_new_tokens=150)
    epochs_uv = np.random.default_rng(7).normal(0, 20, (6, len(DERIVATIONS), 3000))
    night = NightToScore("six of noise", ArrayNight(DERIVATIONS, epochs_uv.astype("float32")))
    images = adapter._encoded.get(night, range(6))
    windows = [[images[i].encoded for i in window_epochs(epoch, 6)] for epoch in range(6)]
    prompt = adapter._spec.prompt_for(DERIVATIONS)
    return ConstrainedNoise(
        adapter, night, adapter._writer.write(prompt, windows, adapter._grammar)
    )
