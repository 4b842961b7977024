"""Errors of data, settings and runs."""

from pathlib import Path

from psg.errors import PsgError


class TrainingError(PsgError):
    """Training cannot start or continue."""


def with_file(path: Path, error: PsgError) -> TrainingError:
    """Return the error with the name of its file."""
    where = ", ".join(part for part in (path.name, error.where) if part)
    return TrainingError(error.what, where=where, advice=error.advice)
