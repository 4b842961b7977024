"""The life of a run: started, cancelled, resumed, failed epochs tried again, finished."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.scoring.errors import NotOpenError
from annotations.scoring.scorings import close_scoring, create_scoring, reopen_scoring
from inference.models import ModelBundle, PreScoreRun, Reply, RunChunk
from inference.runs.reading import can_be_run
from psg.errors import RefusedError
from recordings.models import Recording
from studies.models import Study, Track, User

CHUNK_EPOCHS = 32
State = PreScoreRun.State
ChunkState = RunChunk.State


class RunRefusedError(RefusedError):
    """The run cannot be started or changed as asked; the text says why and what to do."""

    status = 409


@transaction.atomic
def start_run(
    *,
    recording: Recording,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
) -> PreScoreRun:
    """Make a run and its chunks; whoever calls sends the messages after commit."""
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    _refuse_unusable(recording, bundle)
    scoring = create_scoring(
        recording=recording,
        scorer=bundle.scorer,
        track=Track(bundle.track),
        assigned_by=requested_by,
    )
    run = PreScoreRun.objects.create(
        recording=recording,
        bundle=bundle,
        scoring=scoring,
        total=recording.epoch_count,
        priority=priority,
        requested_by=requested_by,
    )
    RunChunk.objects.bulk_create(
        RunChunk(run=run, first=first, count=min(CHUNK_EPOCHS, run.total - first))
        for first in range(0, run.total, CHUNK_EPOCHS)
    )
    return run


def _refuse_unusable(recording: Recording, bundle: ModelBundle) -> None:
    if not recording.has_signals or not recording.epoch_count:
        raise RunRefusedError(f"{recording} has no signals to look at.")
    if not can_be_run(bundle):
        raise RunRefusedError(
            f"No worker here can run {bundle}. To have one: {bundle.install_hint}."
        )
    if recording.runs.filter(bundle=bundle, state__in=PreScoreRun.UNFINISHED).exists():
        raise RunRefusedError(f"{bundle} is already at work on {recording}, or paused there.")


def locked(run_id: int) -> PreScoreRun:
    """Return the run, locked. Always the run before its chunks, so nobody waits in a circle."""
    return PreScoreRun.objects.select_for_update(of=("self",)).get(pk=run_id)


@transaction.atomic
def cancel_run(*, run: PreScoreRun) -> PreScoreRun:
    """Stop a run. What is stored stays; work in flight is turned away when it comes in."""
    run = locked(run.pk)
    if not run.is_unfinished:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()} already.")
    run.chunks.filter(state=ChunkState.RUNNING).update(**_FREE)
    return _end(run, State.CANCELLED)


@transaction.atomic
def pause_run(*, run: PreScoreRun) -> PreScoreRun:
    """Take no new epochs of a run; those on their way are stored when they come in."""
    run = locked(run.pk)
    if not run.is_live:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()}.")
    run.chunks.update(enqueued_at=None)
    run.state = State.PAUSED
    run.save(update_fields=["state"])
    return run


@transaction.atomic
def set_priority(*, run: PreScoreRun, priority: int) -> PreScoreRun:
    """Move a run before or behind others; workers look at it with their next chunk."""
    run = locked(run.pk)
    if not run.is_unfinished:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()} already.")
    run.priority = PreScoreRun.Priority(priority)
    run.save(update_fields=["priority"])
    return run


@transaction.atomic
def fail_run(*, run: PreScoreRun, error: str) -> PreScoreRun:
    """Stop a run that cannot go on for any epoch, such as a bundle that does not load."""
    run = locked(run.pk)
    if not run.is_unfinished:
        return run
    run.chunks.filter(state=ChunkState.RUNNING).update(**_FREE)
    return _end(run, State.FAILED, error)


@transaction.atomic
def resume_run(*, run: PreScoreRun) -> PreScoreRun:
    """Go on with a paused, cancelled or failed run from the last stored epoch."""
    run = locked(run.pk)
    if not run.can_resume:
        raise RunRefusedError("Only a paused, cancelled or failed run can be resumed.")
    if run.state == State.PAUSED:
        run.state = State.RUNNING if run.started_at else State.QUEUED
        run.save(update_fields=["state"])
        return run
    _refuse_unusable(run.recording, run.bundle)
    run.chunks.exclude(state=ChunkState.DONE).update(**_FREE, attempt=0)
    return _requeue(run)


@transaction.atomic
def retry_failed(*, run: PreScoreRun) -> PreScoreRun:
    """Ask again for the epochs without a stage; their old replies are set aside, not deleted."""
    run = locked(run.pk)
    if not run.can_retry:
        raise RunRefusedError("There is no failed epoch to try again.")
    _refuse_unusable(run.recording, run.bundle)
    failed = Reply.objects.filter(run=run, superseded=False).exclude(fault="")
    epochs = set(failed.values_list("epoch", flat=True))
    failed.update(superseded=True)
    touched = [c.pk for c in run.chunks.all() if epochs.intersection(c.epochs)]
    run.chunks.filter(pk__in=touched).update(**_FREE, attempt=0)
    run.done = F("done") - len(epochs)
    run.failed_count = 0
    return _requeue(run)


@transaction.atomic
def finish_if_complete(*, run: PreScoreRun) -> bool:
    """End a run whose chunks are all settled, and close its scoring."""
    run = locked(run.pk)
    if not run.is_unfinished or run.chunks.filter(state__in=_UNSETTLED).exists():
        return False
    close_scoring(scoring=run.scoring)
    _end(run, State.DONE)
    return True


_FREE = {"state": ChunkState.QUEUED, **RunChunk.FREE, "error": ""}
_UNSETTLED = (ChunkState.QUEUED, ChunkState.RUNNING)


def back_again(run: PreScoreRun) -> None:
    """Forget that the run's server was away. The row must be locked."""
    run.away_since = run.wait_until = None
    run.error = ""
    run.save(update_fields=["away_since", "wait_until", "error"])


