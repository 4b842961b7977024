"""Comments on epochs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.scoring.models.scorings import Scoring


class EpochComment(models.Model):
    """A comment on an epoch. Its text never changes; it is open until it is resolved."""

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="comments")
    epoch = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments"
    )
    text = models.TextField()
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["scoring", "epoch", "pk"]

    def __str__(self) -> str:
        return f"{self.author} on {self.scoring}, epoch {self.epoch}"
