"""Model servers that run on this machine: their addresses, key and state, in files of the site.

`manage.py serve_model` writes a file for each variable of addresses, such as ``MODEL_SERVERS``, and
holds a lock on it as long as it lives. A file without that lock was left by a process that was
killed, and does not count.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

_SUFFIX = ".json"
_LOCK_SUFFIX = ".lock"
_LOCKED_WITHIN_S = 2.0
_folders: list[Path] = []


@dataclass(frozen=True)
class ServedServer:
    """A server on this machine; ``state`` says why it does not answer, and is empty if it does."""

    url: str
    state: str = ""


@dataclass(frozen=True)
class ServedModel:
    """Servers that serve the same model under the same key.

    Parameters
    ----------
    variable : str
        The variable under which bundles look for them.
    model : str
        Name by which the servers know the model.
    key : str
        Key that the servers require; empty if they require none.
    requests : int
        Open requests for each server.
    """

    variable: str
    model: str
    key: str
    requests: int
    servers: tuple[ServedServer, ...]


class AlreadyServedError(Exception):
    """Another process serves a model under this variable."""


def look_in(folder: Path) -> None:
    """Set the folder with the files."""
    _folders[:] = [folder]


def served_model(variable: str) -> ServedModel | None:
    """Return the servers of this machine for a variable; None if no process serves them."""
    return next((_read(path) for path in _live() if path.stem == variable), None)


def any_served() -> bool:
    """Return whether this process can use a server of this machine."""
    return any(_read(path) for path in _live())


def state_of(url: str) -> str:
    """Return why the server of this machine with this address does not answer, if that is known."""
    models = [model for path in _live() if (model := _read(path))]
    return next((s.state for model in models for s in model.servers if s.url == url), "")


class Registration:
    """The file of a variable, owned by this process until it is withdrawn.

    Raises
    ------
    AlreadyServedError
        When another process owns it.
    """

    def __init__(self, folder: Path, variable: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._path = folder / (variable + _SUFFIX)
        self._lock = self._path.with_suffix(_LOCK_SUFFIX).open("a")
        deadline = time.monotonic() + _LOCKED_WITHIN_S
        while not _locks(self._lock, fcntl.LOCK_EX):  # a reader locks it for a moment
            if time.monotonic() > deadline:
                self._lock.close()
                raise AlreadyServedError(variable)
            time.sleep(0.05)
        self._path.unlink(missing_ok=True)

    def write(self, model: ServedModel) -> None:
        """Replace the file in one step; only this account may read it, for it has the key."""
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(model), file)
        new.replace(self._path)

    def withdraw(self) -> None:
        self._path.unlink(missing_ok=True)
        self._lock.close()


def _live() -> list[Path]:
    """Return the files of processes that still run."""
    paths = [path for folder in _folders for path in sorted(folder.glob("*" + _SUFFIX))]
    return [path for path in paths if _is_held(path.with_suffix(_LOCK_SUFFIX))]


def _is_held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            return not _locks(file, fcntl.LOCK_SH)
    except OSError:
        return False


def _locks(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> ServedModel | None:
    """Read a file; None if it is withdrawn at this moment, or belongs to another account."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        values = json.loads(path.read_text("utf-8"))
        servers = tuple(ServedServer(**server) for server in values.pop("servers"))
        return ServedModel(**values, servers=servers)
    return None
