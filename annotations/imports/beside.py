"""The sidecars of a bundle, read once for all of its nights."""

from collections.abc import Callable
from typing import TypeVar

from annotations.imports.files import NamedFile
from annotations.imports.layout import Bundle
from annotations.imports.sidecars import NightLights, Sidecar, read_epochs, read_lights_table
from psg.errors import PsgError, StageFileError

T = TypeVar("T")


class Beside:
    """What is wrong with a sidecar is wrong with every night that lies beside it."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._epochs: dict[str, Sidecar] | None = None
        self._lights: dict[str, NightLights] | None = None

    def sidecar(self, subject: str) -> Sidecar | None:
        """Return the times of a night; None where no epochs.csv came along.

        Raises
        ------
        PsgError
        """
        if self._bundle.epochs is None:
            return None
        if self._epochs is None:
            self._epochs = _named(self._bundle.epochs, read_epochs)
        return self._epochs.get(subject, Sidecar())

    def lights(self, subject: str) -> NightLights | None:
        """Return the marks of a night; None where nothing is said of it."""
        if self._bundle.lights is None:
            return None
        if self._lights is None:
            self._lights = _named(self._bundle.lights, read_lights_table)
        return self._lights.get(subject)


def _named(file: NamedFile, read: Callable[[bytes], dict[str, T]]) -> dict[str, T]:
    try:
        return read(file.read())
    except PsgError as error:
        raise StageFileError(
            f"{file.path}: {error.what}", where=error.where, advice=error.advice
        ) from None