def _end(run: PreScoreRun, state: State, error: str = "") -> PreScoreRun:
    back_again(run)
    run.state = state
    run.error = error
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "error", "finished_at"])
    return run


def _requeue(run: PreScoreRun) -> PreScoreRun:
    try:
        reopen_scoring(scoring=run.scoring)
    except NotOpenError as locked_by_adjudication:
        # Raised through the transaction of the caller: the run stays as it was.
        raise RunRefusedError(
            "The scoring of this run is part of an adjudication, so nothing is added to it."
            " Start a new run, or have the adjudication discarded first."
        ) from locked_by_adjudication
    run.state = State.QUEUED
    run.attempt = F("attempt") + 1
    run.error = ""
    run.finished_at = None
    run.save()
    run.refresh_from_db()
    return run


# One model over all nights of a study.


@dataclass
class StudyStart:
    """The runs that were started, and why other nights were left out."""

    runs: list[PreScoreRun] = field(default_factory=list)
    left_out: list[tuple[Recording, str]] = field(default_factory=list)


@transaction.atomic
def start_study(
    *,
    study: Study,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
) -> StudyStart:
    """Start a run on every night with signals that the model has not read yet.

    Raises
    ------
    RunRefusedError
        When no night is left to read; the text says why.
    """
    start = StudyStart()
    for night in study.recordings.filter(state=Recording.State.READY).order_by("name"):
        if night.runs.filter(bundle=bundle, state=PreScoreRun.State.DONE).exists():
            start.left_out.append((night, f"{bundle} has read {night} already."))
            continue
        try:
            run = start_run(
                recording=night, bundle=bundle, requested_by=requested_by, priority=priority
            )
            start.runs.append(run)
        except RunRefusedError as refused:
            start.left_out.append((night, str(refused)))
    if not start.runs:
        reasons = " ".join(dict.fromkeys(reason for _, reason in start.left_out[:3]))
        raise RunRefusedError(f"No night of {study} is left to read. {reasons}".strip())
    return start
