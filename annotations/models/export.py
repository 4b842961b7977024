"""A file made in the worker for somebody to take away."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.leased import LeasedWork
from annotations.models.scorer import Scorer
from studies.models import Role, Study, User


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User) -> "ExportQuerySet":
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))


class Export(LeasedWork):
    """One export of a study: its progress, and the finished zip with its checksum."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    WAITING = State.WAITING
    RUNNING = State.RUNNING

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="exports")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    scorer = models.ForeignKey(Scorer, on_delete=models.PROTECT, related_name="+")
    include_open = models.BooleanField(
        default=False, help_text="Scorings that are not submitted yet as well"
    )
    file = models.FileField(upload_to="exports", blank=True, max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.study}"
