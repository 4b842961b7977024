"""One request and its answer, within a deadline."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from inference.adapters.openai.servers import ModelServer

MOST_BYTES = 2_000_000
_BLOCK_BYTES = 65_536


class UnreachableError(Exception):
    """No connection came about: the server is down, or its name or certificate is wrong."""


class BrokenAnswerError(Exception):
    """The connection was there, and an answer did not come, or not to its end."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


@dataclass(frozen=True)
class Answer:
    """What a server said, as text. The key it was asked with is taken out of it."""

    status: int
    text: str
    retry_after_s: float | None = None


def post(server: ModelServer, path: str, body: Mapping[str, Any], *, timeout_s: float) -> Answer:
    """Send JSON and read the whole answer.

    Redirects are not followed: the key would go where nobody asked for it to go.

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
        return Answer(response.status, text, _retry_after_s(response.getheader("Retry-After")))
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
    """Read to the end, but no longer than the deadline: a server may drip."""
    blocks: list[bytes] = []
    while block := response.read1(_BLOCK_BYTES):
        blocks.append(block)
        if sum(map(len, blocks)) > MOST_BYTES:
            raise BrokenAnswerError("the answer is too long")
        if time.monotonic() > deadline:
            raise TimeoutError
    text = b"".join(blocks)
    if response.length:  # read1 ends quietly where a promised rest never came
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
