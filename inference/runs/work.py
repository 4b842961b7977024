"""Chunks that go back through no fault of their epochs: a server is away, a run is paused.

A run whose server does not answer waits, says so, and ends when that takes too long.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from inference.adapters import Adapter, AdapterAwayError, NightToScore, RawReply
from inference.bundles import BundleError
from inference.models import PreScoreRun, RunChunk
from inference.registry.bundles import adapter_of
from inference.runs.leases import (
    MAX_ATTEMPTS,
    Lease,
    LeaseLostError,
    claim_chunk,
    claim_next,
    hold,
    kept_alive,
)
from inference.runs.lifecycle import ChunkState, fail_run, finish_if_complete
from inference.runs.replies import epochs_left, give_up, store_replies
from psg.signalstore import SignalStore

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
        _make_claimable(chunk)


def _make_claimable(chunk: RunChunk) -> None:
    chunk.state = ChunkState.QUEUED
    chunk.attempt -= 1
    chunk.lease_token = chunk.lease_expires_at = chunk.enqueued_at = None
    chunk.save()


def _hold_off(lease: Lease, reason: str, again_after_s: float) -> PreScoreRun:
    run, chunk = hold(lease)
    _make_claimable(chunk)
    run.away_since = run.away_since or timezone.now()
    run.wait_until = timezone.now() + timedelta(seconds=again_after_s)
    run.error = reason
    run.save(update_fields=["away_since", "wait_until", "error"])
    logger.warning("run %s waits: %s", run.pk, reason)
    return run


# What a worker does with one chunk.


DATABASE_BACK_AFTER_S = 5.0


class RunPausedError(Exception):
    """The run was paused while one of its chunks was worked on."""


def work_on_next(*, adapters: Sequence[str]) -> bool:
    """Do the first waiting chunk that these adapters can do; False when there was none."""
    lease = claim_next(adapters=adapters)
    if lease is not None:
        _work(lease)
    return lease is not None


def work_on_chunk(*, chunk_id: int) -> None:
    """Claim a chunk, score what is left of it, and settle it; nothing when it is not to be had."""
    lease = claim_chunk(chunk_id=chunk_id)
    if lease is not None:
        _work(lease)


def _work(lease: Lease) -> None:
    try:
        with kept_alive(lease):
            _score(lease)
            _settle(lease)
    except LeaseLostError:
        logger.info("chunk %s was taken back while it was worked on", lease.chunk_id)
    except RunPausedError:
        put_aside(lease=lease)
    except AdapterAwayError as away:
        hold_off(lease=lease, reason=str(away))
    except OperationalError as error:
        # A full disk or a restarted database: no epoch is to blame, and no attempt is lost.
        logger.exception("chunk %s could not be stored", lease.chunk_id)
        if not connection.is_usable():
            connection.close()  # the next query opens another
        reason = f"the database did not store the replies: {describe(error)}"
        hold_off(lease=lease, reason=reason, again_after_s=DATABASE_BACK_AFTER_S)
    except BundleError as error:
        fail_run(run=PreScoreRun.objects.get(pk=lease.run_id), error=str(error))
    except Exception as error:
        # One bad chunk must not stop the night: it is tried again, then settled as failed.
        logger.exception("chunk %s failed, attempt %s", lease.chunk_id, lease.attempt)
        put_back(lease=lease, error=describe(error))


def _score(lease: Lease) -> None:
    chunk = RunChunk.objects.select_related("run__bundle", "run__recording").get(pk=lease.chunk_id)
    run = chunk.run
    epochs = epochs_left(chunk)
    if not epochs:
        return
    adapter = adapter_of(run.bundle)
    _record_origin(run, adapter)
    recording = run.recording
    with closing(recording.signals_file.open("rb")) as file:
        night = NightToScore(f"{recording.pk}:{recording.sha256}", SignalStore.open(file.file))
        for group in _answers(adapter, night, epochs, last_attempt=lease.attempt == MAX_ATTEMPTS):
            if not store_replies(lease=lease, raw_replies=group).is_live:
                raise RunPausedError


def _record_origin(run: PreScoreRun, adapter: Adapter) -> None:
    found = {"renderer_version": adapter.renderer_version, "about": dict(adapter.about)}
    if any(getattr(run, name) != value for name, value in found.items()):
        PreScoreRun.objects.filter(pk=run.pk).update(**found)


def _answers(
    adapter: Adapter, night: NightToScore, epochs: list[int], *, last_attempt: bool
) -> Iterator[list[RawReply]]:
    """Ask for all epochs at once; the last time one by one, so that a bad one fails alone."""
    if not last_attempt:
        yield from adapter.replies(night, epochs)
        return
    for epoch in epochs:
        try:
            yield from adapter.replies(night, [epoch])
        except AdapterAwayError:
            raise
        except Exception as error:
            logger.exception("epoch %s has no reply", epoch)
            yield [RawReply(epoch=epoch, text="", error=describe(error))]


def describe(error: Exception) -> str:
    """Name an error in one line for the run page."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]


@transaction.atomic
def _settle(lease: Lease) -> None:
    run, chunk = hold(lease)
    chunk.state = ChunkState.DONE
    _free(chunk)
    finish_if_complete(run=run)


def put_back(*, lease: Lease, error: str) -> None:
    """Count a failed attempt; the sweep sends the chunk out again, or it has failed for good."""
    try:
        with transaction.atomic():
            run, chunk = hold(lease)
            settle_failed_attempt(run=run, chunk=chunk, error=error)
    except LeaseLostError:
        logger.info("chunk %s was taken back before it failed", lease.chunk_id)


def settle_failed_attempt(*, run: PreScoreRun, chunk: RunChunk, error: str) -> None:
    """Free a chunk after an attempt that came to nothing. Both rows must be locked."""
    chunk.error = error
    if chunk.attempt < MAX_ATTEMPTS:
        chunk.state = ChunkState.QUEUED
        _free(chunk)
        return
    chunk.state = ChunkState.FAILED
    _free(chunk)
    give_up(run=run, chunk=chunk, error=f"Given up after {MAX_ATTEMPTS} attempts. {error}")
    finish_if_complete(run=run)


def _free(chunk: RunChunk) -> None:
    chunk.lease_token = None
    chunk.lease_expires_at = None
    chunk.enqueued_at = None
    chunk.save()
