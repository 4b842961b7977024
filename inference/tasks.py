"""Messages to the workers. They carry primary keys and may come twice, late, or never."""

import logging
from collections.abc import Sequence

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from inference.models import PreScoreRun, RunChunk
from inference.services.sweep import chunks_without_message, expire_leases, finish_stranded
from inference.services.work import work_on_chunk
from recordings.workers import connect

GPU_QUEUE = "gpu"
logger = logging.getLogger(__name__)


@shared_task(name="inference.tasks.score_chunk")
def score_chunk(chunk_id: int) -> None:
    work_on_chunk(chunk_id=chunk_id)


@shared_task(name="inference.tasks.sweep_runs")
def sweep_runs() -> None:
    """Every few seconds, by beat: put back what is stuck and send what was lost."""
    expire_leases()
    finish_stranded()
    try:
        queue_is_empty = connect().llen(GPU_QUEUE) == 0
    except RedisError:
        return  # nothing can be sent; the next sweep looks again
    send_chunks(chunks_without_message(queue_is_empty=queue_is_empty))


def send_run(run: PreScoreRun) -> None:
    """Send a run's waiting chunks. Call after commit."""
    send_chunks(chunks_without_message(queue_is_empty=False))


def send_chunks(chunk_ids: Sequence[int]) -> None:
    """Send one message a chunk; without a broker the sweep sends them later."""
    sent = []
    try:
        connect().ping()  # tells at once; the client of the queue would try for seconds
        for chunk_id in chunk_ids:
            score_chunk.apply_async([chunk_id], retry=False)
            sent.append(chunk_id)
    except (OperationalError, RedisError):
        logger.warning("the broker is away: %s chunks wait for the sweep", len(chunk_ids))
    RunChunk.objects.filter(pk__in=sent).update(enqueued_at=timezone.now())
