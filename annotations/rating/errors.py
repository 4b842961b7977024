"""What is refused to raters, and why."""

from annotations.saving import ClosedError
from psg.errors import RefusedError


class RatingClosedError(ClosedError):
    """The study takes no more ratings."""

    default = "This rating study was closed."


class RatingFinalError(ClosedError):
    """The gold was shown, so the rating stands as it was given."""

    code = "final"
    default = "The gold was shown: this rating stands."

    def __init__(self, current: dict[str, object]) -> None:
        super().__init__()
        self.more = {"current": current}


class OwnStageFirstError(RefusedError):
    """The rater's own stage comes before the rationale, and so before its scores."""

    code = "stage-first"
    status = 409
    default = "Score the epoch first."


class OwnStageNotAskedError(RefusedError):
    """Raters of this study do not stage epochs."""

    code = "not-asked"
    status = 409
    default = "This rating study does not ask for your own stage."


class RatingUnfinishedError(RefusedError):
    """Something is missing of a rating that is to be fixed."""

    code = "unfinished"
    status = 409
    default = "Reference scores are shown after all three scores are given."


class NoGoldError(RefusedError):
    """The item is none of the calibration round: its rater is shown no gold."""

    code = "no-gold"
    status = 409
    default = "This item is not a calibration item."


class SignalsChangedError(RefusedError):
    """The stored signals are not those that were frozen; what was frozen cannot be shown."""

    code = "signals-changed"
    status = 409
    default = "The signals are not those that were frozen."
