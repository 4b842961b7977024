"""Requests that write are refused while the disk is almost full."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from jobs.room import there_is_room
from studies.refusals import refusal_answer
from studies.troubles import DiskFullError

READING = {"GET", "HEAD", "OPTIONS"}


class WritingNeedsRoom:
    """Middleware that refuses to write while the disk is almost full."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponseBase | None:
        if request.method in READING or there_is_room():
            return None
        return refusal_answer(request, DiskFullError())
