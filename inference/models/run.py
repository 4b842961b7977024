"""Pre-score runs and their chunks. The rows are the truth; a message only says "look here"."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.scoring.models import OVERSEERS, Scoring
from inference.models.bundle import ModelBundle
from recordings.models import Recording
from studies.models import Study, User


class PreScoreRunQuerySet(models.QuerySet["PreScoreRun"]):
    def of(self, user: User) -> "PreScoreRunQuerySet":
        """Return the runs `user` may see: those of studies they oversee.

        Never those of a recording they still score blind: a run shows what a model said.
        """
        overseen = Study.objects.of(user, *OVERSEERS)
        return self.filter(
            recording__study__in=overseen, scoring__in=Scoring.objects.of(user).values("pk")
        )


class PreScoreRun(models.Model):
    """One bundle going over one recording, epoch by epoch, into one scoring."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"
        DONE = "done", "Done"

    class Priority(models.IntegerChoices):
        LOW = -1, "Low"
        NORMAL = 0, "Normal"
        HIGH = 1, "High"

    LIVE = (State.QUEUED, State.RUNNING)
    UNFINISHED = (*LIVE, State.PAUSED)

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="runs")
    bundle = models.ForeignKey(ModelBundle, on_delete=models.PROTECT, related_name="runs")
    scoring = models.OneToOneField(Scoring, on_delete=models.PROTECT, related_name="run")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0, help_text="Epochs with an answer, good or bad")
    failed_count = models.PositiveIntegerField(default=0, help_text="Of those, without a stage")
    attempt = models.PositiveSmallIntegerField(default=1)
    error = models.TextField(blank=True)
    renderer_version = models.CharField(
        max_length=60, blank=True, help_text="That drew this run's images; empty without images"
    )
    about = models.JSONField(
        default=dict, help_text="What the adapter found when it was loaded: device, or server"
    )
    heartbeat_at = models.DateTimeField(null=True)
    away_since = models.DateTimeField(null=True, help_text="Since when its server does not answer")
    wait_until = models.DateTimeField(null=True, help_text="No chunk of it is taken before")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = PreScoreRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "bundle"],
                condition=models.Q(state__in=["queued", "running", "paused"]),
                name="one_unfinished_run_a_bundle_and_recording",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bundle} on {self.recording}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_waiting_for_server(self) -> bool:
        return self.is_live and self.away_since is not None

    @property
    def can_resume(self) -> bool:
        return self.state in {self.State.PAUSED, self.State.CANCELLED, self.State.FAILED}

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def can_retry(self) -> bool:
        return self.state == self.State.DONE and self.failed_count > 0


class RunChunk(models.Model):
    """A few epochs in a row, worked on by whoever holds the lease."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(PreScoreRun, on_delete=models.CASCADE, related_name="chunks")
    first = models.PositiveIntegerField()
    count = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True, help_text="Who took it last")
    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "first"]
        indexes = [models.Index(fields=["state", "lease_expires_at"])]
        constraints = [
            models.UniqueConstraint(fields=["run", "first"], name="one_chunk_a_start"),
        ]

    def __str__(self) -> str:
        return f"{self.run}, epochs {self.first} to {self.first + self.count - 1}"

    @property
    def epochs(self) -> range:
        return range(self.first, self.first + self.count)
