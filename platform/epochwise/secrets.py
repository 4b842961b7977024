"""The signing key: from the environment, or from a private file beside the embedded database."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(var: Path) -> str:
    """Return SECRET_KEY. There is no default key, so nobody can forget to change it."""
    if key := os.environ.get("SECRET_KEY"):
        if len(key) < 32:
            raise ImproperlyConfigured("SECRET_KEY has fewer than 32 characters: use a longer key")
        return key
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is set, so this is a deployment: set SECRET_KEY too (50 characters)"
        )
    return private_text(var / "secret_key")


def private_text(path: Path) -> str:
    """Return the text of a 0600 file; the first process creates it with random text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # fails if another process was first; its text is used
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
