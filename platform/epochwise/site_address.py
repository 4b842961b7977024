"""Where the site of this folder answers, so that commands beside it print links that work."""

from pathlib import Path

DEFAULT = "http://127.0.0.1:8000"


def remembered(var: Path) -> str:
    """Return the address of the site that `up` ran last from this folder."""
    file = var / "site_address"
    return file.read_text() if file.exists() else DEFAULT


def remember(var: Path, address: str) -> None:
    (var / "site_address").write_text(address)
