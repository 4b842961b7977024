"""Who rates which item in what order, and the ratings."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotations.models.rating_study import RatingItem, RatingRater, RatingStudy
from annotations.models.scoring import STAGE_CHOICES
from studies.models import User

DIMENSIONS = ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence")


class RatingSlotQuerySet(models.QuerySet["RatingSlot"]):
    def of(self, user: User) -> "RatingSlotQuerySet":
        """Return the queue of `user`: their own slots of the studies they may rate now.

        The main round opens with the calibration round passed, or by the lead's leave.
        """
        open_studies = RatingStudy.objects.rated_by(user)
        mine = self.filter(rater_id=user.pk, item__rating_study__in=open_studies)
        let_in = RatingRater.objects.let_in().filter(
            rater_id=user.pk, rating_study=OuterRef("item__rating_study")
        )
        first_round = RatingSlot.objects.calibration().filter(
            rater_id=user.pk, item__rating_study=OuterRef("item__rating_study")
        )
        is_first = Q(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)
        return mine.filter(is_first | Exists(let_in) | ~Exists(first_round))

    def calibration(self) -> "RatingSlotQuerySet":
        """Return the calibration rounds; gold items that come again are none of them."""
        return self.filter(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)


class RatingSlot(models.Model):
    """One item in one rater's queue, under a code that says nothing."""

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


def score_field(help_text: str) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(null=True, blank=True, help_text=help_text)


class Rating(models.Model):
    """Three scores of 1 to 5, or "cannot judge"."""

    slot = models.OneToOneField(RatingSlot, on_delete=models.PROTECT, related_name="rating")
    factual_accuracy = score_field("1 to 5")
    evidence_comprehensiveness = score_field("1 to 5")
    logical_coherence = score_field("1 to 5")
    cannot_judge = models.BooleanField(default=False)
    comment = models.TextField(blank=True)
    complete = models.BooleanField(default=False, help_text="Only complete ratings count")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}),
                name=f"{name}_from_1_to_5",
            )
            for name in DIMENSIONS
        ]

    def __str__(self) -> str:
        return f"rating of {self.slot}"


class RatingRevision(models.Model):
    """One save of one rating. Rows are only ever added."""

    slot = models.ForeignKey(RatingSlot, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    after = models.JSONField()
    shown = models.JSONField(default=dict, help_text="What of the signal was on screen, and how")
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["slot", "version"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "version"], name="one_rating_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, version {self.version}"
