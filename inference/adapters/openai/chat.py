"""Chat requests to a model server, with a deadline, retries and pauses."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from inference.adapters.openai.servers import ModelServer, Rota, backoff_s
from inference.adapters.protocol import AdapterAwayError, JsonObject
from inference.adapters.served import state_of
from inference.bundles import BundleError


@dataclass(frozen=True)
class Completion:
    """Text of a reply, and name of the model as reported by the server.

    ``tokens`` are the likeliest tokens at each place of the text, where they were requested.
    """

    text: str
    model: str
    duration_s: float
    tokens: tuple[TokenPlace, ...] = ()


@dataclass(frozen=True)
class TokenPlace:
    """The token that was written at a place, and the log-probabilities of the likeliest there."""

    written: str
    likeliest: Mapping[str, float]


class UnusableAnswerError(Exception):
    """An answer without a completion, for example the HTML of a proxy."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


def read_completion(text: str, duration_s: float) -> Completion:
    """Read the reply from a chat completion.

    A reply that was cut off at its maximum length is returned unchanged: the parser reports what is
    missing.
    """
    try:
        answer = json.loads(text)
    except ValueError:
        looks_like = "HTML" if text.lstrip()[:1] == "<" else "no whole JSON"
        raise UnusableAnswerError(f"the answer is {looks_like}", text) from None
    try:
        content = answer["choices"][0]["message"]["content"]
        model = str(answer.get("model", ""))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise UnusableAnswerError("the answer holds no reply", text) from None
    if content is not None and not isinstance(content, str):
        raise UnusableAnswerError("the reply is not text", text)
    return Completion(content or "", model[:200], duration_s, _tokens(answer))


def _tokens(answer: JsonObject) -> tuple[TokenPlace, ...]:
    """Read the likeliest tokens; empty where a server gives none."""
    with suppress(KeyError, IndexError, TypeError, ValueError, AttributeError):
        choices: Any = answer["choices"]
        return tuple(
            TokenPlace(
                str(place["token"]),
                {str(its["token"]): float(its["logprob"]) for its in place["top_logprobs"]},
            )
            for place in choices[0]["logprobs"]["content"]
        )
    return ()


MOST_BYTES = 2_000_000
_BLOCK_BYTES = 65_536


class UnreachableError(Exception):
    """No connection: the server is down, or its name or certificate is wrong."""


class BrokenAnswerError(Exception):
    """The connection was made, but the answer is missing or incomplete."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


@dataclass(frozen=True)
class ServerResponse:
    """Answer of a server as text, without the key of the request."""

    status: int
    text: str
    retry_after_s: float | None = None


def post(server: ModelServer, path: str, body: JsonObject, *, timeout_s: float) -> ServerResponse:
    """Send JSON and read the whole answer.

    Redirects are not followed: the key would go to a server that is not configured.

    Raises
    ------
    UnreachableError, BrokenAnswerError
    """
    deadline = time.monotonic() + timeout_s
    connection = _connect(server, timeout_s)
    try:
        parts = urlsplit(server.url + path)
        connection.request("POST", parts.path, json.dumps(body).encode(), _headers(server))
        response = connection.getresponse()
        text = _without_key(_read(response, deadline), server)
        return ServerResponse(
            response.status, text, _retry_after_s(response.getheader("Retry-After"))
        )
    except TimeoutError:
        raise BrokenAnswerError(f"no answer within {timeout_s:g} s") from None
    except http.client.IncompleteRead as cut:
        text = _without_key(bytes(cut.partial), server)
        raise BrokenAnswerError("the answer broke off", text) from None
    except (OSError, http.client.HTTPException) as error:
        raise BrokenAnswerError(f"the connection broke ({type(error).__name__})") from None
    finally:
        connection.close()


def _connect(server: ModelServer, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(server.url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise UnreachableError(type(error).__name__) from None
    return connection


def _headers(server: ModelServer) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return headers | ({"Authorization": f"Bearer {server.key}"} if server.key else {})


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read to the end, but not beyond the deadline: a server may send very slowly."""
    blocks: list[bytes] = []
    while block := response.read1(_BLOCK_BYTES):
        blocks.append(block)
        if sum(map(len, blocks)) > MOST_BYTES:
            raise BrokenAnswerError("the answer is too long")
        if time.monotonic() > deadline:
            raise TimeoutError
    text = b"".join(blocks)
    if response.length:  # read1 reports no error if the announced rest is missing
        raise http.client.IncompleteRead(text, response.length)
    return text


