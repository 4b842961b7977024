"""Who rates which item in what order."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.rating.models.items import RatingItem
from annotations.rating.models.studies import RatingStudy
from annotations.scoring.models import STAGE_CHOICES


class RatingRaterQuerySet(models.QuerySet["RatingRater"]):
    def admitted(self) -> "RatingRaterQuerySet":
        """Return who may rate the main round although there is a calibration round."""
        return self.filter(Q(calibrated_at__isnull=False) | Q(released_at__isnull=False))


class RatingRater(models.Model):
    """A rater of a study, from the draft on."""

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="panel")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rates_in"
    )
    calibrated_at = models.DateTimeField(
        null=True, help_text="When the calibration round was passed; null until then"
    )
    released_at = models.DateTimeField(
        null=True, help_text="When the lead let the rater go on all the same"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    release_reason = models.TextField(blank=True)

    objects = RatingRaterQuerySet.as_manager()

    class Meta:
        ordering = ["rating_study", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rating_study", "rater"], name="one_seat_a_rater"),
        ]

    def __str__(self) -> str:
        return f"{self.rater} in {self.rating_study}"

    @property
    def may_go_on(self) -> bool:
        """Whether a calibration round does not hold the rater up any more."""
        return bool(self.calibrated_at or self.released_at)


class RatingSlotQuerySet(models.QuerySet["RatingSlot"]):
    def calibration(self) -> "RatingSlotQuerySet":
        """Return the calibration rounds; gold items that come again are none of them."""
        return self.filter(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)


class RatingSlot(models.Model):
    """An item in the queue of a rater, under a random code."""

    item = models.ForeignKey(RatingItem, on_delete=models.PROTECT, related_name="slots")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rating_slots"
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.PositiveIntegerField()
    repeat = models.PositiveSmallIntegerField(default=0)
    own_stage = models.CharField(
        max_length=2,
        choices=STAGE_CHOICES,
        null=True,
        help_text="What the rater saw before the rationale was shown",
    )
    own_staged_at = models.DateTimeField(null=True)
    gold_shown_at = models.DateTimeField(null=True, help_text="From then on the rating stands")

    objects = RatingSlotQuerySet.as_manager()

    class Meta:
        ordering = ["rater", "place"]
        constraints = [
            models.UniqueConstraint(fields=["item", "rater", "repeat"], name="one_slot_a_repeat"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def is_calibration(self) -> bool:
        """Whether the rater is shown the gold of it."""
        return self.repeat == 0 and self.item.phase == RatingItem.Phase.CALIBRATION

    @property
    def awaits_stage(self) -> bool:
        """Whether the rater's own stage comes first and is not kept yet."""
        return self.item.rating_study.own_stage_first and self.own_stage is None
