"""Errors of input: what is wrong, where, and what to do."""

from __future__ import annotations


class PsgError(Exception):
    """Input that cannot be used, with what its owner can do.

    Parameters
    ----------
    what : str
        What is wrong, as a clause.
    where : str
        The file part, channel, line or epoch concerned. Never a patient's name.
    advice : str
        What to do next.
    """

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.what}{place}.{advice}"


class EdfError(PsgError):
    """A file that is not a readable EDF or EDF+ recording."""


class MontageError(PsgError):
    """A recording without the channels staging needs."""


class StageFileError(PsgError):
    """A stage file that cannot be read without guessing."""


class UnknownStageTextError(StageFileError):
    """A stage name that no reader here knows."""


class OffGridError(PsgError):
    """A stage that does not fall on the recording's epoch grid."""


class SignalStoreError(PsgError):
    """A signal store that is damaged, or has not the requested epochs."""
