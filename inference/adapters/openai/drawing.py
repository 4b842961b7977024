"""Draw and encode the image of an epoch; as a program, draw what comes on the input, to its end."""

from __future__ import annotations

import base64
import pickle
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from psg.montage import Derivation
from psg.render import EpochRenderer, pixel_sha256, png_bytes

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True)
class SentImage:
    """An image as a request carries it, and the hash of the drawn pixels."""

    url: str
    sha256: str


def draw(epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]) -> SentImage:
    """Draw from the stored signals, so raters see the same image as the model."""
    pixels = _renderer().render(epoch_uv, derivations)
    png = base64.b64encode(png_bytes(pixels)).decode("ascii")
    return SentImage(f"data:image/png;base64,{png}", pixel_sha256(pixels))


@cache
def _renderer() -> EpochRenderer:
    return EpochRenderer()


# A message is its length and a pickle. Both ends of the pipe are this program.


def write_message(pipe: IO[bytes], message: object) -> None:
    content = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> object:
    """Read a message; raises EOFError at the end."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)


def _serve(requests: IO[bytes], images: IO[bytes]) -> None:
    while True:
        try:
            wanted: Any = read_message(requests)
        except EOFError:
            return
        try:
            write_message(images, draw(*wanted))
        except ValueError as error:
            write_message(images, error)


if __name__ == "__main__":
    # Pickles name the classes by this module, not by “__main__”.
    from inference.adapters.openai import drawing

    drawing._serve(sys.stdin.buffer, sys.stdout.buffer)
