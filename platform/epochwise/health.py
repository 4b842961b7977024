"""State of the site: /livez, /readyz, /healthz, and the facts behind them.

No answer waits longer than some 3 s, also if the database or Redis hangs.
"""

import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswerError
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import RedisError

from epochwise.database.patience import patient
from jobs.beats import last_beat
from jobs.kinds import kinds
from jobs.queues import (
    QueueFacts,
    queue_facts,
    queue_names,
    queue_of,
)
from jobs.room import ROOM_BYTES, folders, free_bytes, total_bytes
from jobs.workers import BEAT_LASTS_S, WorkerBeat, connect, live_workers

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 2.2
"""More than the connect timeout of the database, which cannot be below 2 s."""

State = Literal["ok", "down"]
QueueState = Literal["ok", "no worker", "stuck", "unknown"]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Part:
    """A part of the site that works or does not.

    `what` says in a sentence why not. Anybody may read it, so it names no server and no row;
    `detail` is for the owner of the site.
    """

    state: State
    what: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Disk(Part):
    """The disk below a folder of the site."""

    folder: str = ""
    free_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True)
class Beat(Part):
    """The service that sends the sweeps."""

    last_tick_at: datetime | None = None


@dataclass(frozen=True)
class Queue:
    """A queue of background work. Facts are None where Redis or the database does not answer."""

    name: str
    state: QueueState
    what: str
    workers: Sequence[str]
    messages: int | None
    oldest_message_s: float | None
    waiting: int | None
    """Rows that no worker has claimed."""
    running: Sequence[str]
    """Rows that workers have, such as "recordings.ingest 12"."""
    last_task: str
    last_finished_at: datetime | None


@dataclass(frozen=True)
class SiteHealth:
    """Everything that is known of the state of the site."""

    database: Part
    migrations: Part
    redis: Part
    disks: Sequence[Disk]
    beat: Beat
    workers: Sequence[WorkerBeat]
    queues: Sequence[Queue]

    @property
    def is_ready(self) -> bool:
        return all(part.state == "ok" for part in self._needed)

    @property
    def status(self) -> Literal["ok", "degraded", "stuck", "down"]:
        """`stuck`: work waits and is not done; `degraded`: nothing would be done if work came."""
        if not self.is_ready:
            return "down"
        if any(queue.state == "stuck" for queue in self.queues):
            return "stuck"
        whole = self.beat.state == "ok" and all(queue.state == "ok" for queue in self.queues)
        return "ok" if whole else "degraded"

    @property
    def problems(self) -> list[str]:
        """Return a sentence for everything that is wrong."""
        parts = [part.what for part in [*self._needed, self.beat]]
        return [what for what in [*parts, *(queue.what for queue in self.queues)] if what]

    @property
    def _needed(self) -> list[Part]:
        return [self.database, self.migrations, self.redis, *self.disks]


def site_health() -> SiteHealth:
    """Look at every part of the site; takes at most some 3 s."""
    (database, migrations), redis = _database_and_redis()
    redis_answers, database_answers = redis.state == "ok", database.state == "ok"
    workers = live_workers() if redis_answers else []
    rows = _rows() if database_answers and migrations.state == "ok" else {}
    return SiteHealth(
        database=database,
        migrations=migrations,
        redis=redis,
        disks=_disks(),
        beat=_beat() if redis_answers else Beat("down", "Beat is unknown without Redis."),
        workers=workers,
        queues=[_queue(name, workers, rows.get(name), redis_answers) for name in queue_names()],
    )


# Database and Redis. Each is looked at in a thread, so that one that hangs costs no more time.


def _database_and_redis() -> tuple[tuple[Part, Part], Part]:
    deadline = time.monotonic() + ANSWER_WITHIN_S
    threads = _threads(os.getpid())
    database, redis = threads.submit(_database_parts), threads.submit(_redis_part)
    hangs = Part("down", "The database does not answer.")
    return (
        _answer(database, deadline, (hangs, hangs)),
        _answer(redis, deadline, Part("down", "Redis does not answer.")),
    )


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """Return the threads of this process; a fork has none of those of its parent."""
    return ThreadPoolExecutor(8, thread_name_prefix=f"health-{process}")


def _answer(future: "Future[Answer]", deadline: float, otherwise: Answer) -> Answer:
    try:
        return future.result(max(0.0, deadline - time.monotonic()))
    except NoAnswerError:
        return otherwise


def _database_parts() -> tuple[Part, Part]:
    """Look at the database through a connection of its own, so that a full pool does not hide it.

    The thread that waits for a database that hangs ends with the connect timeout.
    """
    named = connection.get_connection_params()
    limits = f"{named.get('options', '')} -c statement_timeout=2000"
    try:
        with psycopg.connect(**{**named, "connect_timeout": 2, "options": limits}) as probe:
            applied = set(probe.execute("select app, name from django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        return Part("ok"), Part("down", "The database is empty: run manage.py migrate.")
    except psycopg.Error as error:
        # The reason names host and account of the database; /readyz is open to everybody.
        log.warning("The database does not answer: %s", error)
        reason = " ".join(str(error).split())
        return Part("down", "The database does not answer.", reason), Part("down")
    missing = _known_migrations() - applied
    if missing:
        what = f"{len(missing)} migrations are not applied: run manage.py migrate."
        return Part("ok"), Part("down", what)
    return Part("ok"), Part("ok")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None)
    return frozenset(loader.graph.nodes)


def _redis_part() -> Part:
    try:
        connect().ping()
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)
        return Part("down", "Redis does not answer.", str(error))
    return Part("ok")


def _disks() -> list[Disk]:
    return [_disk(folder) for folder in folders()]


