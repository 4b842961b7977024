"""Which model a study reads its nights with: decided by a lead, with a reason."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from inference.models.bundle import ModelBundle
from studies.models import Study


class Promotion(models.Model):
    """One decision about one model in one study. Rows are only ever added."""

    class Decision(models.TextChoices):
        PROMOTED = "promoted", "Promoted"
        DECLINED = "declined", "Not promoted"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="promotions")
    bundle = models.ForeignKey(ModelBundle, on_delete=models.PROTECT, related_name="promotions")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.bundle}: {self.get_decision_display().lower()}"
