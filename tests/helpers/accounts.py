"""Signing in as people do, each test from addresses of its own: failed attempts are counted."""

from collections.abc import Callable
from itertools import count

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.helpers.browser import PASSWORD

_hosts = count(1)


def own_address() -> str:
    return f"10.{next(_hosts)}.0.1"


@pytest.fixture
def address() -> str:
    return own_address()


@pytest.fixture
def sign_in(address: str) -> Callable[..., HttpResponse]:
    """Try to sign in: `sign_in("ada")`, `sign_in("ada", "wrong", at="10.0.0.2")`."""

    def attempt(
        name: str,
        password: str = PASSWORD,
        *,
        at: str = address,
        client: Client | None = None,
        after: str = "",
        **headers: str,
    ) -> HttpResponse:
        body = {"username": name, "password": password, "next": after}
        return (client or Client()).post("/login/", body, REMOTE_ADDR=at, headers=headers)

    return attempt
