"""Work on the chunks of runs: claim, score, settle, or put back.

A chunk is put back, without counting the attempt, when the model server does not answer or the run
is paused. A run whose server does not answer waits, shows the reason, and fails after 30 minutes.
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
from jobs.kinds import JobKind, own_words
from jobs.models import ATTEMPTS, kept_alive
from psg.signalstore import SignalStore

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 20.0
GIVE_UP_AFTER_S = 30 * 60.0
DATABASE_BACK_AFTER_S = 5.0
MESSAGE_LOST_AFTER_S = 20.0
_TRIED = 32


class RunPausedError(Exception):
    """The run was paused during the work on a chunk."""


class ChunkKind(JobKind[RunChunk]):
    """Chunks of runs. Their messages name no chunk: a worker takes the first that it can do.

    So runs can be paused or reordered at any time.
    """

    def claim(self, pk: int) -> RunChunk | None:
        """Claim a chunk; None if it is claimed or settled, or if its run waits or has ended."""
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
        """Claim the first chunk that these adapters can do; None if there is none.

        Runs of high priority come first, then the oldest: all workers finish a recording before
        they begin the next, and a model is loaded once for all its recordings.
        """
        free = (
            RunChunk.objects.filter(RunChunk.waiting() | RunChunk.abandoned(), attempt__lt=ATTEMPTS)
            .filter(run__state__in=PreScoreRun.LIVE, run__bundle__adapter__in=adapters)
            .exclude(run__wait_until__gt=timezone.now())
            .order_by("-run__priority", "run__created_at", "run_id", "first")
            .values_list("pk", flat=True)
        )
        # Another worker may claim the first chunks earlier.
        return next(filter(None, map(self.claim, free[:_TRIED])), None)

    def sweep(self) -> None:
        super().sweep()
        finish_stranded()

    def unsent(self) -> list[int]:
        """Return the waiting chunks of live runs that have no message in the queue.

        These are chunks that were never sent or were freed. The message of a sent chunk counts as
        lost only if the queue is empty: in a full queue it may still be waiting.
        """
        now = timezone.now()
        waiting = RunChunk.objects.filter(RunChunk.waiting(), run__state__in=PreScoreRun.LIVE)
        unsent = Q(enqueued_at__isnull=True)
        if gpu_queue_is_empty():
            lost = Q(enqueued_at__lt=now - timedelta(seconds=MESSAGE_LOST_AFTER_S))
            # A time in the future: the clock was set back.
            unsent |= lost | Q(enqueued_at__gt=now)
        sendable = waiting.exclude(run__wait_until__gt=now).filter(unsent)
        return list(sendable.order_by("run_id", "first").values_list("pk", flat=True))

    def message(self, pk: int) -> Signature:
        return signature("inference.tasks.score_next")

    def note_sent(self, pks: Sequence[int]) -> None:
        RunChunk.objects.filter(pk__in=pks).update(enqueued_at=timezone.now())


def finish_stranded() -> None:
    """Finish live runs whose chunks are all settled: their worker stopped before the last step."""
    unsettled = RunChunk.objects.filter(state__in=[ChunkState.QUEUED, ChunkState.RUNNING])
    for run in PreScoreRun.objects.filter(state__in=PreScoreRun.LIVE).exclude(
        pk__in=unsettled.values("run_id")
    ):
        finish_if_complete(run=run)


# Work on a chunk.


def score_next_chunk(*, adapters: Sequence[str]) -> bool:
    """Do the first waiting chunk that these adapters can do; return False if there is none."""
    chunk = CHUNKS.claim_next(adapters=adapters)
    if chunk is not None:
        CHUNKS.attempt(chunk)
    return chunk is not None


def score_chunk(chunk: RunChunk) -> None:
    """Score the unanswered epochs of a claimed chunk and settle it, or put it back.

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
    except AdapterAwayError as error:
        _hold_off(chunk, str(error), RETRY_AFTER_S)
    except OperationalError as error:
        # A full disk or a restarted database: not a fault of the epochs, so no attempt is counted.
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
        # By the name of the file, for a corrected recording has another one.
        key = f"{recording.pk}:{recording.signals_file.name}"
        night = NightToScore(
            key, SignalStore.open(file.file), recording.is_simulated, best_of=run.best_of
        )
        for group in _answers(adapter, night, epochs, last_attempt=chunk.attempt == ATTEMPTS):
            if not store_replies(chunk=chunk, raw_replies=group).is_live:
                raise RunPausedError
            _record_origin(run, adapter)  # it may have changed, as when memory ran out


def _record_origin(run: PreScoreRun, adapter: Adapter) -> None:
    origin = {"renderer_version": adapter.renderer_version, "about": dict(adapter.about)}
    if any(getattr(run, name) != value for name, value in origin.items()):
        PreScoreRun.objects.filter(pk=run.pk).update(**origin)
        run.renderer_version, run.about = adapter.renderer_version, origin["about"]


def _answers(
    adapter: Adapter, night: NightToScore, epochs: list[int], *, last_attempt: bool
) -> Iterator[list[RawReply]]:
    """Request all epochs together; in the last attempt singly, so that a bad epoch fails alone."""
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
    """Describe an error in a single line for the page of the run."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]


@transaction.atomic
def _settle(chunk: RunChunk) -> None:
    run = hold(chunk)
    chunk.settle(state=ChunkState.DONE)
    finish_if_complete(run=run)


@transaction.atomic
def _put_back(chunk: RunChunk) -> PreScoreRun:
    """Put a chunk back without counting the attempt: the fault is not in its epochs."""
    run = hold(chunk)
    chunk.settle(state=ChunkState.QUEUED, attempt=chunk.attempt - 1)
    return run


def _hold_off(chunk: RunChunk, reason: str, again_after_s: float) -> None:
    """Put a chunk back and let its run wait; fail a run that has waited too long."""
    with transaction.atomic():
        run = _put_back(chunk)
        run.away_since = run.away_since or timezone.now()
        run.wait_until = timezone.now() + timedelta(seconds=again_after_s)
        run.error = reason
        run.save(update_fields=["away_since", "wait_until", "error"])
    logger.warning("run %s waits: %s", run.pk, reason)
    if (timezone.now() - run.away_since).total_seconds() > GIVE_UP_AFTER_S:
        minutes = round(GIVE_UP_AFTER_S / 60)
        fail_run(run=run, error=f"{reason}, for {minutes} minutes.")


@transaction.atomic
def _give_up(chunk: RunChunk, error: str) -> None:
    """Settle the rest of a chunk as failed: a bad chunk must not stop the recording."""
    run = hold(chunk)
    chunk.settle(state=ChunkState.FAILED, error=error)
    error = f"Given up after {ATTEMPTS} attempts. {error}"
    settle_unanswered(run=run, chunk=chunk, error=error)
    finish_if_complete(run=run)


CHUNKS = ChunkKind(
    RunChunk,
    work=score_chunk,
    give_up=_give_up,
    words_of=own_words,
    related=("run__bundle", "run__recording"),
)
