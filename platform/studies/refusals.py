"""Handlers that show refusals to users: as JSON for programs, as messages on pages."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.forms import BaseForm
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from psg.errors import RefusedError
from studies.storable import UnreadableError
from studies.troubles import TroubleError, trouble_of

logger = logging.getLogger(__name__)

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


def as_refusal(error: BaseException | None) -> RefusedError | None:
    """Return the refusal with which an error is answered; None for faults of the server."""
    match error:
        case _ if error is not None and (trouble := trouble_of(error)):
            logger.error("%s: %s", trouble, error)
            return trouble
        case RefusedError():
            return None if error.status == HTTPStatus.INTERNAL_SERVER_ERROR else error
        case RequestDataTooBig():
            return TooLargeError()
        case ValidationError():
            return NotUnderstoodError(error.detail)
        case DataError():
            # Forms should have refused the value; the log shows which form to correct.
            logger.warning("The database refused a value", exc_info=error)
            return UnreadableError("A value is too large or too long. Nothing was saved.")
        case UnreadablePostError():
            return UnreadableError("The request broke off. Nothing was saved.")
        case MultiPartParserError() | BadRequest() | SuspiciousOperation():
            return UnreadableError()
    return None


def _as_json(refused: RefusedError) -> dict[str, object]:
    parts = {"where": refused.where, "advice": refused.advice}
    stated = {name: text for name, text in parts.items() if text}
    return {"detail": str(refused), "code": refused.code, **stated, **refused.more}


def json_answer(error: Exception, context: dict[str, object]) -> Response | None:
    """Answer a refusal in JSON; anything else as the framework does, with a code."""
    if refused := as_refusal(error):
        set_rollback()
        return Response(_as_json(refused), status=refused.status)
    answer = exception_handler(error, context)
    if answer is not None:
        answer.data.setdefault("code", getattr(answer.data.get("detail"), "code", "refused"))
    return answer


def answer_before_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that was refused before its view: the handler of Django for status 400."""
    return refusal_answer(request, as_refusal(exception) or UnreadableError())


def refusal_answer(request: HttpRequest, refused: RefusedError) -> HttpResponse:
    """Answer with a refusal as JSON or as a page, depending on the address."""
    if request.path.startswith("/api/"):
        return JsonResponse(_as_json(refused), status=refused.status)
    if isinstance(refused, TroubleError):
        # Without the request, because the frame of the page would query the database.
        text = render_to_string("trouble.html", {"trouble": refused})
        return HttpResponse(text, status=refused.status)
    return render(request, "refused.html", {"refused": refused}, status=refused.status)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an error outside views: the handler of Django for status 500."""
    refused = as_refusal(sys.exc_info()[1])
    return refusal_answer(request, refused) if refused else defaults.server_error(request)


class RefusalsOnPages:
    """Middleware that shows a refusal on the page that sent the form, else on a separate page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        refused = as_refusal(error)
        if refused is None:
            return None
        page = _page_that_sent(request)
        if page and refused.status in SHOWN_WHERE_SENT:
            messages.error(request, refused.on_page)
            is_part = "HX-Request" in request.headers
            return HttpResponse(headers={"HX-Refresh": "true"}) if is_part else redirect(page)
        return refusal_answer(request, refused)


def _page_that_sent(request: HttpRequest) -> str:
    """Return the page of this site that sent the form, or "" if it is unknown."""
    page = request.headers.get("Referer", "") if request.method == "POST" else ""
    own = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if own else ""


@contextmanager
def refusals_in(form: BaseForm, field: str | None = None) -> Iterator[None]:
    """Add a refusal raised inside the block to the errors of `form`.

    A refusal that names a field of the form is shown beside that field.
    """
    try:
        yield
    except RefusedError as refused:
        if refused.where in form.fields:
            form.add_error(refused.where, f"{refused.what} {refused.advice}".strip())
        else:
            form.add_error(field, refused.on_page)
