"""What the page of the site shows: health, disk, queues, quarantine and versions.

Each part is looked up separately and within seconds, so that a part that hangs or fails is shown as
such beside the others. The state of the services comes from `epochwise.health`.
"""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Generic, TypeVar

import django
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.timesince import timesince
from redis import RedisError

from epochwise.database import patience
from epochwise.database.patience import patient
from epochwise.health import Part as ServerPart
from epochwise.health import Queue, site_health
from inference.models import ModelBundle
from inference.runs.reading import GpuWorkers, gpu_workers
from jobs.kinds import kinds
from jobs.models import LeasedWork
from jobs.room import free_bytes, total_bytes
from jobs.workers import WorkerBeat, connect
from recordings.models import StoreIdentity
from recordings.quarantine import KEPT_FOR, quarantined_files
from recordings.store import store_problem

T = TypeVar("T")

NAMES_SHOWN = 3
LITTLE_ROOM = 0.1
LITTLE_ROOM_BYTES = 2 * 2**30
# Files are counted again after this time; a large store has many.
STORE_COUNTED_EVERY_S = 60
LONG_WAIT = timedelta(minutes=10)


@dataclass(frozen=True)
class Part(Generic[T]):
    """The facts of a part of the site, or why there are none."""

    value: T | None
    fault: str = ""


def part(look: Callable[[], T]) -> Part[T]:
    """Look up a part of the site; a fault becomes a sentence."""
    try:
        return Part(look())
    except RedisError:
        return Part(None, "Redis does not answer. Work waits in the database; nothing is lost.")
    except DatabaseError as error:
        hangs = "statement timeout" in str(error)
        return Part(
            None,
            f"The database did not answer within {patience.ANSWER_WITHIN_S:.0f} s."
            if hangs
            else "The database does not answer.",
        )
    except OSError as error:
        return Part(None, f"The files cannot be read: {error.strerror or error}.")


# Health


@dataclass(frozen=True)
class Health:
    """A part that is well or not, with a sentence."""

    name: str
    state: str
    words: str

    @property
    def is_well(self) -> bool:
        return self.state == "ok"


def health() -> list[Health]:
    """Return the state of every part; a part comes after those that it depends on."""
    site = site_health()
    tick = site.beat.last_tick_at
    return [
        Health("Database", site.database.state, _server_words(site.database)),
        Health("Redis", site.redis.state, _server_words(site.redis)),
        *(Health("Disk", disk.state, disk.what) for disk in site.disks if disk.what),
        Health("Workers", "ok" if site.workers else "down", _workers(site.workers)),
        Health("Beat", site.beat.state, site.beat.what or f"last tick {_ago(tick)}"),
        *(Health(f"Queue {queue.name}", queue.state, _queue_words(queue)) for queue in site.queues),
    ]


def _server_words(server: ServerPart) -> str:
    return " ".join(filter(None, [server.what, server.detail])) or "answers"


def _workers(workers: Sequence[WorkerBeat]) -> str:
    named = (f"{worker.name} ({', '.join(worker.queues)})" for worker in workers)
    return "; ".join(named) or "No worker is running. Files and runs wait; nothing is lost."


def _queue_words(queue: Queue) -> str:
    waits = f"{queue.waiting or 0} waiting"
    if queue.oldest_message_s:
        waits += f", the oldest message for {queue.oldest_message_s / 60:.0f} min"
    if queue.what and queue.running:
        waits += f"; workers have {', '.join(queue.running[:NAMES_SHOWN])}"
    words = f"{queue.what} {waits[:1].upper()}{waits[1:]}." if queue.what else f"{waits}."
    return f"{words} Last task finished: {_ago(queue.last_finished_at)}."


def _ago(at: datetime | None) -> str:
    return f"{timesince(at)} ago" if at else "never"


# Disk


@dataclass(frozen=True)
class DiskUse:
    """Room on the disk of the store, and what uses it, in bytes."""

    free: int
    total: int
    folders: list[tuple[str, int]]

    @property
    def is_short(self) -> bool:
        return self.free < min(LITTLE_ROOM * self.total, LITTLE_ROOM_BYTES)

    @property
    def used(self) -> int:
        return self.total - self.free


def disk() -> DiskUse:
    root = Path(settings.MEDIA_ROOT)
    folders = cache.get("site-folders")
    if folders is None:
        folders = _folders(root)
        cache.set("site-folders", folders, STORE_COUNTED_EVERY_S)
    return DiskUse(free_bytes(root), total_bytes(root), folders)


