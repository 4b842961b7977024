"""Resumable uploads into a queue: the tus protocol 1.0.0 (https://tus.io/protocols).

Creation, termination and expiration, without checksums and concatenation. A piece goes straight
to the file below INCOMING_ROOT; who may send is checked before a byte of it is read.
"""

import base64
import binascii
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from psg.errors import RefusedError
from recordings.incoming import CHUNK_BYTES
from recordings.intake.api import IntakeView, remove_and_match
from recordings.intake.models import IntakeFile
from recordings.intake.receiving import (
    OffsetError,
    append,
    complete,
    expect_file,
    expires_at,
    received_bytes,
)
from recordings.uploads import UploadAuthentication
from studies.access import get_or_404
from studies.authentication import TokenAuthentication
from studies.storable import UnreadableError

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"


class TusVersionError(RefusedError):
    """The client does not say that it speaks this version of the protocol."""

    code = "tus_version"
    status = HTTPStatus.PRECONDITION_FAILED
    default = f"This address needs tus {VERSION}. Send the header Tus-Resumable: {VERSION}."


class MediaTypeError(RefusedError):
    """A piece of an upload has another content type."""

    code = "media_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    default = f"A piece of an upload is sent as {PIECE}."


class _Unread(BaseParser):
    """Leaves the body of a piece where it is: it is written while it is read."""

    media_type = "*/*"


class TusView(IntakeView):
    authentication_classes = [UploadAuthentication, TokenAuthentication]
    parser_classes = [_Unread]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise TusVersionError

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response


class UploadsView(TusView):
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        answer = Response(status=HTTPStatus.NO_CONTENT)
        answer["Tus-Version"] = VERSION
        answer["Tus-Extension"] = "creation,termination,expiration"
        answer["Tus-Max-Size"] = settings.UPLOAD_LIMIT_BYTES
        return answer

    def post(self, request: Request, slug: str, queue_id: int) -> HttpResponse:
        """Announce a file: its length, and its name in the metadata."""
        file = expect_file(
            queue=self.queue(),
            name=_file_name(request.headers.get("Upload-Metadata", "")),
            size_bytes=_number(request, "Upload-Length"),
        )
        answer = HttpResponse(status=HTTPStatus.CREATED)
        answer["Location"] = reverse(
            "recordings:api-intake-upload", args=[slug, queue_id, file.path]
        )
        return _expiring(answer, file)


class UploadView(TusView):
    def upload(self) -> IntakeFile:
        files = IntakeFile.objects.select_related("queue__study")
        return get_or_404(files, path=self.kwargs["upload"], queue=self.queue())

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer HEAD: how much has arrived, so that a broken upload goes on from there."""
        file = self.upload()
        arrived = received_bytes(file)
        # A process that was killed after the last piece did not do this. A token only reads.
        if arrived == file.size_bytes and request.auth is None:
            complete(file=file)
        answer = HttpResponse(status=HTTPStatus.OK)
        answer["Upload-Offset"] = arrived
        answer["Upload-Length"] = file.size_bytes
        return _expiring(answer, file)

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("Content-Type", "").partition(";")[0].strip() != PIECE:
            raise MediaTypeError
        file = self.upload()
        offset = append(
            file=file, offset=_number(request, "Upload-Offset"), chunks=_pieces(request)
        )
        answer = HttpResponse(status=HTTPStatus.NO_CONTENT)
        answer["Upload-Offset"] = offset
        return _expiring(answer, file)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        remove_and_match(self.upload())
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _pieces(request: Request) -> Iterator[bytes]:
    """Yield the body. What arrived before a connection broke is written and stays."""
    try:
        while chunk := request._request.read(CHUNK_BYTES):
            yield chunk
    except UnreadablePostError:
        return


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise OffsetError(f"{header} must be a number of bytes.", where=header)
    return int(text)


def _file_name(metadata: str) -> str:
    """Read the name in the metadata: pairs of a key and a value in base64, between commas."""
    pairs = (pair.strip().partition(" ") for pair in metadata.split(","))
    values = {key: value for key, _, value in pairs}
    try:
        return base64.b64decode(values.get("filename", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UnreadableError("The name of the file is not UTF-8 in base64.") from error


def _expiring(answer: HttpResponse, file: IntakeFile) -> HttpResponse:
    answer["Upload-Expires"] = http_date(expires_at(file.queue).timestamp())
    return answer
