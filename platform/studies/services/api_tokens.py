"""Tokens by which programs read the API in somebody's name."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

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
