"""Stored agreement of recordings, for lists that are sorted and filtered by it."""

from django.db import models
from django.utils import timezone

from recordings.models import Recording


class NightAgreement(models.Model):
    """How far the finished scorings of a recording agree, as a worker computed it.

    It holds for the content that `stamp` names (see `nights.stamps_of`), and is outdated when
    that has changed. It counts scorings of everybody, so only people to whom the recording is not
    closed may see it.
    """

    recording = models.OneToOneField(
        Recording, on_delete=models.CASCADE, related_name="night_agreement"
    )
    stamp = models.CharField(max_length=32, help_text="Digest of the scorings that are compared")
    scorers = models.PositiveSmallIntegerField(default=0)
    kappa = models.FloatField(null=True, help_text="Cohen's kappa, mean of pairs")
    disputed = models.PositiveIntegerField(
        null=True, help_text="Epochs to which the compared scorers gave different stages"
    )
    computed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"agreement of {self.recording}"
