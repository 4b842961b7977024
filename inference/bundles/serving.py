"""How a server is started for the checkpoint of a bundle: ``[serving]`` in ``bundle.toml``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from inference.bundles.toml import Section, Text, between, wrong_value


class NumberFormat(StrEnum):
    """Number formats of weights on a server."""

    AUTO = "auto"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    FLOAT32 = "float32"


def _flag_value(name: str) -> str:
    if name and not name.replace("-", "").replace("_", "").isalnum():
        raise wrong_value(f"“quantisation” is “{name[:60]}”", "Write the name of a method.")
    return name


class ServingSpec(Section):
    """Settings of servers that are started for a bundle; 0 or an empty text: by the checkpoint.

    Parameters
    ----------
    context : int
        Tokens of prompt, images and reply; 0: 4096 and the longest reply, if the model has them.
    min_pixels, max_pixels : int
        Size of an image for the model.
    dtype : NumberFormat
        Number format of the weights.
    quantisation : str
        Method, as the server names it.
    requests : int
        Open requests for each server.
    memory_percent : int
        Share of the memory of a card that a server may use.
    """

    context: Annotated[int, between(0, 1_000_000)] = 0
    min_pixels: Annotated[int, between(0, 100_000_000)] = 0
    max_pixels: Annotated[int, between(0, 100_000_000)] = 0
    dtype: NumberFormat = NumberFormat.AUTO
    quantisation: Annotated[Text, AfterValidator(_flag_value)] = ""
    requests: Annotated[int, between(1, 1024)] = 128
    memory_percent: Annotated[int, between(10, 99)] = 90
