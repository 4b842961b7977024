"""Read the answer to a chat request; nothing of it is taken for granted."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Completion:
    """What the model wrote, and what the server calls itself."""

    text: str
    model: str
    duration_s: float


class UnusableAnswerError(Exception):
    """An answer without a completion in it, such as the HTML of a proxy."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


def read_completion(text: str, duration_s: float) -> Completion:
    """Take the reply out of a chat completion.

    A reply that was cut off at its length comes as it is: the parser says what is missing.
    """
    try:
        told = json.loads(text)
    except ValueError:
        looks_like = "HTML" if text.lstrip()[:1] == "<" else "no whole JSON"
        raise UnusableAnswerError(f"the answer is {looks_like}", text) from None
    try:
        content = told["choices"][0]["message"]["content"]
        model = str(told.get("model", ""))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise UnusableAnswerError("the answer holds no reply", text) from None
    if content is not None and not isinstance(content, str):
        raise UnusableAnswerError("the reply is not text", text)
    return Completion(content or "", model[:200], duration_s)
