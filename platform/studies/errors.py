"""What the API answers when a view did not get to answer itself."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler


class RequestTooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "This is too large to be taken. Nothing was stored."


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Say in JSON what Django would say on a page."""
    if isinstance(error, RequestDataTooBig):
        error = RequestTooLargeError()
    return exception_handler(error, context)
