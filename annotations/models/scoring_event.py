"""What happened to a scoring as a whole."""

from django.db import models

from annotations.models.event import Event
from annotations.models.scoring import Scoring


class ScoringEvent(Event):
    """Opened again, asked for, moved, taken away: by whom, when and why."""

    ABOUT = "scoring"

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
    due = models.DateField(null=True)

    class Meta:
        ordering = ["scoring", "pk"]
