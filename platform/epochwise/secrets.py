"""The signing key: from the environment, or a private file beside the embedded database."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(var: Path) -> str:
    """Return SECRET_KEY; there is no default key to forget to change."""
    if key := os.environ.get("SECRET_KEY"):
        if len(key) < 32:
            raise ImproperlyConfigured("SECRET_KEY has fewer than 32 characters: make it longer")
        return key
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "DATABASE_URL is set, so this is a deployment: set SECRET_KEY too (50 characters)"
        )
    return private_text(var / "secret_key")


def private_text(path: Path) -> str:
    """Return the text of a 0600 file, made with random text by whoever comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # fails when another process was first: theirs counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
