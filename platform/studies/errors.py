"""JSON answers of the API to errors outside of its views."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler


class RequestTooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too large. Nothing was stored."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an error in JSON."""
    if isinstance(error, RequestDataTooBig):
        error = RequestTooLargeError()
    return exception_handler(error, context)
