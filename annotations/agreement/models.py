"""Stored agreement of recordings for lists, and reports that a worker computes."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import MeasuredWork
from recordings.models import Recording
from studies.models import Study


class NightAgreement(models.Model):
    """How far the finished scorings of a recording agree, as a worker computed it.

    It holds for the content that `stamp` names (see `nights.stamps_of`), and is outdated when
    that has changed. It counts scorings of everybody, so only people to whom the recording is not
    closed may see it.
    """

    recording = models.OneToOneField(
        Recording, on_delete=models.CASCADE, related_name="night_agreement"
    )
    stamp = models.CharField(max_length=32, help_text="Digest of the scorings that are compared")
    scorers = models.PositiveSmallIntegerField(default=0)
    kappa = models.FloatField(null=True, help_text="Cohen's kappa, mean of pairs")
    kappa_low = models.FloatField(null=True, help_text="Lower end of the 95 % interval of kappa")
    kappa_high = models.FloatField(null=True, help_text="Upper end of the 95 % interval of kappa")
    disputed = models.PositiveIntegerField(
        null=True, help_text="Epochs to which the compared scorers gave different stages"
    )
    computed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"agreement of {self.recording}"

    @property
    def kappa_words(self) -> str:
        """Kappa, with its interval where there is one."""
        if self.kappa is None:
            return ""
        interval = f" ({self.kappa_low:.2f} to {self.kappa_high:.2f})" if self.has_interval else ""
        return f"{self.kappa:.2f}{interval}"

    @property
    def has_interval(self) -> bool:
        return self.kappa_low is not None


class AgreementWork(MeasuredWork):
    """The computation of a report about more recordings than a request can read.

    The result is not here but in the cache, under a key that only people come to who see the same
    scorings. The row holds nothing of a scoring.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Reading scorings"
        DONE = "done", "Computed"
        FAILED = "failed", "Not computed"

    KIND = "annotations.agreement.work.REPORTS"
    WAITING = State.WAITING
    RUNNING = State.RUNNING

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Whose scorings in view it is about",
    )
    key = models.CharField(max_length=100, unique=True, help_text="Of the result in the cache")
    choice = models.JSONField(help_text="Scorers, pair, and whether unfinished scorings count")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"computation {self.pk} of agreement of {self.study}"

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        return {**super().beginning(), "started_at": Now()}

    @property
    def progress_label(self) -> str:
        if self.state == self.RUNNING and self.done >= self.total > 0:
            return "Computing intervals"
        return super().progress_label

    @property
    def rate(self) -> str:
        """Recordings read per second, while they are read."""
        if self.started_at is None or not 0 < self.done < self.total:
            return ""
        took_s = (timezone.now() - self.started_at).total_seconds()
        return f"{self.done / max(took_s, 0.1):.1f} recordings/s"
