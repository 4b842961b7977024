"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.rating.models import Rating


class StaleRatingError(Exception):
    """The rating was changed in another tab in between."""

    def __init__(self, current: Rating | None) -> None:
        super().__init__("This rating was changed elsewhere since you saw it.")
        self.current = current