def _folders(root: Path) -> list[tuple[str, int]]:
    """Return the folders of the store and the logs with their sizes, the largest first."""
    inside = root.iterdir() if root.exists() else ()
    named = [(folder.name, folder) for folder in inside if folder.is_dir()]
    sizes = [(name, _size(folder)) for name, folder in [*named, ("logs", settings.VAR / "log")]]
    return sorted(((name, size) for name, size in sizes if size), key=lambda pair: -pair[1])


def _size(folder: Path) -> int:
    """Return the bytes of all files; those that go meanwhile do not count."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.lstat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return size


# Queues


@dataclass(frozen=True)
class Work:
    """The rows of a kind of work."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest: datetime | None
    finished: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether something waits and nothing was finished for long."""
        long_ago = timezone.now() - LONG_WAIT
        last = max(filter(None, [self.oldest, self.finished]), default=None)
        return bool(self.waiting) and last is not None and last < long_ago


# Names of the kinds of work on the page.
_NAMES = {
    "recordings.ingest": "Uploaded recordings",
    "annotations.export": "Exports",
    "annotations.masseximport": "Imports (MASS-EX)",
    "annotations.scoringimport": "Imports (stage files)",
    "annotations.ratingstudy": "Launches of rating studies",
    "annotations.release": "Releases to freeze",
    "inference.bundlecheck": "Checks of models",
    "inference.modeladdition": "Models to add",
    "inference.runchunk": "Pre-scoring, in parts",
    "studies.noticedigest": "Mails of notices",
}
# When rows of a kind began to wait, and when they were finished. Chunks of a run have only the
# first, and mails, which belong to a day, only the second.
_BEGINS = ("enqueued_at", "created_at")
_ENDS = ("finished_at", "launched_at", "frozen_at", "sent_at")


@patient
def queues() -> list[Work]:
    return [_work(kind.model) for kind in kinds()]


def _work(model: type[LeasedWork]) -> Work:
    fields = {field.name for field in model._meta.fields}
    begins = next((name for name in _BEGINS if name in fields), None)
    ends = next((name for name in _ENDS if name in fields), None)
    waits = model.waiting()
    counts = model._default_manager.order_by().aggregate(
        waits=Count("pk", filter=waits),
        runs=Count("pk", filter=Q(state=model.RUNNING) & ~waits),
        failed=Count("pk", filter=Q(state="failed")),
        **({"oldest": Min(begins, filter=waits)} if begins else {}),
        **({"last": Max(ends)} if ends else {}),
    )
    return Work(
        name=_NAMES.get(model._meta.label_lower, str(model._meta.verbose_name_plural)),
        waiting=counts["waits"],
        running=counts["runs"],
        failed=counts["failed"],
        oldest=counts.get("oldest"),
        finished=counts.get("last"),
    )


# Quarantine


@dataclass(frozen=True)
class Quarantine:
    """Files that no row of the database names, before they are deleted."""

    count: int
    size: int
    oldest: datetime | None
    swept_at: datetime | None
    warning: str

    @property
    def empties_at(self) -> datetime | None:
        return self.oldest + KEPT_FOR if self.oldest else None


@patient
def quarantine() -> Quarantine:
    files, identity = quarantined_files(), StoreIdentity.objects.first()
    return Quarantine(
        count=len(files),
        size=sum(file.size for file in files),
        oldest=files[0].at if files else None,
        swept_at=identity.swept_at if identity else None,
        warning=store_problem() or (identity.warning if identity else ""),
    )


# Versions


@dataclass(frozen=True)
class Versions:
    """Programs, and whether the database has every migration of this version."""

    programs: list[tuple[str, str]]
    missing_migrations: list[str]


@patient
def versions() -> Versions:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Versions(
        programs=[
            ("Epochwise", version("epochwise")),
            ("Python", platform.python_version()),
            ("Django", django.get_version()),
            ("PostgreSQL", postgres.split()[0]),
            ("Redis", _redis_version()),
        ],
        missing_migrations=[str(migration) for migration, _ in plan],
    )


def _redis_version() -> str:
    try:
        return str(connect().info("server")["redis_version"])
    except RedisError:
        return "does not answer"


@dataclass(frozen=True)
class Models:
    """The registered models, each with whether a worker can run it."""

    bundles: list[tuple[ModelBundle, bool]]


@patient
def models() -> Models:
    workers: GpuWorkers = gpu_workers()
    bundles = ModelBundle.objects.select_related("scorer").order_by("name", "-pk")
    return Models([(bundle, workers.can_run(bundle)) for bundle in bundles])
