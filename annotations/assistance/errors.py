"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class NotRevealError(Exception):
    """Only a scoring in reveal mode has answers to lock."""

    def __init__(self) -> None:
        super().__init__("Answers can be locked in reveal mode only.")


class UnscoredError(Exception):
    """There is no answer to lock."""

    def __init__(self) -> None:
        super().__init__("Score the epoch first. The suggestion is shown after your own answer.")
