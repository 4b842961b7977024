"""Hashes that say which weights wrote a reply."""

from __future__ import annotations

import hashlib
from pathlib import Path

from inference.bundles.checkpoint import weight_files

_BLOCK_BYTES = 1 << 20


def weights_sha256(checkpoint: Path | None) -> str:
    """One hash over every weight file's name and content; empty where there are no weights."""
    if checkpoint is None:
        return ""
    digest = hashlib.sha256()
    for path in weight_files(checkpoint):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
