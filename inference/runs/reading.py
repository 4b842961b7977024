"""Progress of runs and of a study, and the workers that can do them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Func, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from redis import RedisError

from inference.adapters import ADAPTERS, Grounding
from inference.models import ModelBundle, PreScoreRun, Reply
from jobs.workers import connect, live_workers

GPU_QUEUE = "gpu"


@dataclass(frozen=True)
class GpuWorkers:
    """Current pre-scoring workers: their number, in all and by adapter."""

    total: int
    able: Counter[str]

    def can_run(self, bundle: ModelBundle) -> bool:
        """Return False if no live worker can run the bundle. Without workers a run may wait."""
        return bundle.adapter in ADAPTERS and (not self.total or self.able[bundle.adapter] > 0)


def gpu_workers() -> GpuWorkers:
    """Return the live workers of the pre-scoring queue."""
    beats = live_workers(GPU_QUEUE)
    return GpuWorkers(len(beats), Counter(name for beat in beats for name in beat.abilities))


def can_be_run(bundle: ModelBundle) -> bool:
    return gpu_workers().can_run(bundle)


def gpu_queue_is_empty() -> bool:
    """Return whether no message waits for a worker; False if the broker does not answer."""
    try:
        return connect().llen(GPU_QUEUE) == 0
    except RedisError:
        return False


# Progress of a run.


RATE_WINDOW_S = 120.0
_NO_WORKER = (
    "No pre-scoring worker is running. Stored epochs are safe; the run continues when a worker "
    "starts. Start a worker with “make run”."
)
_UNABLE = (
    "Running pre-scoring workers: {total}. None can run this model. To set up a worker: {hint}. "
    "Stored epochs are safe."
)


@dataclass(frozen=True)
class Progress:
    """Progress of a run for its page and the API."""

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
    """Return a rate as text, in epochs per second or, if slower than 0.1/s, per minute."""
    if epochs_per_s is None:
        return ""
    if epochs_per_s < 0.1:
        return f"{epochs_per_s * 60:.1f} epochs/min"
    return f"{epochs_per_s:.1f} epochs/s"


def duration_words(duration_s: float) -> str:
    """Return a duration as text: 45 s, 2 min 40 s, 3 h 5 min."""
    whole = max(round(duration_s), 1)
    hours, minutes, seconds = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def rate_of(replies: QuerySet[Reply], *, started_at: datetime | None) -> float | None:
    """Epochs per second over the last two minutes; None before the first reply."""
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
        return f"{reason}. Stored epochs are safe; the run continues automatically."
    if run.state == PreScoreRun.State.QUEUED:
        before = Q(priority=run.priority, created_at__lt=run.created_at)
        ahead = PreScoreRun.objects.filter(
            before | Q(priority__gt=run.priority), state__in=PreScoreRun.LIVE
        ).count()
        return f"{ahead} other run{'s are' if ahead > 1 else ' is'} ahead of it." if ahead else ""
    if run.done == 0:
        return "The worker is loading the model or the recording."
    return ""


# What measurements bear out of the replies of a run.


@dataclass(frozen=True)
class RunGrounding:
    """Replies of a run by how far they were compared with measurements, and the notes on them."""

    bound: int
    flagged: int
    statements: int
    """Contradicted statements, over all replies."""
    notes: tuple[tuple[str, int], ...]
    """Why replies are not bound or not compared, the commonest reason first."""

    @property
    def is_any(self) -> bool:
        return bool(self.bound or self.flagged or self.notes)


MOST_NOTES = 5


def grounding_of(run: PreScoreRun) -> RunGrounding:
    """Count the present replies of a run by their grounding."""
    replies = run.replies.filter(superseded=False).order_by()
    counts = dict(replies.values_list("grounding").annotate(Count("pk")))
    notes = replies.exclude(grounding_note="").values_list("grounding_note")
    listed = notes.annotate(times=Count("pk")).order_by("-times", "grounding_note")
    lengths = Func("contradicted", function="jsonb_array_length", output_field=IntegerField())
    statements = Coalesce(Sum(lengths), 0)
    return RunGrounding(
        bound=counts.get(Grounding.BOUND, 0),
        flagged=counts.get(Grounding.FLAGGED, 0),
        statements=replies.aggregate(all=statements)["all"],
        notes=tuple(listed[:MOST_NOTES]),
    )


# Progress of a study.


@dataclass(frozen=True)
class StudyProgress:
    """Sums over the unfinished runs of a study."""

    runs: int
    paused: int
    done: int
    total: int
    epochs_per_s: float | None

    @property
    def left_s(self) -> float | None:
        return (self.total - self.done) / self.epochs_per_s if self.epochs_per_s else None

    @property
    def rate(self) -> str:
        return rate_words(self.epochs_per_s)

    @property
    def left(self) -> str:
        return "" if self.left_s is None else duration_words(self.left_s)

    @property
    def label(self) -> str:
        nights = f"{self.runs} night{'s' if self.runs > 1 else ''} to go"
        return f"{nights}, {self.paused} paused" if self.paused else nights


def study_progress(runs: QuerySet[PreScoreRun]) -> StudyProgress:
    """Sum up the unfinished runs among `runs`."""
    unfinished = runs.filter(state__in=PreScoreRun.UNFINISHED).order_by()
    running = unfinished.filter(state=PreScoreRun.State.RUNNING)
    sums = unfinished.aggregate(done=Sum("done", default=0), total=Sum("total", default=0))
    replies = Reply.objects.filter(run__in=running.values("pk"))
    started = running.aggregate(first=Min("started_at"))["first"]
    return StudyProgress(
        runs=unfinished.count(),
        paused=unfinished.filter(state=PreScoreRun.State.PAUSED).count(),
        epochs_per_s=rate_of(replies, started_at=started),
        **sums,
    )
