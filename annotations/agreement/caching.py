"""Results cached in Redis under a digest of everything that they depend on.

A changed scoring, or changed code, gives another key, so an outdated result is never returned and
nothing has to be removed: entries expire. Without Redis every result is computed anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import redis
from pydantic import TypeAdapter

import psg.agreement
import psg.hypnogram
from jobs.workers import connect

T = TypeVar("T")
KEY_PREFIX = "epochwise:agreement:"
EXPIRES_S = 7 * 24 * 3600


def key_of(name: str, content: object) -> str:
    """Return the key of a result: its name, and a digest of its input and of the code."""
    text = json.dumps([content, _code_sha256()], sort_keys=True, default=str)
    return f"{KEY_PREFIX}{name}:{hashlib.sha256(text.encode()).hexdigest()}"


def cached_result(key: str, kind: type[T], compute: Callable[[], T]) -> T:
    """Return the result stored under `key`, else compute and store it.

    Parameters
    ----------
    key
        From `key_of`.
    kind
        Type of the result: a dataclass, or a collection of plain values. What comes back from the
        cache equals what was computed.
    compute
        Called when nothing is stored under the key.
    """
    stored = stored_result(key, kind)
    if stored is not None:
        return stored
    result = compute()
    store_result(key, kind, result)
    return result


def stored_result(key: str, kind: type[T]) -> T | None:
    """Return the result stored under `key`, or None."""
    text = load([key]).get(key)
    adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]  # a type is hashable
    return None if text is None else adapter.validate_json(text)


def store_result(key: str, kind: type[T], result: T) -> None:
    adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]
    store({key: adapter.dump_json(result).decode()})


def load(keys: Sequence[str]) -> dict[str, str]:
    """Return the stored texts by key; keys without a text are left out."""
    try:
        texts = connect().mget(keys) if keys else []
    except redis.RedisError:
        return {}
    return {key: str(text) for key, text in zip(keys, texts, strict=True) if text is not None}


def store(texts: Mapping[str, str]) -> None:
    with suppress(redis.RedisError):
        pipe = connect().pipeline(transaction=False)
        for key, text in texts.items():
            pipe.set(key, text, ex=EXPIRES_S)
        pipe.execute()


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


@cache
def _code_sha256() -> str:
    """Return a digest of the code behind the results, so that a corrected formula takes effect."""
    here = Path(__file__).parent
    folders = [Path(psg.agreement.__file__).parent, here, here.parent / "assistance"]
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    files.append(Path(psg.hypnogram.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def forget_all() -> None:
    """Delete every stored result, after data was erased; they are computed again when needed."""
    with suppress(redis.RedisError):
        client = connect()
        for key in client.scan_iter(f"{KEY_PREFIX}*"):
            client.delete(key)
