"""The audit trail: who did what, when, from where and why. Rows are only ever added.

A service calls `record` in the transaction of the act, so that there is no act without its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

from studies.addresses import client_address
from studies.models import Act, AuditEvent, Study, User

# The address that the present request came from. Outside of requests: a command or a worker.
_address: ContextVar[str] = ContextVar("address", default="shell")


def record(
    act: Act,
    *,
    user: User | None,
    study: Study | None = None,
    about: str = "",
    why: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add a row to the audit trail.

    Parameters
    ----------
    user
        Who acts; None for an act of a command or of somebody who is not signed in.
    about
        What it concerns, such as the name of a recording, a person, or a release. Never a token
        or a password.
    details
        What else must be kept, as JSON.
    """
    return AuditEvent.objects.create(
        act=act,
        user=user,
        study=study,
        about=about[:200],
        why=why,
        address=_address.get(),
        details=details or {},
    )


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """Record `address` with everything that is done inside."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


class AddressOfRequest:
    """Middleware that remembers the address of the request for the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_from(client_address(request)):
            return self.get_response(request)
