"""Gold scores: what a calibration item deserves, and what raters are told about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.models.rating import DIMENSIONS, score_field
from annotations.models.rating_study import RatingItem


class RatingGold(models.Model):
    """The scores an item deserves; a dimension without one is not held against anybody."""

    item = models.OneToOneField(RatingItem, on_delete=models.PROTECT, related_name="gold")
    factual_accuracy = score_field("1 to 5")
    evidence_comprehensiveness = score_field("1 to 5")
    logical_coherence = score_field("1 to 5")
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
    def scores(self) -> dict[str, int]:
        """The gold scores by dimension, those that are set."""
        given = {name: getattr(self, name) for name in DIMENSIONS}
        return {name: score for name, score in given.items() if score is not None}
