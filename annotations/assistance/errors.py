"""Refusals of the services of assistance."""

from psg.errors import RefusedError


class NotRevealError(RefusedError):
    """The scoring is not in reveal mode, so it has no answers to lock."""

    code = "not_reveal"
    default = "Answers can be locked in reveal mode only."


class UnscoredError(RefusedError):
    """The epoch has no stage to lock."""

    code = "unscored"
    status = 409
    default = "Score the epoch first. The suggestion is shown after your own answer."
