"""How far the unfinished runs of a study are, taken together."""

from dataclasses import dataclass

from django.db.models import Min, QuerySet, Sum

from inference.models import PreScoreRun, Reply
from inference.queries.progress import duration_words, rate_of, rate_words


@dataclass(frozen=True)
class StudyProgress:
    """Counts over the runs that are not finished; zero runs when all is done."""

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
    """Sum up the unfinished ones of the runs a person may see."""
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
