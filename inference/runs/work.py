"""What workers do with the chunks of runs: taken in their order, scored, settled or put back.

A chunk goes back through no fault of its epochs when a server is away or its run is paused. A run
whose server does not answer waits, says so, and ends when that takes too long.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta

from celery import Signature, signature
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from inference.adapters import Adapter, AdapterAwayError, NightToScore, RawReply
from inference.bundles import BundleError
from inference.models import PreScoreRun, RunChunk
from inference.registry.bundles import adapter_of
from inference.runs.lifecycle import ChunkState, State, fail_run, finish_if_complete, locked
from inference.runs.reading import gpu_queue_is_empty
from inference.runs.replies import epochs_left, hold, settle_unanswered, store_replies
from jobs.kinds import JobKind
from jobs.models import ATTEMPTS, kept_alive
from psg.signalstore import SignalStore

logger = logging.getLogger(__name__)
ASK_AGAIN_AFTER_S = 20.0
GIVE_UP_AFTER_S = 30 * 60.0
DATABASE_BACK_AFTER_S = 5.0
MESSAGE_LOST_AFTER_S = 20.0
_TRIED = 32


class RunPausedError(Exception):
    """The run was paused while one of its chunks was worked on."""


class ChunkKind(JobKind[RunChunk]):
    """Chunks of runs. Their messages name none: each worker takes the first that it can do.

    So a run can be paused or put first at any time.
    """

    def claim(self, pk: int) -> RunChunk | None:
        """Take a chunk; None when it is taken or settled, or when its run waits or has ended."""
        run_id = RunChunk.objects.values_list("run_id", flat=True).filter(pk=pk).first()
        return None if run_id is None else self._claim(pk, run_id)

    @transaction.atomic
    def _claim(self, pk: int, run_id: int) -> RunChunk | None:
        run = locked(run_id)
        if not run.is_live or (run.wait_until and run.wait_until > timezone.now()):
            return None
        chunk = super().claim(pk)
        if chunk is not None:
            run.state = State.RUNNING
            run.started_at = run.started_at or timezone.now()
            run.heartbeat_at = timezone.now()
            run.save(update_fields=["state", "started_at", "heartbeat_at"])
        return chunk

    def claim_next(self, *, adapters: Sequence[str]) -> RunChunk | None:
        """Take the first chunk that these adapters can do; None when there is none.

        Runs of high priority come first, then the oldest: so all workers finish one night before
        they begin another, and a model is loaded once for all its nights.
        """
        free = (
            RunChunk.objects.filter(RunChunk.waiting() | RunChunk.abandoned(), attempt__lt=ATTEMPTS)
            .filter(run__state__in=PreScoreRun.LIVE, run__bundle__adapter__in=adapters)
            .exclude(run__wait_until__gt=timezone.now())
            .order_by("-run__priority", "run__created_at", "run_id", "first")
            .values_list("pk", flat=True)
        )
        # Another worker may be quicker with the first ones.
        return next(filter(None, map(self.claim, free[:_TRIED])), None)

    def sweep(self) -> None:
        super().sweep()
        finish_stranded()

    def unsent(self) -> list[int]:
        """Return the waiting chunks of live runs that no message speaks for.

        A chunk that was never sent, or was freed, is one at once. A chunk that was sent counts as
        lost only when the queue is empty: in a full queue its message may still be waiting.
        """
        now = timezone.now()
        waiting = RunChunk.objects.filter(RunChunk.waiting(), run__state__in=PreScoreRun.LIVE)
        unsent = Q(enqueued_at__isnull=True)
        if gpu_queue_is_empty():
            lost = Q(enqueued_at__lt=now - timedelta(seconds=MESSAGE_LOST_AFTER_S))
            # Later than now: the clock was set back meanwhile.
            unsent |= lost | Q(enqueued_at__gt=now)
        sendable = waiting.exclude(run__wait_until__gt=now).filter(unsent)
        return list(sendable.order_by("run_id", "first").values_list("pk", flat=True))

    def message(self, pk: int) -> Signature:
        return signature("inference.tasks.score_next")

    def note_sent(self, pks: Sequence[int]) -> None:
        RunChunk.objects.filter(pk__in=pks).update(enqueued_at=timezone.now())


def finish_stranded() -> None:
    """End live runs without an unsettled chunk: a worker died between its last two steps."""
    unsettled = RunChunk.objects.filter(state__in=[ChunkState.QUEUED, ChunkState.RUNNING])
    for run in PreScoreRun.objects.filter(state__in=PreScoreRun.LIVE).exclude(
        pk__in=unsettled.values("run_id")
    ):
        finish_if_complete(run=run)


# What a worker does with one chunk.


def score_next_chunk(*, adapters: Sequence[str]) -> bool:
    """Do the first waiting chunk that these adapters can do; False when there was none."""
    chunk = CHUNKS.claim_next(adapters=adapters)
    if chunk is not None:
        CHUNKS.attempt(chunk)
    return chunk is not None


def score_chunk(chunk: RunChunk) -> None:
    """Score what is left of a claimed chunk and settle it; put it back where it has to wait.

    Raises
    ------
    LeaseLostError
    """
    try:
        with kept_alive(chunk):
            _score(chunk)
            _settle(chunk)
    except RunPausedError:
        _put_back(chunk)
    except AdapterAwayError as away:
        _hold_off(chunk, str(away), ASK_AGAIN_AFTER_S)
    except OperationalError as error:
        # A full disk or a restarted database: no epoch is to blame, and no attempt is lost.
        logger.exception("chunk %s could not be stored", chunk.pk)
        if not connection.is_usable():
            connection.close()  # the next query opens another
        reason = f"the database did not store the replies: {describe(error)}"
        _hold_off(chunk, reason, DATABASE_BACK_AFTER_S)
    except BundleError as error:
        fail_run(run=chunk.run, error=str(error))


def _score(chunk: RunChunk) -> None:
    run = chunk.run
    epochs = epochs_left(chunk)
    if not epochs:
        return
    adapter = adapter_of(run.bundle)
    _record_origin(run, adapter)
    recording = run.recording
    with closing(recording.signals_file.open("rb")) as file:
        night = NightToScore(f"{recording.pk}:{recording.sha256}", SignalStore.open(file.file))
        for group in _answers(adapter, night, epochs, last_attempt=chunk.attempt == ATTEMPTS):
            if not store_replies(chunk=chunk, raw_replies=group).is_live:
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
def _settle(chunk: RunChunk) -> None:
    run = hold(chunk)
    chunk.settle(state=ChunkState.DONE)
    finish_if_complete(run=run)


@transaction.atomic
def _put_back(chunk: RunChunk) -> PreScoreRun:
    """Put a chunk back without counting the attempt: its epochs are not to blame."""
    run = hold(chunk)
    chunk.settle(state=ChunkState.QUEUED, attempt=chunk.attempt - 1)
    return run


def _hold_off(chunk: RunChunk, reason: str, again_after_s: float) -> None:
    """Put a chunk back, and let its run wait a while; end a run that has waited for too long."""
    with transaction.atomic():
        run = _put_back(chunk)
        run.away_since = run.away_since or timezone.now()
        run.wait_until = timezone.now() + timedelta(seconds=again_after_s)
        run.error = reason
        run.save(update_fields=["away_since", "wait_until", "error"])
    logger.warning("run %s waits: %s", run.pk, reason)
    if (timezone.now() - run.away_since).total_seconds() > GIVE_UP_AFTER_S:
        minutes = round(GIVE_UP_AFTER_S / 60)
        fail_run(run=run, error=f"{reason}, for {minutes} minutes by now.")


@transaction.atomic
def _give_up(chunk: RunChunk, error: str) -> None:
    """Settle the rest of a chunk as failed: one bad chunk must not stop the night."""
    run = hold(chunk)
    chunk.settle(state=ChunkState.FAILED, error=error)
    error = f"Given up after {ATTEMPTS} attempts. {error}"
    settle_unanswered(run=run, chunk=chunk, error=error)
    finish_if_complete(run=run)


CHUNKS = ChunkKind(
    RunChunk, work=score_chunk, give_up=_give_up, related=("run__bundle", "run__recording")
)
