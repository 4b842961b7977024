"""Fetch a file: continued after a break, never longer than stated, checked by its hash.

The library's own download begins a file again when its process was ended, and its faster way
(`hf_xet`) uses no ranges. So files are requested here, by ranges, with the library's session.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import httpx2
from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import build_hf_headers

from inference.bundles import BundleError
from inference.registry.hub.listing import HubFile
from inference.registry.hub.refusals import AGAIN, KEPT
from inference.registry.hub.source import HubSource

TRIES = 5
"""Attempts in a row that bring nothing."""
PAUSE_S = 2.0
PART = ".part"
_TIMEOUT_S = 30.0
_BLOCK_BYTES = 1 << 20


class CutError(httpx2.TransportError):
    """An answer ended before the file did."""


def fetch_file(
    file: HubFile, *, source: HubSource, commit: str, folder: Path, copies: Iterable[Path] = ()
) -> None:
    """Bring a file of a commit into the folder, from a copy on this machine or from the hub.

    Raises
    ------
    BundleError
        When its hash is wrong, or the connection breaks again and again.
    """
    path = folder / file.name
    if path.is_file() and path.stat().st_size == file.size:
        return  # it got this name only after its hash was checked
    part = folder / (file.name + PART)
    if not _take_copy(file, part, [*_cached(file, source, commit), *copies]):
        url = hf_hub_url(source.repository, file.name, revision=commit)
        _receive(url, part, file, source)
        if not has_hash(part, file):
            part.unlink()
            raise BundleError(
                f"{file.name} does not have the hash that the hub states, and was deleted",
                where=str(source),
                advice=f"{KEPT} Run the same command again. If it happens again, a proxy or a "
                "mirror (HF_ENDPOINT) changes the file.",
            )
    part.replace(path)


def missing_bytes(files: Iterable[HubFile], folder: Path) -> int:
    """Return how much of the files is not in the folder yet."""
    return sum(
        max(file.size - max(_size(folder / file.name), _size(folder / (file.name + PART))), 0)
        for file in files
    )


def has_hash(path: Path, file: HubFile) -> bool:
    digest = (
        hashlib.sha256()
        if file.sha256
        else hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    )
    with path.open("rb") as content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.git_sha1)


def _cached(file: HubFile, source: HubSource, commit: str) -> list[Path]:
    """Return the file in the library's cache (HF_HOME), where other programs may have put it."""
    found = try_to_load_from_cache(source.repository, file.name, revision=commit)
    return [Path(found)] if isinstance(found, str) else []


def _take_copy(file: HubFile, part: Path, copies: Iterable[Path]) -> bool:
    """Link or copy the file from this machine, if it is there with the right hash."""
    for copy in copies:
        if _size(copy) == file.size and has_hash(copy, file):
            part.unlink(missing_ok=True)
            try:
                os.link(copy.resolve(), part)
            except OSError:  # another disk
                shutil.copyfile(copy, part)
            return True
    return False


def _receive(url: str, part: Path, file: HubFile, source: HubSource) -> None:
    failures = 0
    while (have := _size(part)) != file.size:
        try:
            _receive_rest(url, part, have if have < file.size else 0, file)
        except (httpx2.TransportError, HfHubHTTPError) as error:
            if isinstance(error, HfHubHTTPError) and not _is_passing(error.response.status_code):
                raise
            failures = 1 if _size(part) > have else failures + 1
            if failures == TRIES:
                have_mib, all_mib = _size(part) / 2**20, file.size / 2**20
                raise BundleError(
                    f"The connection broke {TRIES} times in a row at {have_mib:,.1f} of "
                    f"{all_mib:,.1f} MiB of {file.name} ({type(error).__name__})",
                    where=str(source),
                    advice=f"{KEPT} {AGAIN}",
                ) from error
            time.sleep(PAUSE_S)


def _is_passing(status: int) -> bool:
    return status in {408, 429} or status >= 500


def _receive_rest(url: str, part: Path, have: int, file: HubFile) -> None:
    """Request what is missing. Redirects to other hosts get no token."""
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_S) as response:
        hf_raise_for_status(response)
        at = have if response.status_code == 206 else 0
        with part.open("ab") as content:
            content.truncate(at)
            for block in response.iter_bytes():
                at += len(block)
                if at > file.size:
                    content.truncate(0)
                    raise BundleError(
                        f"{file.name} is longer than the hub states, and was deleted",
                        where=str(file.size),
                        advice=f"{KEPT} Check HF_ENDPOINT and proxies, then run it again.",
                    )
                content.write(block)
    if at < file.size:
        raise CutError("the answer ended early")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
