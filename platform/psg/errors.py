"""Refusals and errors of input: what happened, where, and what to do."""

from __future__ import annotations

import os
import re

# No database and no answer can hold these: zeros, and halves of characters.
_NOT_TEXT = re.compile("[\\0\ud800-\udfff]")


def as_text(words: str) -> str:
    """Replace what cannot be stored or sent in words that quote a file or a request."""
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", words)


class FaultError(ValueError):
    """A fault in a file, in words of the reader alone: they quote nothing of the file."""


def fault_words(error: BaseException) -> str:
    """Name a fault without words of its own that could quote a file or the path of one.

    Python puts the text that it could not use into most messages, and so perhaps a person's name.
    Those of arithmetic and of the system are fixed.
    """
    if isinstance(error, FaultError):
        return str(error)
    name = type(error).__name__
    if isinstance(error, ArithmeticError):
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.errno:
        return f"{name}: {os.strerror(error.errno)}"
    return name


class RefusedError(Exception):
    """An action that is refused for a reason that the user can act on.

    The base type of all refusals of the project. It needs no Django, so every layer can raise it;
    `studies.refusals` turns it into JSON and into pages.

    Parameters
    ----------
    what : str
        What happened, in a sentence; by default the sentence of the class.
    where : str
        The field, file part, channel, line or epoch concerned. Never a patient's name.
    advice : str
        What to do next.

    Attributes
    ----------
    code : str
        The reason in a word, for programs.
    status : int
        The HTTP status with which a server answers. 500 and more is the server's own fault: it
        is not shown to people as a refusal, but logged and answered as any other fault.
    more : dict
        What programs need besides, such as both sides of a stale save; it can be put into JSON.
    """

    code = "refused"
    status = 400
    default = "This is not possible."

    def __init__(self, what: str = "", *, where: str = "", advice: str = "") -> None:
        self.what = as_text(what or self.default)
        self.where = as_text(where)
        self.advice = as_text(advice)
        self.more: dict[str, object] = {}
        super().__init__(self.what)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.what.removesuffix('.')}{place}.{advice}"

    @property
    def on_page(self) -> str:
        """The words for a page, where no option of a command can be given."""
        return str(self)

    @property
    def to_keep(self) -> str:
        """The words that may be stored: without what they quote from a file."""
        return str(self)


class PsgError(RefusedError):
    """Input that cannot be used, with what its owner can do."""

    code = "unusable"


class RecordingFileError(PsgError):
    """A file that is not a readable recording."""


class EdfError(RecordingFileError):
    """A file that is not a readable EDF or BDF recording."""


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

    status = 500
