"""Chunks that go back through no fault of their epochs: a server is away, a run is paused.

A run whose server does not answer waits, says so, and ends when that takes too long.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from inference.models import PreScoreRun, RunChunk
from inference.services.leases import Lease, LeaseLostError, hold
from inference.services.runs import ChunkState, fail_run

logger = logging.getLogger(__name__)
ASK_AGAIN_AFTER_S = 20.0
GIVE_UP_AFTER_S = 30 * 60.0


def hold_off(*, lease: Lease, reason: str, again_after_s: float = ASK_AGAIN_AFTER_S) -> None:
    """Put a chunk back without counting the attempt: its epochs are not to blame."""
    try:
        with transaction.atomic():
            run = _hold_off(lease, reason, again_after_s)
    except LeaseLostError:
        return
    if (timezone.now() - (run.away_since or timezone.now())).total_seconds() > GIVE_UP_AFTER_S:
        minutes = round(GIVE_UP_AFTER_S / 60)
        fail_run(run=run, error=f"{reason}, for {minutes} minutes by now.")


@transaction.atomic
def put_aside(*, lease: Lease) -> None:
    """Put back the chunk of a run that was paused; what it has stored stays."""
    with suppress(LeaseLostError):
        _, chunk = hold(lease)
        _free(chunk)


def _free(chunk: RunChunk) -> None:
    chunk.state = ChunkState.QUEUED
    chunk.attempt -= 1
    chunk.lease_token = chunk.lease_expires_at = chunk.enqueued_at = None
    chunk.save()


def _hold_off(lease: Lease, reason: str, again_after_s: float) -> PreScoreRun:
    run, chunk = hold(lease)
    _free(chunk)
    run.away_since = run.away_since or timezone.now()
    run.wait_until = timezone.now() + timedelta(seconds=again_after_s)
    run.error = reason
    run.save(update_fields=["away_since", "wait_until", "error"])
    logger.warning("run %s waits: %s", run.pk, reason)
    return run
