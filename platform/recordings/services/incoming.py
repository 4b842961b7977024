"""Files on their way in: under an opaque name, on disk, and gone when they have been read."""

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

CHUNK_BYTES = 2**20
STAGE_SUFFIXES = {".edf", ".xml", ".csv", ".tsv", ".txt", ".json"}


def incoming_path(name: str) -> Path:
    return Path(settings.INCOMING_ROOT) / name


def keep_incoming(chunks: Iterable[bytes], *, suffix: str) -> tuple[str, str]:
    """Write a file piece by piece; return its opaque name and its SHA-256."""
    root = Path(settings.INCOMING_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{uuid.uuid4().hex}{suffix}"
    digest = hashlib.sha256()
    try:
        with (root / name).open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
    except BaseException:
        drop_incoming(name)
        raise
    return name, digest.hexdigest()


def drop_incoming(*names: str) -> None:
    for name in filter(None, names):
        incoming_path(name).unlink(missing_ok=True)


def file_chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def stage_suffix(file_name: str) -> str:
    """Keep what tells the kind of a stage file, and nothing else of its name."""
    suffix = Path(file_name).suffix.lower()
    return suffix if suffix in STAGE_SUFFIXES else ".txt"
