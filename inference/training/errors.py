"""What can be wrong with data, settings or a run, told so that its owner can mend it."""

from psg.errors import PsgError


class TrainingError(PsgError):
    """Training cannot start or go on."""
