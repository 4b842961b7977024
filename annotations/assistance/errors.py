"""What services refuse, and why."""

from psg.errors import RefusedError


class NotRevealError(RefusedError):
    """Only a scoring in reveal mode has answers to lock."""

    code = "not_reveal"
    default = "Only in reveal mode is an answer locked before the suggestion."


class UnscoredError(RefusedError):
    """There is no answer to lock."""

    code = "unscored"
    status = 409
    default = "Stage the epoch first: the suggestion comes after your own answer."
