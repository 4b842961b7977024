"""The history of epochs and of lights. Rows are only added, never changed."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.scoring.models.scorings import Scoring


class EpochRevision(models.Model):
    """A change of an epoch score. Rows are only added, never changed."""

    class Why(models.TextChoices):
        EDIT = "edit", "Edit"
        UNDO = "undo", "Undo"
        REDO = "redo", "Redo"
        IMPORT = "import", "Import"
        MODEL = "model", "Model"
        CONSENSUS = "consensus", "Consensus"
        COPY = "copy", "Copied for review"
        REDACTED = "redacted", "Identifying words removed"

    # Two indexes below begin with the scoring; a third would only make saves slower.
    scoring = models.ForeignKey(
        Scoring, on_delete=models.PROTECT, related_name="revisions", db_index=False
    )
    epoch = models.PositiveIntegerField()
    version = models.PositiveIntegerField(help_text="That the epoch has after this change")
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why, default=Why.EDIT)
    before = models.JSONField(null=True, help_text="None where the epoch had no score")
    after = models.JSONField()
    shown = models.JSONField(default=dict, help_text="What was on screen, suggestions included")
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["scoring_id", "epoch", "version"]
        # The last revision of each scoring, which names the content of all its epochs.
        indexes = [models.Index(fields=["scoring", "-id"], name="last_revision_of_a_scoring")]
        constraints = [
            models.UniqueConstraint(
                fields=["scoring", "epoch", "version"], name="one_revision_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch}, version {self.version}"


class LightsRevision(models.Model):
    """A change of lights off or on by a scorer. The marks of the file are never changed.

    Rows are only added, never changed.
    """

    class Why(models.TextChoices):
        EDIT = "edit", "Edit"
        UNDO = "undo", "Undo"
        REDO = "redo", "Redo"
        IMPORT = "import", "Import"
        CONSENSUS = "consensus", "Consensus"
        COPY = "copy", "Copied for review"

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="lights_revisions")
    version = models.PositiveIntegerField(help_text="That the marks have after this change")
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why, default=Why.EDIT)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["scoring", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scoring", "version"], name="one_lights_revision_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, lights, version {self.version}"
