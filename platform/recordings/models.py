"""Subjects and their recordings, and the ingest that turns a file into a recording."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from jobs.models import MeasuredWork
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.montage import DERIVATIONS
from recordings.corrections.models import SignalCorrection
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.store_models import FileRemoval, StoreIdentity
from studies.models import Role, Study, User

__all__ = [
    "EpochCandidates",
    "FileRemoval",
    "Ingest",
    "IntakeFile",
    "IntakeNight",
    "IntakeQueue",
    "IntakeRule",
    "Recording",
    "RecordingLightsChange",
    "RecordingQuerySet",
    "SignalCorrection",
    "StageSource",
    "StoreIdentity",
    "Subject",
    "recording_ready",
]


class Subject(models.Model):
    """A person recorded, known by a code only."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="subjects")
    code = models.CharField(max_length=60)

    class Meta:
        ordering = ["study", "code"]
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="one_subject_a_code"),
        ]

    def __str__(self) -> str:
        return self.code


class RecordingQuerySet(models.QuerySet["Recording"]):
    def of(self, user: User, *roles: Role) -> "RecordingQuerySet":
        """Return the recordings of studies in which `user` has any of `roles`.

        Without `roles`, those that they may open. A rater gets all that a rating needs through
        the rating itself, and could find the epoch behind it in a list or in signals: who only
        rates opens no recording, and who also scores opens those that they score.
        """
        if roles:
            return self.filter(study__in=Study.objects.of(user, *roles))
        rated = Study.objects.of(user, Role.RATER).exclude(
            pk__in=Study.objects.of(user, Role.LEAD, Role.ADJUDICATOR, Role.VIEWER)
        )
        own = models.Q(study__in=Study.objects.of(user, Role.ANNOTATOR)) & models.Q(
            pk__in=self.model.objects.filter(scorings__scorer__user_id=user.pk).values("pk")
        )
        return self.filter(
            models.Q(study__in=Study.objects.of(user)) & ~models.Q(study__in=rated) | own
        )


