"""Images of epochs that were drawn before, kept for all tests of this process.

Tests look at the same few epochs of noise over and over, and drawing one takes as long as a page.
`tests/psg/test_render.py` is about the drawing itself and takes no part in this.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from psg.montage import Derivation
from psg.render import EpochRenderer
from recordings import images

MOST_IMAGES = 64


class RememberingRenderer(EpochRenderer):
    """Draws as the renderer of the site does, but the same signals only once."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: dict[tuple[str, ...], NDArray[np.uint8]] = {}

    def render(
        self, epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]
    ) -> NDArray[np.uint8]:
        content = hashlib.sha256(np.ascontiguousarray(epoch_uv)).hexdigest()
        key = (content, str(epoch_uv.dtype), *map(repr, derivations))
        if key not in self._drawn:
            if len(self._drawn) == MOST_IMAGES:
                self._drawn.clear()
            self._drawn[key] = super().render(epoch_uv, derivations)
        return self._drawn[key].copy()


@pytest.fixture(autouse=True, scope="session")
def images_are_drawn_once() -> Iterator[None]:
    renderer = RememberingRenderer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "_renderer", lambda: renderer)
        yield
