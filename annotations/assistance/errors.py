"""Refusals of the services of assistance."""


class NotRevealError(Exception):
    """The scoring is not in reveal mode, so it has no answers to lock."""

    def __init__(self) -> None:
        super().__init__("Answers can be locked in reveal mode only.")


class UnscoredError(Exception):
    """The epoch has no stage to lock."""

    def __init__(self) -> None:
        super().__init__("Score the epoch first. The suggestion is shown after your own answer.")