class Recording(models.Model):
    """A recorded night. It may have stages without signals."""

    class State(models.TextChoices):
        INGESTING = "ingesting", "Importing"
        READY = "ready", "Ready"
        LABELS_ONLY = "labels_only", "No signals"
        FAILED = "failed", "Import failed"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="recordings")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="recordings")
    name = models.CharField(max_length=80, help_text="Unique in its study, never a file name")
    night = models.PositiveSmallIntegerField(null=True, help_text="Its number among the subject's")
    state = models.CharField(max_length=20, choices=State, default=State.INGESTING)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file as it came")
    start_clock_s = models.FloatField(null=True, help_text="Seconds after midnight of the start")
    duration_s = models.FloatField(null=True)
    epoch_count = models.PositiveIntegerField(default=0)
    epoch0_s = models.FloatField(default=0, help_text="Onset of epoch 0 from the start of the file")
    grid_frozen = models.BooleanField(default=False, help_text="True once an epoch is scored")
    lights_off_s = models.FloatField(
        null=True, help_text="As the file or a lead marks it, from the start of the file"
    )
    lights_on_s = models.FloatField(null=True, help_text="Likewise")
    is_simulated = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Made by the simulator; detectors are trusted more in such a night",
    )
    channels = models.JSONField(default=list, help_text="Channel table of the file")
    derivations = models.JSONField(
        default=dict, help_text="Derivation name to source labels, reference, backup or not"
    )
    notes = models.JSONField(default=list, help_text="Quality notes")
    warnings = models.JSONField(default=list)
    mains_hz = models.FloatField(null=True, help_text="As a person says; null: 50 Hz is assumed")
    intake = models.JSONField(
        default=dict,
        db_default={},
        help_text="What the file said, its doubts, and what was assumed and said",
    )
    stretches = models.JSONField(
        default=list,
        db_default=[],
        help_text="Keyed digests of when it ran; see overlaps.py",
    )
    signals_version = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="Increased by each correction of the signals"
    )
    signals_file = models.FileField(upload_to="signals", blank=True, max_length=200)
    raw_file = models.FileField(upload_to="raw", blank=True, max_length=200)
    spectrogram_file = models.FileField(upload_to="spectrograms", blank=True, max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["study", "name"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="one_recording_a_name"),
            models.UniqueConstraint(
                fields=["study", "sha256"],
                condition=~Q(sha256="") & ~Q(state="failed"),
                name="one_recording_a_file",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_signals(self) -> bool:
        return self.state == self.State.READY

    @property
    def derivation_names(self) -> list[str]:
        """Available derivations in their fixed order (the JSON of the database has no order)."""
        return [name.value for name in DERIVATIONS if name.value in self.derivations]

    @property
    def stand_ins(self) -> dict[str, str]:
        """Labels of the channels that stand for a derivation without being it."""
        return {
            name: self.derivations[name]["label"]
            for name in self.derivation_names
            if any(
                self.derivations[name].get(key)
                for key in ("is_backup", "is_alternative", "is_mapped")
            )
        }

    @property
    def first_epoch_clock_s(self) -> float | None:
        """Clock of the first epoch, in seconds after midnight of the start."""
        return None if self.start_clock_s is None else self.start_clock_s + self.epoch0_s

    @property
    def last_epoch_clock_s(self) -> float | None:
        """Clock at which the last epoch ends."""
        if self.start_clock_s is None:
            return None
        return self.start_clock_s + self.grid.onset_s(self.epoch_count)

    @property
    def lights(self) -> Lights:
        """The lights marks of every scorer without own marks."""
        return Lights(self.lights_off_s, self.lights_on_s)

    @property
    def end_s(self) -> float:
        """Later end of recording and last epoch, in seconds from the start of the recording."""
        return max(self.duration_s or 0, self.grid.onset_s(self.epoch_count))

    @property
    def grid(self) -> EpochGrid:
        return EpochGrid(epoch0_s=self.epoch0_s, epoch_count=self.epoch_count)


class RecordingLightsChange(models.Model):
    """A change of the lights marks by a lead; `before` of the first change has the file's marks."""

    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="lights_changes"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["recording", "pk"]

    def __str__(self) -> str:
        return f"{self.recording}, lights: {self.after}"


STEP_WORDS = {
    "verify": "Checking the file",
    "de-identify": "Removing names, dates and free texts",
    "filter": "Filtering the derivations",
    "spectrogram": "Drawing the spectrogram",
    "raw view": "Keeping the unfiltered channels",
    "store": "Storing the night",
}


@dataclass(frozen=True)
class StageSource:
    """A stage file that came with a recording: its opaque name, scorer, and StageOptions."""

    path: str
    scorer: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class Ingest(MeasuredWork):
    """The import of an uploaded file as a recording."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KIND = "recordings.ingest.INGESTS"
    WAITING = State.WAITING
    RUNNING = State.RUNNING

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="ingest")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    incoming_path = models.CharField(max_length=300, help_text="Opaque name below INCOMING_ROOT")
    stages_path = models.CharField(max_length=300, blank=True, help_text="Stage file, likewise")
    stages_scorer = models.CharField(
        max_length=120, blank=True, help_text="Who scored the stage file"
    )
    stage_files = models.JSONField(
        default=list,
        db_default=[],
        help_text="Further stage files: path, scorer, options; see StageSource",
    )
    decisions = models.JSONField(
        default=dict,
        db_default={},
        help_text="What is said about the files, as `NightDecisions` writes it",
    )
    # Written by processes of an earlier version, in place of `decisions`.
    stage_codes = models.CharField(max_length=20, blank=True)
    epoch_start_s = models.FloatField(null=True)
    step = models.CharField(max_length=40, blank=True)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"ingest of {self.recording}: {self.state}"

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=settings.INGEST_LEASE_S)

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        return {"step": "verify", "done": 0, "total": 100}

    @property
    def stated(self) -> dict[str, Any]:
        """`decisions`, or what a process of an earlier version wrote while a site is restarted."""
        codes, start_s = self.stage_codes, self.epoch_start_s
        return self.decisions or {"epoch_start_s": start_s, "stages": {"codes": codes}}

    @property
    def stage_sources(self) -> list["StageSource"]:
        """The stage files that came with the recording."""
        options = self.stated.get("stages") or {}
        first = StageSource(self.stages_path, self.stages_scorer, options)
        return [*([first] if first.path else []), *(StageSource(**f) for f in self.stage_files)]

    @property
    def incoming_names(self) -> list[str]:
        """The opaque names of all its files below INCOMING_ROOT."""
        return [self.incoming_path, *(source.path for source in self.stage_sources)]

    @property
    def progress_label(self) -> str:
        return STEP_WORDS.get(self.step, "Waiting for a worker")


class EpochCandidates(models.Model):
    """Events that the detectors measured in an epoch; computed by the worker when first needed."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="candidates")
    epoch = models.PositiveIntegerField()
    detectors_version = models.PositiveSmallIntegerField()
    events = models.JSONField(default=list, help_text="As scorings keep evidence")

    class Meta:
        ordering = ["recording", "epoch"]
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "epoch", "detectors_version"],
                name="one_search_of_an_epoch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording}, epoch {self.epoch}: {len(self.events)} events"


# Sent inside the transaction that makes a recording ready. Arguments: `recording`, and
# `stage_files`: what the stage files that came along say on its epochs, as
# `psg.stagefiles.PlacedFile`, each table with the name of its scorer. The apps that receive it are
# not imported by recordings.
recording_ready = Signal()