def _disk(folder: Path) -> Disk:
    free, total = free_bytes(folder), total_bytes(folder)
    full = free < ROOM_BYTES
    what = (
        f"The disk below {folder.name} is full ({free // 2**20} MiB free). Nothing can be saved "
        "until there is room; everything continues by itself then."
    )
    return Disk(
        "down" if full else "ok",
        what if full else "",
        folder=str(folder),
        free_bytes=free,
        total_bytes=total,
    )


# Background work.


def _beat() -> Beat:
    try:
        at = last_beat()
    except RedisError:
        return Beat("down", "Beat is unknown without Redis.")
    if at is None:
        return Beat("down", "Beat has never run: work whose worker was killed is not tried again.")
    tick = datetime.fromtimestamp(at, UTC)
    if time.time() - at > BEAT_LASTS_S:
        what = f"Beat has not run since {tick:%Y-%m-%d %H:%M:%S} UTC."
        return Beat("down", what, last_tick_at=tick)
    return Beat("ok", last_tick_at=tick)


@dataclass(frozen=True)
class _Rows:
    """Rows of the kinds of work of a queue."""

    waiting: int
    running: Sequence[str]


def _rows() -> dict[str, _Rows]:
    try:
        return patient(_rows_by_queue)()
    except DatabaseError:
        return {}


def _rows_by_queue() -> dict[str, _Rows]:
    by_queue: dict[str, _Rows] = {}
    for kind in kinds():
        rows, before = kind.model._default_manager, by_queue.get(queue_of(kind), _Rows(0, ()))
        claimed = rows.filter(state=kind.model.RUNNING).exclude(kind.model.waiting())
        by_queue[queue_of(kind)] = _Rows(
            waiting=before.waiting + rows.filter(kind.model.waiting()).count(),
            running=[
                *before.running,
                *(f"{kind.name} {pk}" for pk in claimed.values_list("pk", flat=True)[:20]),
            ],
        )
    return by_queue


def _queue(name: str, workers: Sequence[WorkerBeat], rows: _Rows | None, redis: bool) -> Queue:
    facts = _facts(name) if redis else None
    serving = [worker.name for worker in workers if name in worker.queues]
    task = facts.last_finished if facts else None
    state, what = _judgement(name, serving, facts, rows)
    return Queue(
        name=name,
        state=state,
        what=what,
        workers=serving,
        messages=facts.messages if facts else None,
        oldest_message_s=facts.oldest_message_s if facts else None,
        waiting=rows.waiting if rows else None,
        running=rows.running if rows else (),
        last_task=task.name if task else "",
        last_finished_at=datetime.fromtimestamp(task.at, UTC) if task else None,
    )


def _facts(name: str) -> QueueFacts | None:
    try:
        return queue_facts(name)
    except RedisError:
        return None


def _judgement(
    name: str, serving: Sequence[str], facts: QueueFacts | None, rows: _Rows | None
) -> tuple[QueueState, str]:
    """Return the state of a queue, and what is wrong."""
    if facts is None:
        return "unknown", f"The queue {name} is unknown without Redis."
    waits_s = facts.oldest_message_s or 0.0
    is_late = waits_s > settings.STUCK_AFTER_S
    if not serving:
        what = f"No worker serves the queue {name}."
        return ("stuck" if is_late else "no worker"), what + (_waits(waits_s) if is_late else "")
    finished = facts.last_finished
    is_idle = finished is None or time.time() - finished.at > settings.STUCK_AFTER_S
    if not (is_late and is_idle):
        return "ok", ""
    # Rows are not named: anybody may read this.
    work = f" Workers have {len(rows.running)} of its rows." if rows and rows.running else ""
    return "stuck", f"Workers of the queue {name} finish nothing.{work}{_waits(waits_s)}"


def _waits(seconds: float) -> str:
    return f" The oldest message has waited for {seconds / 60:.0f} min."


# Answers.


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process lives; looks at nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if pages can be read and written: database, migrations, Redis, disk."""
    (database, migrations), redis = _database_and_redis()
    parts = {"database": database, "migrations": migrations, "redis": redis, "disk": _disk_part()}
    is_ready = all(part.state == "ok" for part in parts.values())
    body = {
        "status": "ok" if is_ready else "down",
        **{name: part.state for name, part in parts.items()},
        "problems": [part.what for part in parts.values() if part.what],
    }
    return JsonResponse(body, status=200 if is_ready else 503)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer with everything; 503 if the site is not ready, or work waits and is not done."""
    health = site_health()
    body: dict[str, object] = {
        "status": health.status,
        "database": health.database.state,
        "migrations": health.migrations.state,
        "redis": health.redis.state,
        "disk": "ok" if all(disk.state == "ok" for disk in health.disks) else "down",
        "worker": "ok" if health.workers else "down",
        "beat": health.beat.state,
        "beat_last_tick": health.beat.last_tick_at,
        "queues": {queue.name: _public(queue) for queue in health.queues},
        "problems": health.problems,
    }
    return JsonResponse(body, status=200 if health.status in {"ok", "degraded"} else 503)


def _disk_part() -> Part:
    full = [disk for disk in _disks() if disk.state == "down"]
    return Part(full[0].state, full[0].what) if full else Part("ok")


def _public(queue: Queue) -> dict[str, object]:
    """Return the facts of a queue without the names of rows, because anybody may read them."""
    return {
        "state": queue.state,
        "workers": len(queue.workers),
        "messages": queue.messages,
        "oldest_message_s": queue.oldest_message_s,
        "waiting": queue.waiting,
        "running": len(queue.running),
        "last_task": queue.last_task,
        "last_finished": queue.last_finished_at,
    }
