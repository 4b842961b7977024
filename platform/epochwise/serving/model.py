"""What is served: the checkpoint of a bundle, and what a server needs to know about it."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from inference.bundles import BundleError, BundleSpec
from inference.bundles.serving import ServingSpec

_PROMPT_AND_IMAGES = 4096
"""Tokens that prompt and three images need at most, with the published sizes."""


@dataclass(frozen=True)
class Serving:
    """What a server needs to know, from the bundle and its checkpoint."""

    checkpoint: Path
    model: str
    variable: str
    context: int
    pixels: dict[str, int]
    dtype: str
    quantisation: str
    requests: int
    memory_percent: int


def serving_of(spec: BundleSpec) -> Serving:
    """Return how to serve a bundle; raises BundleError if it has no server or no checkpoint."""
    if spec.adapter != "openai" or spec.server is None:
        raise BundleError(
            f"The adapter “{spec.adapter}” needs no server: the worker loads the model itself",
            where=spec.name,
            advice='For a server make a bundle with adapter = "openai" and a [server] section.',
        )
    if spec.checkpoint is None:
        raise BundleError(
            "The bundle has no checkpoint to serve",
            where=spec.name,
            advice='Copy the weights into its folder and name them: checkpoint = "checkpoint".',
        )
    asked = spec.serving
    return Serving(
        checkpoint=spec.checkpoint,
        model=spec.server.model,
        variable=spec.server.addresses_in,
        context=asked.context or _context(spec.checkpoint, spec.decoding.max_new_tokens),
        pixels=_pixels(spec.checkpoint, asked),
        dtype=asked.dtype.value,
        quantisation=asked.quantisation,
        requests=asked.requests,
        memory_percent=asked.memory_percent,
    )


def _context(checkpoint: Path, reply: int) -> int:
    config = _json(checkpoint / "config.json")
    text = config.get("text_config")
    places = text if isinstance(text, dict) else config
    most = places.get("max_position_embeddings") or config.get("max_position_embeddings")
    wanted = _PROMPT_AND_IMAGES + reply
    return min(wanted, most) if isinstance(most, int) and most > 0 else wanted


def _pixels(checkpoint: Path, asked: ServingSpec) -> dict[str, int]:
    """Return the sizes of the bundle; else those of the checkpoint, under either of its names."""
    config = _json(checkpoint / "preprocessor_config.json")
    size = config.get("size")
    sizes = size if isinstance(size, dict) else {}
    found: dict[str, JsonValue] = {
        "min_pixels": asked.min_pixels or config.get("min_pixels") or sizes.get("shortest_edge"),
        "max_pixels": asked.max_pixels or config.get("max_pixels") or sizes.get("longest_edge"),
    }
    return {name: value for name, value in found.items() if isinstance(value, int) and value > 0}


def _json(path: Path) -> dict[str, JsonValue]:
    """Return the content of a file of a checkpoint; empty if there is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise BundleError("The file is not valid JSON", where=path.name) from None
    return content if isinstance(content, dict) else {}
