"""A run whose model server does not answer: it waits, says so, and ends if that goes on."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from inference.models import PreScoreRun
from inference.services.leases import Lease, LeaseLostError, hold
from inference.services.runs import ChunkState, fail_run

logger = logging.getLogger(__name__)
ASK_AGAIN_AFTER_S = 20.0
GIVE_UP_AFTER_S = 30 * 60.0


def hold_off(*, lease: Lease, reason: str) -> None:
    """Put a chunk back without counting the attempt: its epochs are not to blame."""
    try:
        with transaction.atomic():
            run = _hold_off(lease, reason)
    except LeaseLostError:
        return
    if (timezone.now() - (run.away_since or timezone.now())).total_seconds() > GIVE_UP_AFTER_S:
        minutes = round(GIVE_UP_AFTER_S / 60)
        fail_run(run=run, error=f"{reason}, for {minutes} minutes by now.")


def _hold_off(lease: Lease, reason: str) -> PreScoreRun:
    run, chunk = hold(lease)
    chunk.state = ChunkState.QUEUED
    chunk.attempt -= 1
    chunk.lease_token = chunk.lease_expires_at = chunk.enqueued_at = None
    chunk.save()
    run.away_since = run.away_since or timezone.now()
    run.wait_until = timezone.now() + timedelta(seconds=ASK_AGAIN_AFTER_S)
    run.error = reason
    run.save(update_fields=["away_since", "wait_until", "error"])
    logger.warning("run %s waits: %s", run.pk, reason)
    return run
