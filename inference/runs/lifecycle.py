"""Life of a run: start, pause, cancel, resume, retry failed epochs, finish."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.scoring.errors import NotOpenError
from annotations.scoring.scorings import close_scoring, create_scoring, reopen_scoring
from inference.adapters.table import chunk_epochs, draws_replies
from inference.models import ModelBundle, PreScoreRun, Reply, RunChunk
from inference.runs.notices import tell_end
from inference.runs.reading import can_be_run
from psg.errors import RefusedError
from recordings.models import Recording
from studies.models import Study, Track, User

State = PreScoreRun.State
ChunkState = RunChunk.State


class RunRefusedError(RefusedError):
    """The run cannot be started or changed as requested; the text has reason and advice."""

    status = 409


@transaction.atomic
def start_run(
    *,
    recording: Recording,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
    best_of: int = 0,
) -> PreScoreRun:
    """Create a run and its chunks. The caller sends the messages after commit."""
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    _refuse_unusable(recording, bundle)
    _refuse_several_replies(bundle, best_of)
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
        signals_version=recording.signals_version,
        total=recording.epoch_count,
        priority=priority,
        best_of=best_of,
        requested_by=requested_by,
    )
    size = chunk_epochs(bundle.adapter)
    RunChunk.objects.bulk_create(
        RunChunk(run=run, first=first, count=min(size, run.total - first))
        for first in range(0, run.total, size)
    )
    return run


def _refuse_unusable(recording: Recording, bundle: ModelBundle) -> None:
    if not recording.has_signals or not recording.epoch_count:
        raise RunRefusedError(f"{recording} has no signals, so it cannot be pre-scored.")
    if not can_be_run(bundle):
        raise RunRefusedError(
            f"No worker can run {bundle}. To set up a worker: {bundle.install_hint}."
        )
    if recording.runs.filter(bundle=bundle, state__in=PreScoreRun.UNFINISHED).exists():
        raise RunRefusedError(
            f"A run of {bundle} on {recording} already exists (running or paused)."
        )


def _refuse_several_replies(bundle: ModelBundle, best_of: int) -> None:
    if best_of > 1 and not draws_replies(bundle.adapter):
        raise RunRefusedError(
            f"{bundle} writes a single reply to each epoch.",
            advice="Leave the number of replies empty, or choose a SleepVLM model of a worker.",
        )


def _refuse_corrected(run: PreScoreRun) -> None:
    """Refuse to go on with a run on other signals than those that it began with."""
    if run.signals_version != run.recording.signals_version:
        raise RunRefusedError(
            "The signals of the recording were corrected after this run. Start a new run."
        )


def locked(run_id: int) -> PreScoreRun:
    """Lock and return the run. Lock a run always before its chunks, to avoid deadlocks."""
    return PreScoreRun.objects.select_for_update(of=("self",)).get(pk=run_id)


@transaction.atomic
def cancel_run(*, run: PreScoreRun) -> PreScoreRun:
    """Cancel a run. Stored replies remain; replies that arrive later are refused."""
    run = locked(run.pk)
    if not run.is_unfinished:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()} already.")
    run.chunks.filter(state=ChunkState.RUNNING).update(**_FREE)
    return _end(run, State.CANCELLED)


@transaction.atomic
def pause_run(*, run: PreScoreRun) -> PreScoreRun:
    """Pause a run: no new epochs are scored; replies that arrive later are still stored."""
    run = locked(run.pk)
    if not run.is_live:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()}.")
    run.chunks.update(enqueued_at=None)
    run.state = State.PAUSED
    run.save(update_fields=["state"])
    return run


@transaction.atomic
def set_priority(*, run: PreScoreRun, priority: int) -> PreScoreRun:
    """Change the priority of a run; it applies from the next chunk of each worker."""
    run = locked(run.pk)
    if not run.is_unfinished:
        raise RunRefusedError(f"The run is {run.get_state_display().lower()} already.")
    run.priority = PreScoreRun.Priority(priority)
    run.save(update_fields=["priority"])
    return run


@transaction.atomic
def fail_run(*, run: PreScoreRun, error: str) -> PreScoreRun:
    """Fail a run that cannot continue for any epoch, e.g. if its bundle does not load."""
    run = locked(run.pk)
    if not run.is_unfinished:
        return run
    run.chunks.filter(state=ChunkState.RUNNING).update(**_FREE)
    return _end(run, State.FAILED, error)


@transaction.atomic
def resume_run(*, run: PreScoreRun) -> PreScoreRun:
    """Continue a paused, cancelled or failed run with the epochs without a reply."""
    run = locked(run.pk)
    if not run.can_resume:
        raise RunRefusedError("Only a paused, cancelled or failed run can be resumed.")
    if run.state == State.PAUSED:
        run.state = State.RUNNING if run.started_at else State.QUEUED
        run.save(update_fields=["state"])
        return run
    _refuse_unusable(run.recording, run.bundle)
    _refuse_corrected(run)
    run.chunks.exclude(state=ChunkState.DONE).update(**_FREE, attempt=0)
    return _requeue(run)


@transaction.atomic
def retry_failed(*, run: PreScoreRun) -> PreScoreRun:
    """Retry the epochs without a stage; their old replies are marked superseded, not deleted."""
    run = locked(run.pk)
    if not run.can_retry:
        raise RunRefusedError("This run has no failed epochs.")
    _refuse_unusable(run.recording, run.bundle)
    _refuse_corrected(run)
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
    """Finish a run whose chunks are all settled, and close its scoring."""
    run = locked(run.pk)
    if not run.is_unfinished or run.chunks.filter(state__in=_UNSETTLED).exists():
        return False
    close_scoring(scoring=run.scoring)
    _end(run, State.DONE)
    return True


_FREE = {"state": ChunkState.QUEUED, **RunChunk.FREE, "error": ""}
_UNSETTLED = (ChunkState.QUEUED, ChunkState.RUNNING)


def back_again(run: PreScoreRun) -> None:
    """Reset the waiting of a run whose server answers again. The row must be locked."""
    run.away_since = run.wait_until = None
    run.error = ""
    run.save(update_fields=["away_since", "wait_until", "error"])


def _end(run: PreScoreRun, state: State, error: str = "") -> PreScoreRun:
    back_again(run)
    run.state = state
    run.error = error
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "error", "finished_at"])
    if state != State.CANCELLED:
        tell_end(run)
    return run


def _requeue(run: PreScoreRun) -> PreScoreRun:
    try:
        reopen_scoring(scoring=run.scoring)
    except NotOpenError as locked_by_adjudication:
        # Raised inside the transaction of the caller, so the run is not changed.
        raise RunRefusedError(
            "The scoring of this run is locked by an adjudication."
            " Start a new run, or discard the adjudication first."
        ) from locked_by_adjudication
    run.state = State.QUEUED
    run.attempt = F("attempt") + 1
    run.error = ""
    run.finished_at = None
    run.save()
    run.refresh_from_db()
    return run


# Runs on all recordings of a study.


@dataclass
class StudyStart:
    """Started runs, and skipped recordings with the reason."""

    runs: list[PreScoreRun] = field(default_factory=list)
    left_out: list[tuple[Recording, str]] = field(default_factory=list)


@transaction.atomic
def start_study(
    *,
    study: Study,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
    best_of: int = 0,
) -> StudyStart:
    """Start a run on each recording whose signals are not yet pre-scored with the model.

    Raises
    ------
    RunRefusedError
        When there is no recording to pre-score; the text has the reasons.
    """
    nights = study.recordings.filter(state=Recording.State.READY).order_by("name")
    start = start_each(
        recordings=nights,
        bundle=bundle,
        requested_by=requested_by,
        priority=priority,
        best_of=best_of,
    )
    if not start.runs:
        reasons = " ".join(dict.fromkeys(reason for _, reason in start.left_out[:3]))
        raise RunRefusedError(f"{study} has no recording to pre-score. {reasons}".strip())
    return start


@transaction.atomic
def start_each(
    *,
    recordings: Iterable[Recording],
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
    best_of: int = 0,
) -> StudyStart:
    """Start a run on each of these recordings that is not yet pre-scored with the model."""
    start = StudyStart()
    for night in recordings:
        done = night.runs.filter(bundle=bundle, state=PreScoreRun.State.DONE)
        if done.filter(signals_version=night.signals_version).exists():
            start.left_out.append((night, f"{night} is already pre-scored with {bundle}."))
            continue
        try:
            run = start_run(
                recording=night,
                bundle=bundle,
                requested_by=requested_by,
                priority=priority,
                best_of=best_of,
            )
            start.runs.append(run)
        except RunRefusedError as refused:
            start.left_out.append((night, str(refused)))
    return start
