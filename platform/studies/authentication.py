"""How API requests prove who sends them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from studies.models import ApiToken, User
from studies.services.api_tokens import use_api_token


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, answering 401 (not 403) when nobody is signed in.

    The workbench tells "sign in again" from "not allowed" by this.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"


NO_GOOD = "This token is unknown, has run out or was withdrawn. Make a new one under Tokens."
View = Callable[..., HttpResponseBase]


def _bearer_token(request: HttpRequest | Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer epw_...``. A token reads what its owner may, and changes nothing."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = _bearer_token(request)
        if not token:
            return None
        if request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied("A token only reads. Sign in to change things.")
        known = use_api_token(token=token)
        if known is None:
            raise exceptions.AuthenticationFailed(NO_GOOD)
        return known.user, known


def login_or_token_required(view: View) -> View:
    """Let people who are signed in read a file, and programs with a token."""
    for_people = login_required(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = _bearer_token(request)
        if not token or request.method not in SAFE_METHODS:
            return for_people(request, *args, **kwargs)
        known = use_api_token(token=token)
        if known is None:
            return HttpResponse(NO_GOOD, status=401, content_type="text/plain")
        request.user = known.user
        return view(request, *args, **kwargs)

    return answer
