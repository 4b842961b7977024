"""What people say to one another about an epoch of a scoring."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.scoring import Scoring
from studies.models import User


class CommentQuerySet(models.QuerySet["EpochComment"]):
    def of(self, user: User) -> "CommentQuerySet":
        """Return the comments on scorings that `user` may open, and on no others."""
        return self.filter(scoring__in=Scoring.objects.of(user))


class EpochComment(models.Model):
    """One remark on one epoch. Its words never change; it is open until it is resolved."""

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

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["scoring", "epoch", "pk"]

    def __str__(self) -> str:
        return f"{self.author} on {self.scoring}, epoch {self.epoch}"
