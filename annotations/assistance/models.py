"""The server's record of suggestions: which were sent, and which answers were locked before."""

from django.db import models
from django.utils import timezone

from annotations.scoring.models import EpochRevision, Scoring


class RevealLock(models.Model):
    """The lock of an epoch's first answer, after which the suggestion may be shown.

    The revision is the unaided answer; later revisions were made with the suggestion in view.
    """

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="locks")
    epoch = models.PositiveIntegerField()
    revision = models.OneToOneField(EpochRevision, on_delete=models.PROTECT, related_name="lock")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["scoring", "epoch"]
        constraints = [
            models.UniqueConstraint(fields=["scoring", "epoch"], name="one_lock_an_epoch"),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch} locked"


class SentSuggestion(models.Model):
    """A suggestion for an epoch that was sent: its version, and when it was first sent."""

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="sent_suggestions")
    epoch = models.PositiveIntegerField()
    source = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="Of the source's epoch")
    stage = models.CharField(max_length=2, null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["scoring", "epoch", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scoring", "epoch", "version"], name="one_record_of_what_was_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch}: {self.stage or 'unscored'} sent"

    def as_json(self) -> dict[str, object]:
        return {
            "source": self.source_id,
            "version": self.version,
            "stage": self.stage,
            "sent_at": self.at.isoformat(),
        }
