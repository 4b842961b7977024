"""Address of the site of this folder, and variables for all templates."""

import os
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

DEFAULT = "http://127.0.0.1:8000"


def remembered(var: Path) -> str:
    """Return the address of the site that `up` ran last from this folder."""
    file = var / "site_address"
    return file.read_text() if file.exists() else DEFAULT


def site_url(var: Path) -> str:
    """Return the address that links in messages begin with."""
    return os.environ.get("SITE_URL") or remembered(var)


def remember(var: Path, address: str) -> None:
    if remembered(var) != address or not (var / "site_address").exists():
        draft = var / "site_address.new"  # on a full disk the old one stays
        draft.write_text(address)
        draft.replace(var / "site_address")


def site(request: HttpRequest) -> dict[str, object]:
    """Return the variables that all templates may use."""
    return {"demo": settings.DEMO, "upload_limit_mib": settings.UPLOAD_LIMIT_BYTES // 2**20}
