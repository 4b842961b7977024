"""Who works on which chunk. A lease is a token on the row; without it nothing is stored."""

import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from inference.models import PreScoreRun, RunChunk
from inference.runs.lifecycle import ChunkState, State, locked

MAX_ATTEMPTS = 3
_TRIED = 32


class LeaseLostError(Exception):
    """The chunk is no longer this worker's: the run was cancelled, or the lease ran out."""


@dataclass(frozen=True)
class Lease:
    """The right to store replies for one chunk."""

    chunk_id: int
    run_id: int
    token: uuid.UUID
    attempt: int


def claim_next(*, adapters: Sequence[str]) -> Lease | None:
    """Take the first waiting chunk that these adapters can do; None when there is none.

    Runs of high priority come first, then the oldest: so all workers finish one night before
    they begin another, and a model is loaded once for all its nights.
    """
    waiting = (
        RunChunk.objects.filter(
            state=ChunkState.QUEUED,
            run__state__in=PreScoreRun.LIVE,
            run__bundle__adapter__in=adapters,
        )
        .exclude(run__wait_until__gt=timezone.now())
        .order_by("-run__priority", "run__created_at", "run_id", "first")
        .values_list("pk", flat=True)
    )
    # Another worker may be quicker with the first ones.
    return next(filter(None, (claim_chunk(chunk_id=pk) for pk in waiting[:_TRIED])), None)


@transaction.atomic
def claim_chunk(*, chunk_id: int) -> Lease | None:
    """Take a waiting chunk; None when it is taken, settled, or its run has ended."""
    run_id = RunChunk.objects.values_list("run_id", flat=True).filter(pk=chunk_id).first()
    if run_id is None:
        return None
    run = locked(run_id)
    chunk = RunChunk.objects.select_for_update().get(pk=chunk_id)
    if not run.is_live or chunk.state != ChunkState.QUEUED:
        return None
    if run.wait_until and run.wait_until > timezone.now():
        return None
    chunk.state = ChunkState.RUNNING
    chunk.attempt += 1
    chunk.worker = f"{socket.gethostname()}:{os.getpid()}"[:120]
    chunk.lease_token = uuid.uuid4()
    chunk.lease_expires_at = _expiry()
    chunk.save()
    run.state = State.RUNNING
    run.started_at = run.started_at or timezone.now()
    run.heartbeat_at = timezone.now()
    run.save(update_fields=["state", "started_at", "heartbeat_at"])
    return Lease(chunk.pk, run.pk, chunk.lease_token, chunk.attempt)


def hold(lease: Lease) -> tuple[PreScoreRun, RunChunk]:
    """Return run and chunk, locked, or raise LeaseLostError. Call inside a transaction.

    What is finished while a run is being paused is stored all the same.
    """
    run = locked(lease.run_id)
    chunk = RunChunk.objects.select_for_update().get(pk=lease.chunk_id)
    if not run.is_unfinished or chunk.lease_token != lease.token:
        raise LeaseLostError
    return run, chunk


def renew(lease: Lease) -> bool:
    """Push the lease's end forward; False when it is lost."""
    now = timezone.now()
    mine = RunChunk.objects.filter(pk=lease.chunk_id, lease_token=lease.token)
    if not mine.update(lease_expires_at=_expiry()):
        return False
    PreScoreRun.objects.filter(pk=lease.run_id).update(heartbeat_at=now)
    return True


@contextmanager
def kept_alive(lease: Lease) -> Iterator[None]:
    """Renew the lease while the block works, however long one batch takes.

    A lease can thus be short: a killed worker stops renewing, and its chunk is free again
    within one lease.
    """
    stop = Event()
    keeper = Thread(target=_keep, args=(lease, stop), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(lease: Lease, stop: Event) -> None:
    try:
        while not stop.wait(settings.PRESCORE_LEASE_S / 3):
            try:
                if not renew(lease):
                    return
            except DatabaseError:
                connection.close()  # the database is away: the next turn tries again
    finally:
        connection.close()


def _expiry() -> datetime:
    return timezone.now() + timedelta(seconds=settings.PRESCORE_LEASE_S)
