"""Trying a bundle on three windows before a night is given to it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from inference.models.bundle import ModelBundle

FORGOTTEN_AFTER = timedelta(minutes=15)


class BundleCheck(models.Model):
    """One trial, done by a worker that can run the model, and what came of it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    LIVE = (State.QUEUED, State.RUNNING)

    bundle = models.ForeignKey(ModelBundle, on_delete=models.CASCADE, related_name="checks")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    report = models.JSONField(default=dict, help_text="Lines, and the three replies")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Check of {self.bundle}"

    @property
    def is_live(self) -> bool:
        """False also when its worker must have died in it: another may be asked for."""
        return self.state in self.LIVE and timezone.now() < self.created_at + FORGOTTEN_AFTER
