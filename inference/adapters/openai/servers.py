"""Model servers: addresses, order of use, and pauses after failures."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlsplit

from inference.adapters.served import ServedServer, served_model
from inference.bundles import BundleError

FIRST_REST_S = 0.5
LONGEST_REST_S = 60.0


@dataclass
class ModelServer:
    """A model server. ``name`` is shown to users; address and key are never shown."""

    name: str
    url: str = field(repr=False)
    key: str = field(default="", repr=False)
    rests_until: float = 0.0
    failures: int = 0


def servers_for(variable: str, environment: Mapping[str, str] = os.environ) -> list[ModelServer]:
    """Return the servers that the variable lists, else those that run on this machine for it.

    Raises
    ------
    BundleError
        When there are none, or an address is not valid.
    """
    served = served_model(variable)
    if environment.get(variable, "").split() or served is None:
        return servers_from_environment(variable, environment)
    return [
        ModelServer(f"model server {place}", server.url, served.key)
        for place, server in enumerate(served.servers, start=1)
    ]


def servers_from_environment(
    variable: str, environment: Mapping[str, str] = os.environ
) -> list[ModelServer]:
    """Return the servers listed in an environment variable, with the key in ``<variable>_KEY``.

    Raises
    ------
    BundleError
        When the variable is not set on this worker, or an address is not valid. The text never
        contains the address, since that may contain a password.
    """
    urls = environment.get(variable, "").replace(",", " ").split()
    if not urls:
        raise BundleError(
            f"{variable} is not set on this worker",
            advice="Set it to the addresses of the model servers, such as http://host:8000/v1, or "
            "start servers here with manage.py serve_model.",
        )
    key = environment.get(f"{variable}_KEY", "")
    return [
        ModelServer(f"model server {place}", _checked(url, variable, place), key)
        for place, url in enumerate(urls, start=1)
    ]


def _checked(url: str, variable: str, place: int) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise BundleError(
            f"Address {place} in {variable} is not valid",
            advice=f"Write http://host:8000/v1, and the key in {variable}_KEY.",
        )
    return url.rstrip("/")


class Rota:
    """Returns servers in turn, and pauses those that do not answer or request a pause."""

    def __init__(self, servers: list[ModelServer]) -> None:
        self._servers = servers
        self._next = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._servers)

    def is_same(self, servers: list[ModelServer]) -> bool:
        """Return whether these are the servers of the rota."""
        return [(s.url, s.key) for s in servers] == [(s.url, s.key) for s in self._servers]

    def is_of(self, served: Sequence[ServedServer]) -> bool:
        """Return whether these servers of this machine are the servers of the rota."""
        return [server.url for server in served] == [server.url for server in self._servers]

    def pick(self) -> tuple[ModelServer, float]:
        """Return the next server, and the seconds to wait before using it."""
        with self._lock:
            now = time.monotonic()
            in_turn = self._servers[self._next :] + self._servers[: self._next]
            self._next = (self._next + 1) % len(self._servers)
            chosen = min(in_turn, key=lambda server: max(server.rests_until, now))
            return chosen, max(chosen.rests_until - now, 0.0)

    def rest(self, server: ModelServer, retry_after_s: float | None) -> None:
        """Pause a server for the time it requests, else twice as long after each failure."""
        with self._lock:
            now = time.monotonic()
            if retry_after_s is not None:
                server.rests_until = now + min(retry_after_s, LONGEST_REST_S)
            elif (
                now >= server.rests_until
            ):  # requests that fail at the same time count as a single failure
                server.rests_until = now + backoff_s(server.failures)
                server.failures += 1

    def praise(self, server: ModelServer) -> None:
        """Reset the failures of a server that has answered."""
        server.failures = 0


def backoff_s(failures: int) -> float:
    """Seconds to wait after a number of failures: doubled each time, with random variation."""
    longest: float = min(FIRST_REST_S * 2 ** min(failures, 10), LONGEST_REST_S)
    return longest * random.uniform(0.5, 1.0)
