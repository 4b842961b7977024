"""Middleware for all requests: ids, what browsers may store, HEAD, and writing to a full disk."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from epochwise.logs import request_id, without_secrets
from jobs.room import there_is_room
from studies.refusals import refusal_answer
from studies.troubles import DiskFullError

GetResponse = Callable[[HttpRequest], HttpResponseBase]
READING = {"GET", "HEAD", "OPTIONS"}
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RequestIds:
    """Give every request an id, which log lines contain and the answer names.

    The id that a proxy sends is kept, so that its log and ours can be read together. Any other
    text in that header could forge log lines, so it is replaced.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        is_sane = _SANE_ID.fullmatch(sent) and without_secrets(sent) == sent
        used = sent if is_sane else uuid.uuid4().hex
        request_id.set(used)
        response = self.get_response(request)
        response["X-Request-ID"] = used
        return response


@receiver(request_finished)
def forget_request(**_: Any) -> None:
    """The id ends with the request: Django writes lines about it after the last middleware."""
    request_id.set("-")


class NoStore:
    """Keep answers out of every cache, unless the view has chosen otherwise.

    After somebody has signed out, the next person at the computer must not find their pages.
    Signals and spectrograms never change, and say themselves that the browser may keep them if it
    asks each time. Static files do not pass here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class HeadLikeGet:
    """Answer HEAD wherever GET is answered, with the same headers; the server sends no body.

    Views see GET. `request.META["REQUEST_METHOD"]` still is HEAD.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = iter(())  # a large file is not read to be thrown away
        elif isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class WritingNeedsRoom:
    """Refuse to write while the disk is almost full."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponseBase | None:
        if request.method in READING or there_is_room():
            return None
        return refusal_answer(request, DiskFullError())
