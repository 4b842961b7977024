"""What Redis knows of each queue: its length, its oldest message, and the last finished task."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
from celery import current_app

from jobs.beats import SENT_AT
from jobs.kinds import JobKind, kinds
from jobs.workers import connect

FINISHED_KEY = "epochwise:finished:"


@dataclass(frozen=True)
class FinishedTask:
    """The task of a queue that ended last, with or without an error."""

    name: str
    at: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class QueueFacts:
    """A queue, as Redis knows it."""

    messages: int
    oldest_message_s: float | None
    """Age of the oldest message that no worker has received; None if there is none."""
    last_finished: FinishedTask | None


def queue_of(kind: JobKind[Any]) -> str:
    """Return the queue of the messages of a kind of work."""
    message = kind.message(0)
    queue = current_app.amqp.router.route(dict(message.options), message.task)["queue"]
    return str(getattr(queue, "name", queue))


def queue_names() -> list[str]:
    return sorted({current_app.conf.task_default_queue, *(queue_of(kind) for kind in kinds())})


def queue_facts(name: str) -> QueueFacts:
    """Read a queue.

    Raises
    ------
    redis.RedisError
    """
    reads = connect().pipeline()
    reads.llen(name)
    reads.lindex(name, -1)
    reads.get(FINISHED_KEY + name)
    length, oldest, finished = reads.execute()
    return QueueFacts(
        messages=length,
        oldest_message_s=_age_s(oldest),
        last_finished=FinishedTask(**json.loads(finished)) if finished else None,
    )


def _age_s(message: str | None) -> float | None:
    if message is None:
        return None
    sent_at = json.loads(message)["headers"].get(SENT_AT)
    return None if sent_at is None else max(0.0, time.time() - sent_at)


def note_finished(*, queue: str, task: str) -> None:
    """Note that a task of a queue has ended; health reports it."""
    note = json.dumps({"name": task, "at": time.time()})
    with suppress(redis.RedisError):  # the note of the next task takes its place
        connect().set(FINISHED_KEY + queue, note)
