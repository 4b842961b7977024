"""Make good what was lost: leases of dead workers, and messages that never arrived."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inference.models import PreScoreRun, RunChunk
from inference.runs.lifecycle import ChunkState, finish_if_complete, locked
from inference.runs.work import settle_failed_attempt

MESSAGE_LOST_AFTER_S = 20.0
_LOST = "The worker stopped in the middle of it."


def expire_leases() -> int:
    """Put back the chunks whose worker no longer renews its lease; returns how many."""
    expired = RunChunk.objects.filter(
        state=ChunkState.RUNNING, lease_expires_at__lt=timezone.now()
    ).values_list("pk", "run_id")
    return sum(_expire(chunk_id, run_id) for chunk_id, run_id in expired)


@transaction.atomic
def _expire(chunk_id: int, run_id: int) -> bool:
    run = locked(run_id)
    chunk = RunChunk.objects.select_for_update().get(pk=chunk_id)
    # Looked at again under the lock: it may have been renewed or settled in between.
    if chunk.state != ChunkState.RUNNING or (chunk.lease_expires_at or _now()) >= _now():
        return False
    settle_failed_attempt(run=run, chunk=chunk, error=_LOST)
    return True


def chunks_without_message(*, queue_is_empty: bool) -> list[int]:
    """Waiting chunks of live runs that no message speaks for.

    A chunk that was never sent, or was freed, is one at once. A chunk that was sent counts as
    lost only when the queue is empty: in a full queue its message may still be waiting.
    """
    waiting = RunChunk.objects.filter(
        state=ChunkState.QUEUED, run__state__in=PreScoreRun.LIVE
    ).exclude(run__wait_until__gt=_now())
    unsent = Q(enqueued_at__isnull=True)
    if queue_is_empty:
        unsent |= Q(enqueued_at__lt=_now() - timedelta(seconds=MESSAGE_LOST_AFTER_S))
    return list(waiting.filter(unsent).order_by("run_id", "first").values_list("pk", flat=True))


def finish_stranded() -> None:
    """End live runs without an unsettled chunk: a worker died between its last two steps."""
    unsettled = RunChunk.objects.filter(state__in=[ChunkState.QUEUED, ChunkState.RUNNING])
    for run in PreScoreRun.objects.filter(state__in=PreScoreRun.LIVE).exclude(
        pk__in=unsettled.values("run_id")
    ):
        finish_if_complete(run=run)


def _now() -> datetime:
    return timezone.now()
