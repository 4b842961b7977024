"""Live workers: each writes a key into Redis that expires automatically."""

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# Files from outside have a queue of their own: an import never holds up an export or a sweep.
DEFAULT_QUEUE, INGEST_QUEUE = "default", "ingest"
KEY_PREFIX = "epochwise:worker:"
NAMES = "epochwise:workers"
"""Names of workers with the time of their last beat; to search all keys takes time with each."""
BEAT_EVERY_S = 5
BEAT_LASTS_S = 20
NAME_LASTS_S = 24 * 3600


@dataclass(frozen=True)
class WorkerBeat:
    """A live worker process."""

    name: str
    queues: list[str]
    pid: int
    abilities: list[str] = field(default_factory=list)
    """What this worker can do and others may not, for example adapters of models."""


_stop = threading.Event()
_beating: list[threading.Thread] = []


def connect() -> redis.Redis:
    """Return a client that gives up soon: without retries, a Redis that hangs costs 2 s."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def start_heartbeat(
    *, name: str, queues: list[str], abilities: Callable[[], Sequence[str]] = tuple
) -> None:
    """Start a thread that writes the key of this worker until `stop_heartbeat` is called.

    What the worker can do is asked at each beat: a model server may start and stop beside it.
    """
    _stop.clear()
    beat = WorkerBeat(name=name, queues=queues, pid=os.getpid())
    thread = threading.Thread(target=_beat, args=(beat, abilities), name="heartbeat", daemon=True)
    _beating.append(thread)
    thread.start()


def stop_heartbeat() -> None:
    """Stop the heartbeat and wait until its key is deleted."""
    _stop.set()
    while _beating:
        _beating.pop().join()


def _beat(beat: WorkerBeat, abilities: Callable[[], Sequence[str]]) -> None:
    client = connect()
    while not _stop.is_set():
        with suppress(redis.RedisError):  # Redis does not answer; the next beat tries again
            announce(client, replace(beat, abilities=list(abilities())))
        _stop.wait(BEAT_EVERY_S)
    with suppress(redis.RedisError):
        withdraw(client, beat.name)


def announce(client: redis.Redis, beat: WorkerBeat) -> None:
    """Write that a worker is alive, and forget names that were silent for a day."""
    now = time.time()
    with client.pipeline() as pipe:
        pipe.set(KEY_PREFIX + beat.name, json.dumps(asdict(beat)), ex=BEAT_LASTS_S)
        pipe.zadd(NAMES, {beat.name: now})
        pipe.zremrangebyscore(NAMES, "-inf", now - NAME_LASTS_S)
        pipe.execute()


def withdraw(client: redis.Redis, name: str) -> None:
    with client.pipeline() as pipe:
        pipe.delete(KEY_PREFIX + name)
        pipe.zrem(NAMES, name)
        pipe.execute()


def live_workers(queue: str | None = None) -> list[WorkerBeat]:
    """Return the live workers, all or those that serve `queue`.

    The list is empty if Redis does not answer: no queued work would be done then.
    """
    try:
        client = connect()
        names = [str(name) for name in client.zrange(NAMES, 0, -1)]
        texts = client.mget([KEY_PREFIX + name for name in names]) if names else []
    except redis.RedisError:
        return []
    beats = [WorkerBeat(**json.loads(text)) for text in texts if text]
    return [beat for beat in beats if queue is None or queue in beat.queues]
