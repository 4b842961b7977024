"""Adjudications of finished scorings: sides, history of decisions, rules applied, comments."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models import STAGE_CHOICES, Scoring
from recordings.models import Recording

SIDE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Adjudication(models.Model):
    """At least two finished scorings of a recording that are settled into a consensus scoring."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        FINISHED = "finished", "Finished"
        DISCARDED = "discarded", "Discarded"

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="adjudications")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    seed = models.PositiveIntegerField(help_text="Of the order of the sides")
    rule_edition = models.CharField(max_length=60)
    consensus = models.OneToOneField(
        Scoring, null=True, on_delete=models.PROTECT, related_name="adjudication"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, help_text="Or when it was discarded")
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    discard_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["recording", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "discarded"], consensus__isnull=True)
                | Q(state="finished", consensus__isnull=False),
                name="finished_adjudications_have_a_consensus",
            ),
        ]

    def __str__(self) -> str:
        return f"adjudication {self.pk} of {self.recording}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class AdjudicationSide(models.Model):
    """An original scoring, shown under the letter of its place."""

    adjudication = models.ForeignKey(Adjudication, on_delete=models.PROTECT, related_name="sides")
    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="adjudicated_as")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["adjudication", "place"]
        constraints = [
            models.UniqueConstraint(fields=["adjudication", "place"], name="one_side_a_place"),
            models.UniqueConstraint(fields=["adjudication", "scoring"], name="one_side_a_scoring"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} of {self.adjudication}"

    @property
    def letter(self) -> str:
        return SIDE_LETTERS[self.place]


class MajoritySettlement(models.Model):
    """The application of a rule that settled many epochs at once. Its decisions refer to it."""

    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.PROTECT, related_name="settlements"
    )
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    rule = models.JSONField(help_text="The definition, see `annotations.adjudication.majority`")
    epoch_count = models.PositiveIntegerField(help_text="How many epochs it settled")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["adjudication", "pk"]

    def __str__(self) -> str:
        return f"{self.epoch_count} epochs of {self.adjudication} by rule"


class AdjudicationDecision(models.Model):
    """A decision on an epoch. Rows are only added; the newest decision is valid."""

    class Choice(models.TextChoices):
        UNANIMOUS = "unanimous", "All sides agree"
        TAKE = "take", "Scoring accepted"
        WRITE = "write", "Own score"
        MAJORITY = "majority", "By rule"
        WITHDRAW = "withdraw", "Withdrawn"

    class Reason(models.TextChoices):
        RULE = "rule", "Rule misapplied"
        MISSED = "missed", "Event missed"
        FALSE_EVENT = "false_event", "Event not there"
        TIMING = "timing", "Wrong half or epoch"
        TRANSITION = "transition", "Larger part decides"
        ARTEFACT = "artefact", "Artefact, not signal"
        SLIP = "slip", "Typing error"
        JUDGEMENT = "judgement", "Either defensible"

    class Why(models.TextChoices):
        EDIT = "edit", "Edit"
        UNDO = "undo", "Undo"
        REDO = "redo", "Redo"

    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.PROTECT, related_name="decisions"
    )
    epoch = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why, default=Why.EDIT)
    choice = models.CharField(max_length=10, choices=Choice)
    side = models.ForeignKey(
        AdjudicationSide,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose rules, rationale and evidence were taken",
    )
    settlement = models.ForeignKey(
        MajoritySettlement,
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The rule that settled the epoch, or that was withdrawn with it",
    )
    stage = models.CharField(max_length=2, choices=STAGE_CHOICES, null=True)
    rules = ArrayField(models.CharField(max_length=12), default=list)
    rationale = models.TextField(blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    shown = models.JSONField(default=dict)
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["adjudication", "epoch", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["adjudication", "epoch", "version"], name="one_decision_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adjudication}, epoch {self.epoch}: {self.get_choice_display()}"

    @property
    def settles(self) -> bool:
        return self.choice != self.Choice.WITHDRAW


class AdjudicationComment(models.Model):
    """A comment of an adjudicator on an epoch. It never changes."""

    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.PROTECT, related_name="comments"
    )
    epoch = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["adjudication", "epoch", "pk"]

    def __str__(self) -> str:
        return f"{self.author} on {self.adjudication}, epoch {self.epoch}"
