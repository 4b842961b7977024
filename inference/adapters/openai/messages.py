"""The request for one epoch: prompt, three labelled images, greedy decoding."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from inference.prompts import Prompt


def window_request(
    prompt: Prompt, pngs: Sequence[bytes], *, model: str, max_new_tokens: int
) -> dict[str, Any]:
    """Return the body of a chat request. ``pngs`` are the images of a window, in their order."""
    shown: list[Mapping[str, Any]] = []
    for label, png in zip(prompt.labels, pngs, strict=True):
        shown += [{"type": "text", "text": label}, _image(png)]
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": prompt.system}]},
            {"role": "user", "content": shown},
        ],
        "max_tokens": max_new_tokens,
        "temperature": 0,
    }


def _image(png: bytes) -> dict[str, Any]:
    url = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    return {"type": "image_url", "image_url": {"url": url}}
