"""Ask until there is a completion: tries, pauses, and which failure means what."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from inference.adapters.errors import AdapterAwayError
from inference.adapters.openai.completion import Completion, UnusableAnswerError, read_completion
from inference.adapters.openai.post import Answer, BrokenAnswerError, UnreachableError, post
from inference.adapters.openai.servers import ModelServer, Rota, backoff_s
from inference.bundles import BundleError

PATH = "/chat/completions"
TRIES = 4
_AWAY = {429, 502, 503, 504, 529}
_TRY_AGAIN = {408, 409, 425, 500}
_SHOWN_CHARS = 300


class NoReplyError(Exception):
    """This request came to nothing; others may fare better. ``text`` is what came back."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


@dataclass(frozen=True)
class _Failure:
    reason: str
    text: str = ""
    away: bool = False


class Asker:
    """Sends requests to the servers in turn. One is shared by the threads of an adapter."""

    def __init__(self, rota: Rota, *, timeout_s: float) -> None:
        self._rota = rota
        self._timeout_s = timeout_s
        self.stopped = Event()

    def ask(self, body: Mapping[str, Any]) -> Completion:
        """Return the completion of a request.

        Raises
        ------
        NoReplyError
            When this request fails although the servers are there.
        AdapterAwayError
            When no server takes requests just now.
        BundleError
            When no request can succeed: a wrong key, model or address.
        """
        failures: list[_Failure] = []
        for tried in range(TRIES * len(self._rota)):
            server, rest_s = self._rota.pick()
            wait_s = max(rest_s, backoff_s(tried) if failures and not failures[-1].away else 0.0)
            if self.stopped.wait(wait_s):
                break
            outcome = self._try(server, body)
            if isinstance(outcome, Completion):
                return outcome
            failures.append(outcome)
        _raise(failures)
        raise AssertionError  # _raise always does

    def _try(self, server: ModelServer, body: Mapping[str, Any]) -> Completion | _Failure:
        try:
            started = time.monotonic()
            answer = post(server, PATH, body, timeout_s=self._timeout_s)
            if answer.status != 200:
                return self._refused(server, answer)
            completion = read_completion(answer.text, time.monotonic() - started)
        except UnreachableError as error:
            self._rota.rest(server, None)
            return _Failure(f"{server.name} cannot be reached ({error})", away=True)
        except (BrokenAnswerError, UnusableAnswerError) as error:
            return _Failure(f"{server.name}: {error}", error.text)
        self._rota.praise(server)
        return completion

    def _refused(self, server: ModelServer, answer: Answer) -> _Failure:
        said = f"{server.name} answered {answer.status}"
        if answer.status in _AWAY:
            self._rota.rest(server, answer.retry_after_s)
            return _Failure(said, answer.text, away=True)
        if answer.status in _TRY_AGAIN or answer.status >= 500:
            return _Failure(said, answer.text)
        if answer.status in {401, 403}:
            raise BundleError(f"{said}: it refuses the key", advice="Set the right key and resume.")
        if answer.status == 404 or answer.status < 400:
            raise BundleError(
                f"{said}: {_short(answer.text)}",
                advice="Check the address, which ends in /v1, and the name of the model.",
            )
        raise NoReplyError(f"{said}: {_short(answer.text)}", answer.text)


def _raise(failures: list[_Failure]) -> None:
    """Blame the servers when none took the request, else the request."""
    if all(failure.away for failure in failures):
        raise AdapterAwayError(failures[-1].reason if failures else "stopped")
    worst = next(failure for failure in reversed(failures) if not failure.away)
    raise NoReplyError(f"{worst.reason}, tried {len(failures)} times", worst.text)


def _short(text: str) -> str:
    return " ".join(text.split())[:_SHOWN_CHARS]
