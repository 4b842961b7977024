"""Messages to the workers. They carry primary keys and may come twice, late, or never."""

import logging
import time
from collections.abc import Sequence

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from inference.adapters import installed_adapters
from inference.models import RunChunk
from inference.registry.trials import check_next
from inference.runs.reading import GPU_QUEUE
from inference.runs.sweep import chunks_without_message, expire_leases, finish_stranded
from inference.runs.work import work_on_next
from recordings.workers import connect

WORK_S = 5.0  # a worker that also reads uploads is free for them this often
logger = logging.getLogger(__name__)


@shared_task(name="inference.tasks.score_next")
def score_next() -> None:
    """Do the chunks that are first in line, for some seconds; another message goes on from there.

    A message names no chunk: which is next is decided when a worker is free, so that a run can
    be paused or put first at any time. One message a chunk is more than enough, which also
    makes up for those that reach a worker that cannot do the work.
    """
    until = time.monotonic() + WORK_S
    adapters = installed_adapters()
    while _do_next(adapters) and time.monotonic() < until:
        pass


def _do_next(adapters: Sequence[str]) -> bool:
    """Checks first: somebody looks at the page and waits for them."""
    return check_next(adapters=adapters) or work_on_next(adapters=adapters)


def send_check() -> None:
    """Tell a worker of a check. Call after commit; without a broker the page asks again."""
    try:
        connect().ping()
        score_next.apply_async(retry=False)
    except (OperationalError, RedisError):
        logger.warning("the broker is away: a check waits for the next message")


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


def send_waiting() -> None:
    """Tell the workers of all chunks they have no message of. Call after commit."""
    send_chunks(chunks_without_message(queue_is_empty=False))


def send_chunks(chunk_ids: Sequence[int]) -> None:
    """Send one message a chunk; without a broker the sweep sends them later."""
    sent = []
    try:
        connect().ping()  # tells at once; the client of the queue would try for seconds
        for chunk_id in chunk_ids:
            score_next.apply_async(retry=False)
            sent.append(chunk_id)
    except (OperationalError, RedisError):
        logger.warning("the broker is away: %s chunks wait for the sweep", len(chunk_ids))
    RunChunk.objects.filter(pk__in=sent).update(enqueued_at=timezone.now())
