"""Sessions of a person: where they are signed in, and how they end."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from jobs.room import there_is_room
from studies.audit import record
from studies.authentication import withdraw_all_tokens
from studies.models import Act, User

NOTED_EVERY = timedelta(minutes=1)


class LastSeen:
    """Middleware that notes once a minute that a session is in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # The user is known anyhow. A full disk must not refuse a page that is only read.
        if request.session.accessed and there_is_room():
            _note(request)
        return response


def _note(request: HttpRequest) -> None:
    key = request.session.session_key
    if not key or not isinstance(request.user, User):
        return
    if cache.add(
        f"seen-{hashlib.sha256(key.encode()).hexdigest()}", 1, timeout=NOTED_EVERY.total_seconds()
    ):
        seen = {"last_seen_at": timezone.now(), "ip": get_adapter().get_client_ip(request)}
        if not UserSession.objects.filter(session_key=key).update(**seen):
            UserSession.objects.create_from_request(request)


@dataclass(frozen=True)
class Session:
    """A session, as its owner sees it."""

    row: UserSession
    device: str
    is_current: bool


def sessions_of(user: User, *, current_key: str | None) -> list[Session]:
    """Return the sessions that are still valid, the latest first."""
    rows = UserSession.objects.purge_and_list(user)
    rows.sort(key=lambda row: row.last_seen_at, reverse=True)
    return [Session(row, device(row.user_agent), row.session_key == current_key) for row in rows]


@transaction.atomic
def end_session(*, row: UserSession) -> None:
    record(Act.SESSIONS_ENDED, user=row.user, about=device(row.user_agent))
    row.end()


@transaction.atomic
def sign_out_everywhere(*, request: HttpRequest, user: User, tokens: bool) -> None:
    """End all sessions of `user` but the present one; `tokens` withdraws the API tokens too."""
    end_all_sessions(user=user)
    if tokens:
        withdraw_all_tokens(user=user, by=user)
    words = "all other sessions and API tokens" if tokens else "all other sessions"
    record(Act.SESSIONS_ENDED, user=user, about=words)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def end_all_sessions(*, user: User) -> None:
    """End every session of `user`, also those that the list does not know."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    UserSession.objects.filter(user=user).delete()


_BROWSERS = {"Firefox": "Firefox", "Edg": "Edge", "OPR": "Opera", "Chrome": "Chrome"}
_BROWSERS |= {"Safari": "Safari", "curl": "curl", "python": "Python"}
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
_SYSTEMS |= {"Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}


def device(user_agent: str) -> str:
    """Return browser and system in words, such as "Firefox on Windows"."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    return " on ".join(filter(None, [browser, system])) or "Unknown device"


def _first(known: dict[str, str], user_agent: str) -> str:
    return next((word for sign, word in known.items() if re.search(sign, user_agent)), "")
