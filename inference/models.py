"""Model bundles with checks and promotions; pre-scoring runs with chunks and replies."""

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import OVERSEERS, visible_scorings
from inference.adapters import Grounding, install_hint, is_stage_only
from inference.adapters.table import FROM_FILES
from jobs.models import LeasedWork
from recordings.models import Recording
from studies.models import Study, Track, User

GROUNDINGS = [
    (Grounding.FREE, "Free"),
    (Grounding.FLAGGED, "Contradicted by measurements"),
    (Grounding.BOUND, "Bound to measurements"),
]


class ModelBundle(models.Model):
    """A registered model. It cannot change: a new prompt or new weights make a new bundle."""

    name = models.CharField(max_length=63)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    adapter = models.CharField(max_length=40)
    track = models.CharField(max_length=10, choices=Track)
    licence = models.CharField(max_length=120)
    folder = models.CharField(max_length=500, help_text="Where the workers find it")
    renderer_version = models.CharField(
        max_length=60, blank=True, help_text="Of the images the model was trained on"
    )
    bundle_sha256 = models.CharField(max_length=64, help_text="Of bundle.toml")
    prompt_sha256 = models.CharField(max_length=64)
    weights_sha256 = models.CharField(max_length=64, blank=True)
    measured = models.JSONField(default=list, blank=True, help_text="Results its maker reports")
    learning = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Curves of its training, by name"
    )
    scorer = models.OneToOneField(Scorer, on_delete=models.PROTECT, related_name="bundle")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_bundle_a_version"),
        ]

    def __str__(self) -> str:
        return self.scorer.label

    @property
    def path(self) -> Path:
        return Path(self.folder)

    @property
    def is_stage_only(self) -> bool:
        return is_stage_only(self.adapter)

    @property
    def is_imported(self) -> bool:
        """Whether its predictions come from files: it cannot be run here."""
        return self.adapter == FROM_FILES

    @property
    def install_hint(self) -> str:
        return install_hint(self.adapter)


class BundleCheck(LeasedWork):
    """A trial of a bundle by a worker that can run it, and its result."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    KIND = "inference.registry.trials.CHECKS"
    WAITING = State.QUEUED
    RUNNING = State.RUNNING
    LIVE = (State.QUEUED, State.RUNNING)

    bundle = models.ForeignKey(ModelBundle, on_delete=models.CASCADE, related_name="checks")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    report = models.JSONField(default=dict, help_text="Lines, and the three replies")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    # As in other work under a lease; processes of an earlier version add rows without them.
    attempt = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.TextField(blank=True, db_default="")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Check of {self.bundle}"

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=settings.PRESCORE_LEASE_S)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class ModelAddition(LeasedWork):
    """A folder that an owner of the site adds as a model; a worker registers and tries it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Being read"
        DONE = "done", "Added"
        FAILED = "failed", "Failed"

    KIND = "inference.registry.folders.ADDITIONS"
    WAITING = State.QUEUED
    RUNNING = State.RUNNING
    LIVE = (State.QUEUED, State.RUNNING)

    folder = models.CharField(max_length=120, help_text="Its name in the folder of models")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    bundle = models.ForeignKey(ModelBundle, null=True, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["folder"],
                condition=Q(state__in=["queued", "running"]),
                name="one_addition_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Addition of {self.folder}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class Promotion(models.Model):
    """Decision of a lead about a model in a study, with a reason. Rows are never changed."""

    class Decision(models.TextChoices):
        PROMOTED = "promoted", "Set as default model"
        DECLINED = "declined", "Not set as default model"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="promotions")
    bundle = models.ForeignKey(ModelBundle, on_delete=models.PROTECT, related_name="promotions")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.bundle}: {self.get_decision_display().lower()}"


# Pre-scoring runs and their chunks. The database holds the state; messages only wake a worker.


class PreScoreRunQuerySet(models.QuerySet["PreScoreRun"]):
    def of(self, user: User) -> "PreScoreRunQuerySet":
        """Return the runs `user` may see: those of studies they oversee.

        Runs of a recording that they still score blind are hidden: a run shows stages of a model.
        """
        overseen = Study.objects.of(user, *OVERSEERS)
        return self.filter(
            recording__study__in=overseen, scoring__in=visible_scorings(user).values("pk")
        )


class PreScoreRun(models.Model):
    """Pre-scoring of a recording with a bundle, epoch by epoch, into a scoring."""

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
    best_of = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Replies to each epoch, of which one is kept; 0: as the bundle sets",
    )
    signals_version = models.PositiveSmallIntegerField(
        default=1,
        db_default=1,
        help_text="Of the recording, which a correction of its signals increases",
    )
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


class RunChunk(LeasedWork):
    """Some consecutive epochs of a run, scored by the worker that holds the lease."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KIND = "inference.runs.work.CHUNKS"
    WAITING = State.QUEUED
    RUNNING = State.RUNNING
    FREE = {**LeasedWork.FREE, "enqueued_at": None}

    run = models.ForeignKey(PreScoreRun, on_delete=models.CASCADE, related_name="chunks")
    first = models.PositiveIntegerField()
    count = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    worker = models.CharField(max_length=120, blank=True, help_text="Who took it last")
    enqueued_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "first"]
        indexes = [models.Index(fields=["state", "lease_expires_at"])]
        constraints = [
            models.UniqueConstraint(fields=["run", "first"], name="one_chunk_a_start"),
        ]

    def __str__(self) -> str:
        return f"{self.run}, epochs {self.first} to {self.first + self.count - 1}"

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=settings.PRESCORE_LEASE_S)

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        return {"worker": f"{socket.gethostname()}:{os.getpid()}"[:120]}

    def renew(self, **progress: Any) -> None:
        super().renew(**progress)
        PreScoreRun.objects.filter(pk=self.run_id).update(heartbeat_at=timezone.now())

    @property
    def epochs(self) -> range:
        return range(self.first, self.first + self.count)


class Reply(models.Model):
    """Unchanged reply of a model for an epoch. A retry marks it superseded and adds a new reply."""

    run = models.ForeignKey(PreScoreRun, on_delete=models.PROTECT, related_name="replies")
    epoch = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Of the run")
    text = models.TextField(blank=True, help_text="Word for word")
    fault = models.CharField(max_length=20, blank=True, help_text="Empty where a stage was read")
    fault_detail = models.TextField(blank=True)
    notes = ArrayField(models.TextField(), default=list, help_text="What was mended or left out")
    pixel_sha256 = ArrayField(
        models.CharField(max_length=64), default=list, help_text="Of the images, in their order"
    )
    edge = models.BooleanField(default=False, help_text="A missing neighbour was repeated")
    duration_s = models.FloatField(default=0)
    best_of = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="Replies to the epoch, of which this one was kept"
    )
    grounding = models.CharField(
        max_length=10, choices=GROUNDINGS, default=Grounding.FREE, db_default=Grounding.FREE
    )
    contradicted = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Statements that measurements contradict, in the words of the reply",
    )
    grounding_note = models.TextField(
        blank=True, default="", db_default="", help_text="Why it is not bound, or not compared"
    )
    superseded = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["run", "epoch"]
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "epoch"],
                condition=Q(superseded=False),
                name="one_standing_reply_an_epoch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, epoch {self.epoch}"
