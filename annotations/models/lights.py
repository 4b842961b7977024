"""What became of the lights marks of a scoring. Rows are only ever added."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.scoring import Scoring


class LightsRevision(models.Model):
    """One change of lights off or lights on by a scorer; the marks of the file stay as they are."""

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
