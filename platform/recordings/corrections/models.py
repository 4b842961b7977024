"""Corrections of the signals of a recording after its import; finished ones are its history."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from jobs.models import MeasuredWork
from studies.models import User

# Sent when signals are to be replaced: when it is asked what rests on them, and again in the
# transaction that replaces them. Argument: `recording`. Receivers return what was made on the
# present signals, as kind and primary keys, or raise a refusal; they change nothing. Recordings
# does not import their apps.
signals_replacing = Signal()
# Sent in that transaction, after everything is written. Argument: `recording`.
signals_replaced = Signal()

STEP_WORDS = {
    "filter": "Filtering the derivations",
    "spectrogram": "Drawing the spectrogram",
    "raw view": "Changing the units of the unfiltered channels",
    "store": "Storing the signals",
}


class SignalCorrection(MeasuredWork):
    """A correction of channel map, units, mains or clock, done by a worker from the raw store."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KIND = "recordings.corrections.work.CORRECTIONS"
    WAITING = State.WAITING
    RUNNING = State.RUNNING
    BUSY = (State.WAITING, State.RUNNING)

    recording = models.ForeignKey(
        "recordings.Recording", on_delete=models.PROTECT, related_name="corrections"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.TextField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(help_text="As `NightDecisions` writes it, all of it")
    after = models.JSONField(help_text="Likewise")
    rests = models.JSONField(
        default=dict, help_text="What was made on the signals before: kind to primary keys"
    )
    version_before = models.PositiveSmallIntegerField()
    version_after = models.PositiveSmallIntegerField(null=True)
    sha256_before = models.CharField(max_length=64, blank=True, help_text="Of the scored store")
    sha256_after = models.CharField(max_length=64, blank=True)
    signals_file = models.FileField(
        upload_to="signals",
        blank=True,
        max_length=200,
        help_text="The store before; empty where nothing was made on it, or it did not change",
    )
    raw_file = models.FileField(
        upload_to="raw", blank=True, max_length=200, help_text="Likewise, where units changed"
    )
    step = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["recording", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recording"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_correction_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk} of {self.recording}: {self.state}"

    @property
    def folder_name(self) -> str:
        """Name below INCOMING_ROOT of the folders of its attempts."""
        return f"correction-{self.pk}"

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(seconds=settings.INGEST_LEASE_S)

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        return {"step": "filter", "done": 0, "total": 100}

    @property
    def progress_label(self) -> str:
        return STEP_WORDS.get(self.step, "Waiting for a worker")
