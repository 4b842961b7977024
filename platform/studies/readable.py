"""The gate in front of all views: requests with text that cannot be read or stored are refused."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from studies.parsers import refuse_unreadable_form
from studies.storable import UnreadableError, why_no_text, why_no_texts

# Any other one would be applied to query and form by Django, even codecs that are no charsets.
CHARSETS = {"utf-8", "utf8", "us-ascii"}


class OnlyReadable:
    """Middleware that refuses NUL, half characters and what is not UTF-8 before the view.

    It reads path, query, headers, cookies and the forms of pages. The API reads its bodies by
    `studies.parsers`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if why_no_text(request.path_info):
            raise Http404
        _check_charset(request)
        headers = [text for name, text in request.META.items() if name.startswith("HTTP_")]
        # A quoted cookie may hold any character by its number.
        if why := why_no_texts([*headers, *request.COOKIES.values()]):
            raise UnreadableError(f"A header or cookie cannot be read: {why}")
        refuse_unreadable_form(request.GET)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Check the form of a page, which the next middleware reads for its token anyway."""
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            refuse_unreadable_form(request.POST)


def _check_charset(request: HttpRequest) -> None:
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise UnreadableError(f"The charset {charset[:40]} is not read here; send UTF-8")
