"""What a scoring says of each epoch, and events of imported files."""

import math

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models.scorings import Scoring
from psg.stagefiles.facts import EventKind
from psg.stages import EPOCH_S, STAGES

STAGE_CHOICES = [(stage.value, stage.value) for stage in STAGES]


class Flag(models.TextChoices):
    ARTEFACT = "artefact", "Artefact"
    UNSURE = "unsure", "Unsure"


class EpochScore(models.Model):
    """The current stage, rules, rationale, evidence and flags of an epoch."""

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="scores")
    epoch = models.PositiveIntegerField(help_text="Index on the recording's grid, from 0")
    stage = models.CharField(max_length=2, choices=STAGE_CHOICES, null=True, blank=True)
    rules = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    rationale = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    source_text = models.CharField(
        max_length=80, blank=True, help_text="The stage in the words of the imported file"
    )
    probabilities = models.JSONField(
        null=True, blank=True, help_text="Stage to probability, from models that give them"
    )
    grounding = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text="Of a model's words: flagged, or bound to measurements; empty: written freely",
    )
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["scoring_id", "epoch"]  # by "scoring" each read would join three tables
        constraints = [
            models.UniqueConstraint(fields=["scoring", "epoch"], name="one_score_an_epoch"),
            models.CheckConstraint(
                condition=Q(stage__isnull=True) | Q(stage__in=[s.value for s in STAGES]),
                name="stage_is_one_of_five_or_unscored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch}: {self.stage or 'unscored'}"


class ScoredEvent(models.Model):
    """An event of an imported file that is no stage, such as an arousal.

    `name` and `channel` are known words, or empty: free text of a file may name a person.
    """

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="scored_events")
    onset_s = models.FloatField(help_text="From the start of the recording")
    duration_s = models.FloatField(help_text="0 for a point in time")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in EventKind])
    name = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["scoring_id", "onset_s", "pk"]

    def __str__(self) -> str:
        return f"{self.name or self.kind} at {self.onset_s:g} s"

    def epochs(self, epoch0_s: float) -> range:
        """Return the epochs that the event touches, on the grid that begins at `epoch0_s`."""
        start_s = self.onset_s - epoch0_s
        last = math.ceil((start_s + self.duration_s) / EPOCH_S) - 1
        first = math.floor(start_s / EPOCH_S)
        return range(first, max(first, last) + 1)
