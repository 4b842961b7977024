"""Refusals to raters."""

from annotations.saving import ClosedError
from psg.errors import RefusedError


class RatingClosedError(ClosedError):
    """The rating study accepts no more ratings."""

    default = "This rating study was closed."


class RatingFinalError(ClosedError):
    """The reference scores were shown, so the rating cannot be changed."""

    code = "final"
    default = "The reference scores were shown, so this rating cannot be changed."

    def __init__(self, current: dict[str, object]) -> None:
        super().__init__()
        self.more = {"current": current}


class OwnStageFirstError(RefusedError):
    """The rater must give their own stage before they see and rate the rationale."""

    code = "stage-first"
    status = 409
    default = "Score the epoch first."


class OwnStageNotRequestedError(RefusedError):
    """Raters of this study do not score epochs themselves."""

    code = "not-asked"
    status = 409
    default = "This rating study does not ask for your own stage."


class RatingUnfinishedError(RefusedError):
    """The rating is incomplete, so its reference scores are not shown."""

    code = "unfinished"
    status = 409
    default = "Reference scores are shown after all three scores are given."


class NoGoldError(RefusedError):
    """The item is not a calibration item, so it has no reference scores."""

    code = "no-gold"
    status = 409
    default = "This item is not a calibration item."


class WithheldItemError(RefusedError):
    """The rater may not rate the item any more, because of what happened after the launch."""

    code = "withheld"
    status = 403
    default = (
        "This item is withheld from you. You know its text from elsewhere, or you still score"
        " its recording. The lead of the study can see it. Your other items are not affected."
    )


class SignalsChangedError(RefusedError):
    """The stored signals differ from those of the launch, so the item cannot be shown."""

    code = "signals-changed"
    status = 409
    default = "The signals were changed after the launch, so this item cannot be shown."
