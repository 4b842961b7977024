"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class NotRevealError(Exception):
    """Only a scoring in reveal mode has answers to lock."""

    def __init__(self) -> None:
        super().__init__("Only in reveal mode is an answer locked before the suggestion.")


class UnscoredError(Exception):
    """There is no answer to lock."""

    def __init__(self) -> None:
        super().__init__("Stage the epoch first: the suggestion comes after your own answer.")
