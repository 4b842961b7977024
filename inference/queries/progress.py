"""How far a run is, how fast it goes, and what stands in its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from inference.models import PreScoreRun, Reply
from inference.queries.workers import GpuWorkers

RATE_WINDOW_S = 120.0
_NO_WORKER = (
    "No pre-scoring worker is running. What is stored is safe; the run goes on by itself as soon "
    "as a worker is back. “make run” starts one."
)
_UNABLE = (
    "Of {total} running pre-scoring workers none can run this model. To have one: {hint}. What is "
    "stored is safe."
)


@dataclass(frozen=True)
class Progress:
    """A run as its page and the API tell it."""

    state: str
    state_label: str
    done: int
    total: int
    failed: int
    epochs_per_s: float | None
    left_s: float | None
    workers: int
    heartbeat: str
    message: str
    error: str

    @property
    def rate(self) -> str:
        return rate_words(self.epochs_per_s)

    @property
    def left(self) -> str:
        return "" if self.left_s is None else duration_words(self.left_s)


def progress_of(run: PreScoreRun, *, workers: GpuWorkers) -> Progress:
    rate = (
        rate_of(run.replies.all(), started_at=run.started_at)
        if run.state == PreScoreRun.State.RUNNING
        else None
    )
    return Progress(
        state=run.state,
        state_label=run.get_state_display(),
        done=run.done,
        total=run.total,
        failed=run.failed_count,
        epochs_per_s=rate,
        left_s=(run.total - run.done) / rate if rate else None,
        workers=workers.able[run.bundle.adapter],
        heartbeat=f"{timezone.localtime(run.heartbeat_at):%H:%M:%S}" if run.heartbeat_at else "",
        message=_message(run, workers),
        error=run.error,
    )


def rate_words(epochs_per_s: float | None) -> str:
    """Say a rate in the unit that leaves a figure before the point."""
    if epochs_per_s is None:
        return ""
    if epochs_per_s < 0.1:
        return f"{epochs_per_s * 60:.1f} epochs/min"
    return f"{epochs_per_s:.1f} epochs/s"


def duration_words(duration_s: float) -> str:
    """Say a duration the way a clock is read: 45 s, 2 min 40 s, 3 h 5 min."""
    whole = max(round(duration_s), 1)
    hours, minutes, seconds = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def rate_of(replies: QuerySet[Reply], *, started_at: datetime | None) -> float | None:
    """Epochs a second over the last two minutes; None before there is anything to go by."""
    if started_at is None:
        return None
    now = timezone.now()
    since = max(started_at, now - timedelta(seconds=RATE_WINDOW_S))
    fresh = replies.filter(created_at__gte=since).count()
    return fresh / max((now - since).total_seconds(), 0.001) if fresh else None


def _message(run: PreScoreRun, workers: GpuWorkers) -> str:
    if not run.is_live:
        return ""
    if not workers.total:
        return _NO_WORKER
    if not workers.can_run(run.bundle):
        return _UNABLE.format(total=workers.total, hint=run.bundle.install_hint)
    if run.is_waiting_for_server:
        reason = run.error[:1].upper() + run.error[1:]
        return f"{reason}. What is stored is safe; the run goes on by itself."
    if run.state == PreScoreRun.State.QUEUED:
        before = Q(priority=run.priority, created_at__lt=run.created_at)
        ahead = PreScoreRun.objects.filter(
            before | Q(priority__gt=run.priority), state__in=PreScoreRun.LIVE
        ).count()
        return f"{ahead} other run{'s are' if ahead > 1 else ' is'} ahead of it." if ahead else ""
    if run.done == 0:
        return "The worker is loading the model or reading the night."
    return ""
