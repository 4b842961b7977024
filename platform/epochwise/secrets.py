"""The signing key: from the environment, or from a private file beside the embedded database."""

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32
# What a new secret costs, by the name of its file.
LOST = {
    "secret_key": "Everybody then has to sign in again.",
    "database_password": "The embedded database knows only the old one.",
}


def secret_key(var: Path) -> str:
    """Return SECRET_KEY. There is no default key, so nobody can forget to change it."""
    if key := os.environ.get("SECRET_KEY"):
        if len(key) < SHORTEST:
            raise ImproperlyConfigured(
                f"SECRET_KEY has fewer than {SHORTEST} characters: use a longer key"
            )
        return key
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is set, so this is a deployment: set SECRET_KEY too (50 characters)"
        )
    return private_text(var / "secret_key")


def private_text(path: Path) -> str:
    """Return the text of a 0600 file; the first process creates it with random text.

    The file is there with its whole text or not at all: it gets its name when the text is on the
    disk.

    Raises
    ------
    SystemExit
        With a line that says what to do, when the folder cannot be written, or the file is not
        whole. For both, a traceback would tell an administrator less.
    """
    try:
        if not path.exists():
            _create(path)
        text = path.read_text().strip()
    except OSError as error:
        sys.exit(
            f"epochwise: {path.parent} cannot be used ({error.strerror or error}): let this account"
            " write there, make room on the disk, or name another folder in EPOCHWISE_VAR"
        )
    if len(text) < SHORTEST:
        sys.exit(
            f"epochwise: {path} is empty or not whole: put it back from a backup, or delete it and"
            " start again, which makes a new one. " + LOST.get(path.name, "")
        )
    return text


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first; its text is used
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
