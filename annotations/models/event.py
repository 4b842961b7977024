"""What happened to a scoring as a whole. Rows are only ever added."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.scoring import Scoring


class ScoringEvent(models.Model):
    """Opened again, asked for, moved, taken away: by whom, when and why."""

    class Kind(models.TextChoices):
        ASKED = "asked", "Asked to open it again"
        DECLINED = "declined", "Declined to open it again"
        REOPENED = "reopened", "Opened it again"
        RESCHEDULED = "rescheduled", "Changed the due date"
        WITHDRAWN = "withdrawn", "Took it away"
        GIVEN_BACK = "given_back", "Gave it back"
        REASSIGNED = "reassigned", "Gave the night to somebody else"
        UNLOCKED = "unlocked", "Discarded the adjudication it was locked for"

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    due = models.DateField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["scoring", "pk"]

    def __str__(self) -> str:
        return f"{self.scoring}: {self.get_kind_display()}"
