"""Downloads of frozen releases, whole or in parts (range requests of RFC 9110)."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from annotations.releases.lifecycle import note_download
from annotations.releases.sharing import refuse_before_terms
from annotations.releases.sharing_pages import readable_release
from annotations.releases.verifying import (
    manifest_of,
    refuse_closed_release,
    refuse_forbidden,
    stored_file,
)
from studies.audit import wants_body
from studies.authentication import login_or_token_required

BLOCK_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


@dataclass(frozen=True)
class ByteRange:
    """The bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableRangeError(Exception):
    """The requested range lies outside the file."""


def requested_range(request: HttpRequest, *, size: int, etag: str) -> ByteRange | None:
    """Return the requested part, or None for the whole file.

    The whole file is sent for headers that are not a single range, as the standard allows, and
    for an `If-Range` of another file.

    Raises
    ------
    UnsatisfiableRangeError
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", etag).strip() != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if first:
        requested = ByteRange(int(first), min(int(last), size - 1) if last else size - 1)
        if last and int(last) < int(first):
            return None
    else:
        requested = ByteRange(max(0, size - int(last)), size - 1)
    if requested.length < 1:
        raise UnsatisfiableRangeError
    return requested


def unsatisfiable(size: int) -> HttpResponse:
    return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})


def file_response(
    file: File, *, part: ByteRange | None, size: int, sha256: str, name: str, content_type: str
) -> HttpResponseBase:
    """Send a file or a part of it in blocks; the digest is always that of the whole file."""
    sent = part or ByteRange(0, size - 1)
    response = StreamingHttpResponse(
        _blocks(file, sent), status=206 if part else 200, content_type=content_type
    )
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(sent.length),
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "ETag": etag_of(sha256),
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    if part:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    for header, value in headers.items():
        response[header] = value
    return response


def etag_of(sha256: str) -> str:
    """Return a strong ETag: equal tags mean equal bytes."""
    return f'"{sha256}"'


def _blocks(file: File, sent: ByteRange) -> Iterator[bytes]:
    with file:
        file.seek(sent.first)
        left = sent.length
        while left and (block := file.read(min(left, BLOCK_BYTES))):
            left -= len(block)
            yield block


@login_or_token_required
@require_safe
def download(request: HttpRequest, release_id: int) -> HttpResponseBase:
    user, release = readable_release(request, release_id)
    refuse_closed_release(release, user)
    refuse_before_terms(release, user)
    refuse_forbidden(release.study, manifest_of(release))
    try:
        part = requested_range(request, size=release.size, etag=etag_of(release.sha256))
    except UnsatisfiableRangeError:
        return unsatisfiable(release.size)
    if wants_body(request):
        is_part = part is not None and part.length < release.size
        note_download(release=release, user=user, is_part=is_part)
    return file_response(
        stored_file(release),
        part=part,
        size=release.size,
        sha256=release.sha256,
        name=release.file_name,
        content_type="application/zip",
    )
