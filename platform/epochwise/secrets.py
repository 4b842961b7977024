"""The signing key: from the environment, or from a private file beside the embedded database."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32


def secret_key(var: Path) -> str:
    """Return SECRET_KEY. There is no default key, so nobody can forget to change it."""
    if key := os.environ.get("SECRET_KEY"):
        if len(key) < SHORTEST:
            raise ImproperlyConfigured("SECRET_KEY has fewer than 32 characters: use a longer key")
        return key
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is set, so this is a deployment: set SECRET_KEY too (50 characters)"
        )
    return private_text(
        var / "secret_key",
        advice="delete it; a new key is made, and everybody signs in again",
    )


def private_text(path: Path, *, advice: str) -> str:
    """Return the text of a 0600 file; the first process creates it, whole or not at all.

    Raises
    ------
    ImproperlyConfigured
        When the file cannot be written or read, or is cut off, which `advice` is for.
    """
    try:
        if not path.exists():
            _create(path)
        text = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be written or read ({error.strerror}): make the folder writable for "
            "this account and leave room on its disk, or set EPOCHWISE_VAR to another folder"
        ) from error
    if len(text) < SHORTEST:
        raise ImproperlyConfigured(f"{path} is empty or cut off: {advice}")
    return text


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first; its text is used
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
