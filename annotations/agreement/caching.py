"""Answers kept in Redis under the content they follow from.

A key names everything that goes into the answer, so nothing is ever taken back: another content
has another key, and what is not asked for any more runs out. Without Redis all is worked out anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import redis

import psg.agreement
import psg.hypnogram
from jobs.workers import connect

KEY_PREFIX = "epochwise:agreement:"
LASTS_S = 7 * 24 * 3600


def key_of(name: str, content: object) -> str:
    """Name an answer by what it is about, what it follows from, and the code that works it out."""
    text = json.dumps([content, _code_sha256()], sort_keys=True, default=str)
    return f"{KEY_PREFIX}{name}:{hashlib.sha256(text.encode()).hexdigest()}"


def remembered(key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the answer kept under `key`, else make it and keep it."""
    known = kept([key])
    if key in known:
        return dict(json.loads(known[key]))
    answer = make()
    text = json.dumps(answer)
    keep({key: text})
    return dict(json.loads(text))  # always as it comes back: no tuples the first time only


def kept(keys: Sequence[str]) -> dict[str, str]:
    """Return those of the texts that are known."""
    try:
        texts = connect().mget(keys) if keys else []
    except redis.RedisError:
        return {}
    return {key: str(text) for key, text in zip(keys, texts, strict=True) if text is not None}


def keep(texts: Mapping[str, str]) -> None:
    with suppress(redis.RedisError):
        pipe = connect().pipeline(transaction=False)
        for key, text in texts.items():
            pipe.set(key, text, ex=LASTS_S)
        pipe.execute()


@cache
def _code_sha256() -> str:
    """Of the code behind the numbers: a corrected formula must not find the old answers."""
    here = Path(__file__).parent
    folders = [Path(psg.agreement.__file__).parent, here, here.parent / "assistance"]
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    files.append(Path(psg.hypnogram.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
