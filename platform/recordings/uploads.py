"""Uploads: who may send is checked before a byte of the files is read.

Files are spooled without a name in the folder of uploads. A file without a name is deleted with
the process that wrote it, so that an upload that was broken off or killed stores nothing.
"""

import copy
from contextlib import suppress
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.authentication import CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from recordings.store import unnamed_file
from studies.access import signed_in, study_for
from studies.authentication import SessionAuthentication, TokenAuthentication
from studies.models import Role, Study
from studies.parsers import UploadParser
from studies.refusals import TooLargeError
from studies.storable import UnreadableError


class NoFiles(FileUploadHandler):
    """The handler of all addresses but those of uploads: a form with a file is refused."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnreadableError("This address takes no files. Nothing was stored.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class Spool(FileUploadHandler):
    """Writes files to unnamed files on the disk of the uploads, up to a limit for all together."""

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__()
        self.left_bytes = limit_bytes
        self.files: list[IO[bytes]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files.append(unnamed_file())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.left_bytes -= len(raw_data)
        if self.left_bytes < 0:
            raise TooLargeError
        self.files[-1].write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.files[-1].seek(0)  # this writes what was kept in memory, too
        return UploadedFile(
            file=self.files[-1], name=self.file_name, content_type=self.content_type, size=file_size
        )

    def close(self) -> None:
        """Give the space back, also of a file that broke off or was refused."""
        for file in self.files:
            with suppress(OSError):  # what is still to be written may not fit on the disk
                file.close()


class UploadAuthentication(SessionAuthentication):
    """The session, with the CSRF token in the header alone."""

    def enforce_csrf(self, request: Request) -> None:
        """Check the token as of a PUT: of a POST, the check would read the whole form first."""
        as_put: HttpRequest = copy.copy(request._request)
        as_put.method = "PUT"
        check = CSRFCheck(_no_view)
        check.process_request(as_put)
        if reason := check.process_view(as_put, _no_view, (), {}):
            raise PermissionDenied(f"CSRF Failed: {reason}")


def _no_view(*_: object) -> HttpResponse:
    return HttpResponse()


class UploadView(APIView):
    """The base of all uploads to a study: for its leads, up to `limit_bytes` in one request."""

    authentication_classes = [UploadAuthentication, TokenAuthentication]
    parser_classes = [UploadParser]
    # Boundaries, part headers and the small fields around the files.
    form_bytes = 1 << 16
    advice = ""
    study: Study
    spool: Spool | None = None

    def limit_bytes(self) -> int:
        return settings.UPLOAD_LIMIT_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse by session, role and length; only then may the body be read."""
        super().initial(request, *args, **kwargs)
        self.study = study_for(signed_in(request), kwargs["slug"], Role.LEAD)
        limit = self.limit_bytes() + self.form_bytes
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > limit:
            raise TooLargeError(
                f"The upload is larger than the limit of {self.limit_bytes() / 2**20:g} MiB. "
                "Nothing was stored.",
                advice=self.advice,
            )
        self.spool = Spool(limit_bytes=limit)
        request._request.upload_handlers = [self.spool]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer as any view, and close the files however it ends."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.spool:
                self.spool.close()
