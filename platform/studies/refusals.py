"""Handlers that show refusals to users: as JSON for programs, as messages on pages."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from psg.errors import RefusedError
from studies.troubles import TroubleError, trouble_of

log = logging.getLogger(__name__)

# Shown as a message on the page that sent the form; others, such as 403, have a separate page.
SHOWN_WHERE_SENT = (status.HTTP_400_BAD_REQUEST, status.HTTP_409_CONFLICT)


class TooLargeError(RefusedError):
    """A request is larger than the limit."""

    code = "too_large"
    status = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default = "The request is too large. Nothing was stored."


class NotUnderstoodError(RefusedError):
    """Fields of a request are not valid; `errors` has the reasons by field."""

    code = "not_understood"
    default = "The request is not valid. Nothing was saved."

    def __init__(self, errors: Any) -> None:
        super().__init__()
        self.more = {"fields": errors if isinstance(errors, dict) else {"non_field_errors": errors}}


def json_answer(error: Exception, context: dict[str, object]) -> Response | None:
    """Answer a refusal in JSON; anything else as the framework does."""
    if isinstance(error, RequestDataTooBig):
        error = TooLargeError()
    if isinstance(error, ValidationError):
        error = NotUnderstoodError(error.detail)
    if trouble := trouble_of(error):
        log.error("%s", trouble)
        return Response(_body(trouble), status=trouble.status)
    if not isinstance(error, RefusedError) or error.status >= 500:
        return exception_handler(error, context)
    return Response(_body(error), status=error.status)


def _body(refused: RefusedError) -> dict[str, object]:
    parts = {"where": refused.where, "advice": refused.advice}
    stated = {name: text for name, text in parts.items() if text}
    return {"detail": str(refused), "code": refused.code, **stated, **refused.more}


def trouble_page(request: HttpRequest, trouble: TroubleError) -> HttpResponse:
    """Show a trouble of the site without the database, which may be what is away."""
    log.error("%s: %s", request.path, trouble)
    if request.path.startswith("/api/"):
        return JsonResponse(_body(trouble), status=trouble.status)
    text = render_to_string("trouble.html", {"trouble": trouble})
    return HttpResponse(text, status=trouble.status)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an error outside views: a trouble as such, anything else as the framework does."""
    error = sys.exc_info()[1]
    trouble = trouble_of(error) if error else None
    return trouble_page(request, trouble) if trouble else defaults.server_error(request)


class RefusalsOnPages:
    """Middleware that shows a refusal on the page that sent the form, else on a separate page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if trouble := trouble_of(error):
            return trouble_page(request, trouble)
        if not isinstance(error, RefusedError) or error.status >= 500:
            return None
        page = _page_that_sent(request)
        if page and error.status in SHOWN_WHERE_SENT:
            messages.error(request, str(error))
            is_part = "HX-Request" in request.headers
            return HttpResponse(headers={"HX-Refresh": "true"}) if is_part else redirect(page)
        return render(request, "refused.html", {"refused": error}, status=error.status)


def _page_that_sent(request: HttpRequest) -> str:
    """Return the page of this site that sent the form, or "" if it is unknown."""
    page = request.headers.get("Referer", "") if request.method == "POST" else ""
    own = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if own else ""


@contextmanager
def refusals_in(form: BaseForm, field: str | None = None) -> Iterator[None]:
    """Add a refusal raised inside the block to the errors of `form`."""
    try:
        yield
    except RefusedError as refused:
        form.add_error(field, str(refused))
