"""Where the site of this folder answers, and the facts that every template may use."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest

DEFAULT = "http://127.0.0.1:8000"


def remembered(var: Path) -> str:
    """Return the address of the site that `up` ran last from this folder."""
    file = var / "site_address"
    return file.read_text() if file.exists() else DEFAULT


def remember(var: Path, address: str) -> None:
    (var / "site_address").write_text(address)


# What every template may use.


def site(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO, "upload_limit_mib": settings.UPLOAD_LIMIT_BYTES // 2**20}
