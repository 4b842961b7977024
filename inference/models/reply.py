"""Every reply as it came, read or not."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from inference.models.run import PreScoreRun


class Reply(models.Model):
    """One answer for one epoch. Kept for ever; a retry sets it aside and adds another."""

    run = models.ForeignKey(PreScoreRun, on_delete=models.PROTECT, related_name="replies")
    epoch = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Of the run")
    text = models.TextField(blank=True, help_text="Word for word")
    fault = models.CharField(max_length=20, blank=True, help_text="Empty where a stage was read")
    fault_detail = models.TextField(blank=True)
    notes = ArrayField(models.TextField(), default=list, help_text="What was mended or left out")
    pixel_sha256 = ArrayField(
        models.CharField(max_length=64), default=list, help_text="Of the images, in their order"
    )
    edge = models.BooleanField(default=False, help_text="A missing neighbour was repeated")
    duration_s = models.FloatField(default=0)
    superseded = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["run", "epoch"]
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "epoch"],
                condition=Q(superseded=False),
                name="one_standing_reply_an_epoch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, epoch {self.epoch}"
