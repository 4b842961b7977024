"""How API requests prove who sends them: sessions, and tokens of a person's own."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from studies.models import ApiToken, User

PREFIX = "epw_"  # so that scanners for leaked secrets can tell what they found
LONGEST_DAYS = 366
USE_NOTED_EVERY = timedelta(minutes=1)


def make_api_token(*, user: User, name: str, days: int) -> tuple[ApiToken, str]:
    """Make a token for `days` days; the token itself is returned once and kept nowhere."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user,
        name=name,
        token_sha256=_hash(token),
        expires_at=timezone.now() + timedelta(days=min(days, LONGEST_DAYS)),
    )
    return made, token


def use_api_token(*, token: str) -> ApiToken | None:
    """Return what the token is, and note that it was used; None where it is no good."""
    found = ApiToken.objects.usable().select_related("user").filter(token_sha256=_hash(token))
    known = found.first()
    now = timezone.now()
    if known and (known.used_at is None or now - known.used_at > USE_NOTED_EVERY):
        known.used_at = now
        known.save(update_fields=["used_at"])
    return known


def withdraw_api_token(*, token: ApiToken) -> None:
    """Make a token useless at once; the row stays as a record."""
    token.withdrawn_at = timezone.now()
    token.save(update_fields=["withdrawn_at"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# How API requests prove who sends them.


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
