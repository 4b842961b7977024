"""Authentication of API requests by session or by a personal token."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from jobs.room import there_is_room
from studies.audit import acting_with_token, record
from studies.models import Act, ApiToken, User

PREFIX = "epw_"  # so that scanners for leaked secrets recognise a token
LONGEST_DAYS = 366
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_api_token(*, user: User, name: str, days: int) -> tuple[ApiToken, str]:
    """Create a token for `days` days. The token is returned here only; its hash is stored."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user,
        name=name,
        token_sha256=_hash(token),
        expires_at=timezone.now() + timedelta(days=min(days, LONGEST_DAYS)),
    )
    record(Act.TOKEN_CREATED, user=user, about=name, details={"days": min(days, LONGEST_DAYS)})
    return made, token


def use_api_token(*, token: str) -> ApiToken | None:
    """Return the stored token and note its use; None if it is unknown, expired or withdrawn."""
    usable = ApiToken.objects.usable().select_related("user")
    known = usable.filter(token_sha256=_hash(token)).first()
    now = timezone.now()
    is_due = known and (known.used_at is None or now - known.used_at > USE_NOTED_EVERY)
    if known and is_due and there_is_room():  # a full disk must not refuse what is only read
        known.used_at = now
        known.save(update_fields=["used_at"])
    if known:
        acting_with_token(known)
    return known


@transaction.atomic
def withdraw_api_token(*, token: ApiToken, by: User | None = None) -> None:
    """Withdraw a token with immediate effect; the row remains as a record."""
    token.withdrawn_at = timezone.now()
    token.save(update_fields=["withdrawn_at"])
    owner, by = token.user, by or token.user
    person = None if by == owner else owner
    record(Act.TOKEN_WITHDRAWN, user=by, person=person, about=token.name)


@transaction.atomic
def withdraw_all_tokens(*, user: User, by: User) -> int:
    """Withdraw all tokens of a person; return how many there were."""
    tokens = list(user.api_tokens.select_for_update().filter(withdrawn_at=None))
    for token in tokens:
        withdraw_api_token(token=token, by=by)
    return len(tokens)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# Authentication classes and decorators.


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, answering 401 (not 403) when nobody is signed in.

    The workbench needs the difference: 401 means "sign in again", 403 means "not allowed".
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"


NO_GOOD = "This token is unknown, has expired or was withdrawn. Create a new token under Tokens."
View = Callable[..., HttpResponseBase]


def _bearer_token(request: HttpRequest | Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer epw_...``. A token allows reading what its owner may read."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = _bearer_token(request)
        if not token:
            return None
        if request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied(
                "A token allows reading only. Sign in to make changes."
            )
        known = use_api_token(token=token)
        if known is None:
            raise exceptions.AuthenticationFailed(NO_GOOD)
        return known.user, known


def login_or_token_required(view: View) -> View:
    """Allow signed-in users, and programs with a token, to read a file."""
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
