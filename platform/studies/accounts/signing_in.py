"""Signing in and out: which account a name means, how often one may try, and what is recorded."""

import hashlib
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal import ratelimit
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from studies.accounts.names import email_key, username_key
from studies.accounts.passwords import TooManyAtOnceError
from studies.addresses import UNKNOWN, client_address
from studies.audit import record
from studies.models import Act, User

logger = logging.getLogger(__name__)

WRONG = "Name and password do not match. Check both, and the keyboard layout."
TOO_MANY = (
    "Too many failed attempts to sign in. This attempt was not checked. Try again in five minutes."
)
LONGEST_PASSWORD = 1000
INVITATION = "invitation"  # the token of the link that was opened last, in the session
THROTTLED_RECORDED_EVERY_S = 60


def account_of(login: str) -> User | None:
    """Return the account with this user name or e-mail; the user name as written comes first."""
    login = login.strip()
    keys = Q(username_key=username_key(login)) | Q(email_key=email_key(login))
    accounts = list(User.objects.filter(Q(username=login) | keys)) if login else []
    return min(accounts, key=lambda user: (user.username != login, user.pk), default=None)


class AccountBackend(AuthenticationBackend):
    """Checks one password for each attempt, so that unknown names take as long as known ones."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser:
        """Return the account, or refuse for all backends: nobody checks the password again."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is None:
            raise PermissionDenied
        return user

    def _authenticate(
        self, request: HttpRequest | None, **credentials: Any
    ) -> AbstractBaseUser | None:
        login = credentials.get("username") or credentials.get("email") or ""
        return self._check_password(account_of(login), credentials["password"])


class AccountAdapter(DefaultAccountAdapter):
    """What differs here from django-allauth's defaults."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_MANY,
        "enter_current_password": "This is not your current password.",
        "invalid_password_reset": "This link was used or has expired. Request a new link.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        return "0.0.0.0" if address == UNKNOWN else address

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Show none of the library's messages; pages say what happened in their own words."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse if there were too many failed attempts.

        The attempt counts as failed until it succeeds, so that many at once are not all checked.
        """
        key = _throttle_key(credentials)
        # Asked first: an attempt that its address refuses does not count against the account.
        if not _counted(request, key, dry_run=True) or not (usage := _counted(request, key)):
            logger.warning("Sign-in throttled: %s", _described(credentials))
            if cache.add(f"throttled-{_hash(key)}", 1, timeout=THROTTLED_RECORDED_EVERY_S):
                _record_failure(credentials, throttled=True)
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = usage  # the library gives it back after a success

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        try:
            return super().authenticate(request, **credentials)
        except TooManyAtOnceError:
            self._rollback_login_failed_rl_usage()  # no password was checked
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        logger.warning("Sign-in failed: %s", _described(credentials))
        _record_failure(credentials)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if getattr(response, "url", "") != reverse("studies:accept-open"):
            # Whoever opened the link in this browser before may be another person.
            request.session.pop(INVITATION, None)
        record(Act.LOGIN, user=user)
        return response

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            record(Act.LOGOUT, user=request.user)
        super().logout(request)


def _counted(
    request: HttpRequest, key: str, *, dry_run: bool = False
) -> ratelimit.RateLimitUsage | None:
    """Count a failed attempt; None if there were too many. A dry run only asks."""
    return ratelimit.consume(
        request, app="allauth.account", action="login_failed", key=key, dry_run=dry_run
    )


def _record_failure(credentials: dict[str, Any], **details: bool) -> None:
    account = account_of(_login(credentials))
    about = "" if account else "unknown name"
    record(Act.LOGIN_FAILED, user=None, person=account, about=about, details=details)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _login(credentials: dict[str, Any]) -> str:
    return credentials.get("username") or credentials.get("email") or ""


def _throttle_key(credentials: dict[str, Any]) -> str:
    """Return the same key for all spellings of a name, and for name and e-mail of an account."""
    login = _login(credentials)
    account = account_of(login)
    return f"account {account.pk}" if account else f"name {username_key(login)}"


def _described(credentials: dict[str, Any]) -> str:
    """Name a known account only: people type passwords into the field of the name."""
    account = account_of(_login(credentials))
    return f"account {account.username!r}" if account else "unknown name"