def _without_key(content: bytes, server: ModelServer) -> str:
    """Decode an answer; some servers quote the key they refuse."""
    text = content.decode("utf-8", "replace")
    return text.replace(server.key, "[key]") if server.key else text


def _retry_after_s(value: str | None) -> float | None:
    """Read Retry-After, given in seconds or as a date."""
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return None


PATH = "/chat/completions"
TRIES = 4
_AWAY = {429, 502, 503, 504, 529}
_TRY_AGAIN = {408, 409, 425, 500}
_SHOWN_CHARS = 300


class NoReplyError(Exception):
    """This request failed; other requests may succeed. ``text`` is the answer.

    ``refused``: the server read the request and does not accept it.
    """

    def __init__(self, reason: str, text: str = "", *, refused: bool = False) -> None:
        super().__init__(reason)
        self.text = text
        self.refused = refused


@dataclass(frozen=True)
class _Failure:
    server: ModelServer
    reason: str
    text: str = ""
    away: bool = False


class ChatClient:
    """Sends requests to the servers in turn. The threads of an adapter share a client."""

    def __init__(self, rota: Rota, *, timeout_s: float) -> None:
        self._rota = rota
        self._timeout_s = timeout_s
        self.stopped = Event()

    def complete(self, body: JsonObject) -> Completion:
        """Return the completion of a request.

        Raises
        ------
        NoReplyError
            When this request fails although the servers answer.
        AdapterAwayError
            When no server accepts requests at present.
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

    def _try(self, server: ModelServer, body: JsonObject) -> Completion | _Failure:
        try:
            started = time.monotonic()
            answer = post(server, PATH, body, timeout_s=self._timeout_s)
            if answer.status != 200:
                return self._refused(server, answer)
            completion = read_completion(answer.text, time.monotonic() - started)
        except UnreachableError as error:
            self._rota.rest(server, None)
            reason = f"{server.name} cannot be reached ({error})"
            state = state_of(server.url)
            return _Failure(server, f"{reason}: {state}" if state else reason, away=True)
        except (BrokenAnswerError, UnusableAnswerError) as error:
            return _Failure(server, f"{server.name}: {error}", error.text)
        self._rota.praise(server)
        return completion

    def _refused(self, server: ModelServer, answer: ServerResponse) -> _Failure:
        outcome = f"{server.name} answered {answer.status}"
        if answer.status in _AWAY:
            self._rota.rest(server, answer.retry_after_s)
            return _Failure(server, outcome, answer.text, away=True)
        if answer.status in _TRY_AGAIN or answer.status >= 500:
            return _Failure(server, outcome, answer.text)
        if answer.status in {401, 403}:
            raise BundleError(
                f"{outcome}: it refuses the key", advice="Set the right key and resume."
            )
        if answer.status == 404 or answer.status < 400:
            raise BundleError(
                f"{outcome}: {_short(answer.text)}",
                advice="Check the address, which ends in /v1, and the name of the model.",
            )
        reason = f"{outcome}: {_short(answer.text)}"
        raise NoReplyError(reason, answer.text, refused=True)


def _raise(failures: list[_Failure]) -> None:
    """Raise AdapterAwayError if no server accepts the request at present, else NoReplyError.

    A server that ends breaks the connections of the requests that it works on, and then cannot be
    reached: so the last failure of each server counts.
    """
    last = {id(failure.server): failure for failure in failures}
    if all(failure.away for failure in last.values()):
        raise AdapterAwayError(failures[-1].reason if failures else "stopped")
    worst = next(failure for failure in reversed(failures) if not failure.away)
    raise NoReplyError(f"{worst.reason}, tried {len(failures)} times", worst.text)


def _short(text: str) -> str:
    return " ".join(text.split())[:_SHOWN_CHARS]
