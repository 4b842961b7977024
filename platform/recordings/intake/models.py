"""The queue of files that come in together, the nights they make, and kept rules of a study."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from jobs.models import LeasedWork
from studies.models import Study, User


class IntakeQueue(models.Model):
    """Files that a lead brings in together. Nothing of them is kept before the import."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        DISCARDED = "discarded", "Discarded"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="intake_queues")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    pattern = models.CharField(
        max_length=200, blank=True, help_text="Of names of recording files; empty: by guessing"
    )
    stages_pattern = models.CharField(max_length=200, blank=True, help_text="Of stage files")
    decisions = models.JSONField(default=dict, help_text="For all its nights; NightDecisions")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now, help_text="Last change by a person")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"intake queue {self.pk} of {self.study}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class _OfQueue(LeasedWork):
    """Work on a row of a queue."""

    class Meta:
        abstract = True

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=settings.INGEST_LEASE_S)


class IntakeFile(_OfQueue):
    """A file of a queue. While it is received, its length on the disk is what has arrived.

    A worker hashes a complete file, looks at its content, and unpacks a zip of several files.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", "Uploading"
        WAITING = "waiting", "Waiting for a worker"
        READING = "reading", "Reading"
        READY = "ready", "Checked"
        REFUSED = "refused", "Refused"

    class Kind(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        RECORDING = "recording", "Recording"
        STAGES = "stages", "Stage file"
        PART = "part", "Part of a recording"

    KIND = "recordings.intake.reading_files.INTAKE_FILES"
    WAITING = State.WAITING
    RUNNING = State.READING

    queue = models.ForeignKey(IntakeQueue, on_delete=models.CASCADE, related_name="files")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVING)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.UNKNOWN)
    name = models.CharField(
        max_length=400,
        blank=True,
        help_text="As it came, with folders; the row is deleted when the queue is finished",
    )
    path = models.CharField(max_length=80, unique=True, help_text="Opaque, below INCOMING_ROOT")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    night = models.ForeignKey(
        "recordings.IntakeNight", null=True, on_delete=models.SET_NULL, related_name="files"
    )
    is_placed = models.BooleanField(default=False, help_text="Matched to its night by a person")
    scorer = models.CharField(max_length=120, blank=True)
    options = models.JSONField(default=dict, help_text="Of a stage file; StageOptions")
    facts = models.JSONField(default=dict, help_text="What a stage file says")
    doubts = models.JSONField(default=list, help_text="Of a stage file; Doubt")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["queue", "name", "pk"]

    def __str__(self) -> str:
        return f"file {self.pk} of {self.queue}"  # never the name: it is logged


class IntakeNight(_OfQueue):
    """A night of a queue: a recording file, its stage files, and what is decided about them."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        EXAMINING = "examining", "Examining"
        QUESTIONS = "questions", "Questions open"
        READY = "ready", "Ready to import"
        REFUSED = "refused", "Refused"
        IMPORTED = "imported", "Imported"

    KIND = "recordings.intake.examining.INTAKE_NIGHTS"
    WAITING = State.WAITING
    RUNNING = State.EXAMINING

    queue = models.ForeignKey(IntakeQueue, on_delete=models.CASCADE, related_name="nights")
    file = models.OneToOneField(
        IntakeFile, null=True, on_delete=models.SET_NULL, related_name="night_of"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    subject = models.CharField(max_length=60, blank=True, help_text="Empty: the next free code")
    number = models.PositiveSmallIntegerField(null=True, help_text="Of the night of a subject")
    name = models.CharField(max_length=80, blank=True, help_text="Empty: made of the subject")
    is_edited = models.BooleanField(
        default=False, help_text="Subject, number or name by a person; patterns leave it alone"
    )
    decisions = models.JSONField(default=dict, help_text="Of a person; NightDecisions")
    facts = models.JSONField(default=dict, help_text="What the recording file says")
    doubts = models.JSONField(default=list, help_text="Of the recording file; Doubt")
    recording = models.ForeignKey(
        "recordings.Recording", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["queue", "subject", "number", "pk"]

    def __str__(self) -> str:
        return f"night {self.pk} of {self.queue}"

    def hold(self) -> None:
        # In the order in which acts of people lock them: the queue first.
        list(IntakeQueue.objects.select_for_update().filter(pk=self.queue_id))
        super().hold()

    @property
    def stage_files(self) -> list[IntakeFile]:
        """Its stage files, by name."""
        return [file for file in self.files.all() if file.kind == IntakeFile.Kind.STAGES]


class IntakeRule(models.Model):
    """What was decided once about recordings or stage files, kept for the study."""

    class Kind(models.TextChoices):
        CHANNELS = "channels", "Channel map"
        PATTERN = "pattern", "File name pattern"
        STAGES = "stages", "Reading of stage files"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="intake_rules")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(
        max_length=64, blank=True, help_text="Digest of a set of labels, or a format of stage files"
    )
    about = models.JSONField(default=list, help_text="The labels or the format, for people")
    value = models.JSONField(help_text="Parts of NightDecisions, StageOptions, or patterns")
    set_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["study", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "kind", "key"], name="one_intake_rule_a_key"),
            models.CheckConstraint(condition=~Q(value=None), name="intake_rule_has_value"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.study}"
