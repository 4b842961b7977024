"""Scores: of raters with their history, and of the reference."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.rating.models.items import RatingItem
from annotations.rating.models.queues import RatingSlot
from annotations.rating.words import DIMENSION_WORDS

DIMENSIONS = tuple(DIMENSION_WORDS)


class DimensionScores(models.Model):
    """A column for the score of each dimension, 1 to 5; null where no score is given."""

    class Meta:
        abstract = True

    @property
    def scores(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in DIMENSIONS}


for _name in DIMENSIONS:
    DimensionScores.add_to_class(
        _name, models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5")
    )


class Rating(DimensionScores):
    """A score in each dimension, or "cannot judge"."""

    slot = models.OneToOneField(RatingSlot, on_delete=models.PROTECT, related_name="rating")
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
    """A saved version of a rating. Rows are added, but never changed."""

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


class RatingGold(DimensionScores):
    """The reference scores of an item; a dimension without a score does not count."""

    item = models.OneToOneField(RatingItem, on_delete=models.PROTECT, related_name="gold")
    feedback = models.TextField(help_text="Shown to a rater after they rated the item")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}),
                name=f"gold_{name}_from_1_to_5",
            )
            for name in DIMENSIONS
        ]

    def __str__(self) -> str:
        return f"gold of {self.item}"

    @property
    def given_scores(self) -> dict[str, int]:
        """The reference scores by dimension, without dimensions that have none."""
        return {name: score for name, score in self.scores.items() if score is not None}
