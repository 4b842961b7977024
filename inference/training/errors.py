"""What can be wrong with data, settings or a run, in words that its owner can act on."""

from pathlib import Path

from psg.errors import PsgError


class TrainingError(PsgError):
    """Training cannot start or continue."""


def with_file(path: Path, error: PsgError) -> TrainingError:
    """The same error with the file it is about."""
    where = ", ".join(part for part in (path.name, error.where) if part)
    return TrainingError(error.what, where=where, advice=error.advice)
