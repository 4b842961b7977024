"""The audit trail: who did what, when, from where and why. Rows are only ever added.

A service calls `record` in the transaction of the act, so that there is no act without its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from studies.access import signed_in
from studies.addresses import client_address
from studies.models import Act, ApiToken, AuditEvent, Study, User

SHELL = "shell"


@dataclass
class Sender:
    """Where the present request comes from, and the API token that it is made with."""

    address: str
    token: ApiToken | None = None
    is_recorded: bool = False
    """Whether a row of the audit trail names this request."""


# Outside of requests: a command or a worker.
_sender: ContextVar[Sender | None] = ContextVar("sender", default=None)


def record(
    act: Act,
    *,
    user: User | None,
    study: Study | None = None,
    person: User | None = None,
    about: str = "",
    why: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add a row to the audit trail.

    Parameters
    ----------
    user
        Who acts; None for an act of a command or of somebody who is not signed in.
    person
        The account that it concerns, if it concerns one.
    about
        What else it concerns, such as a release. Never a token, a password, or the name of what
        can be erased: the row outlives people, recordings and subjects. They are named by id, as
        "recording 12" with `details` {"recording": 12}, and pages show today's name.
    details
        What else must be kept, as JSON; no names of what can be erased either.
    """
    sender = _sender.get() or Sender(SHELL)
    sender.is_recorded = True
    details = dict(details or {})
    if sender.token:
        details["token"] = sender.token.name
    return AuditEvent.objects.create(
        act=act,
        user=user,
        study=study,
        person=person,
        about=about[:200],
        why=why,
        address=sender.address,
        details=details,
    )


def record_changes(act: Act, form: ModelForm[Any], *, user: User, study: Study) -> None:
    """Add a row with the old and the new value of each field that a valid form changes."""
    changes = {
        name: {"old": form.initial.get(name), "new": form.cleaned_data[name]}
        for name in form.changed_data
        if form.initial.get(name) != form.cleaned_data[name]
    }
    if changes:
        labels = [str(form.fields[name].label or name).lower() for name in changes]
        record(act, user=user, study=study, about=", ".join(labels), details=changes)


def record_download(
    request: HttpRequest | Request,
    *,
    study: Study | None,
    about: str,
    details: dict[str, Any] | None = None,
) -> None:
    """Add a row for a file that leaves the site. A HEAD request takes nothing away."""
    if wants_body(request):
        user = signed_in(request)
        record(Act.DOWNLOADED, user=user, study=study, about=about, details=details)


def wants_body(request: HttpRequest | Request) -> bool:
    """Return whether a request to read wants more than headers. Views see HEAD as GET."""
    return request.META["REQUEST_METHOD"] != "HEAD"


@contextmanager
def acting_from(address: str) -> Iterator[Sender]:
    """Record `address` with everything that is done inside."""
    before = _sender.set(sender := Sender(address))
    try:
        yield sender
    finally:
        _sender.reset(before)


def acting_with_token(token: ApiToken) -> None:
    """Record the name of an API token with everything that the present request does."""
    if sender := _sender.get():
        sender.token = token


def present_sender() -> Sender | None:
    return _sender.get()


class AddressOfRequest:
    """Middleware that remembers the address of the request for the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_from(client_address(request)):
            return self.get_response(request)
