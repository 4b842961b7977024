"""A model, ready to pre-score: a bundle folder that was checked, hashed and given a scorer."""

from pathlib import Path

from django.db import models
from django.utils import timezone

from annotations.scoring.models import Scorer
from inference.adapters import install_hint, is_stage_only
from studies.models import Track


class ModelBundle(models.Model):
    """Frozen at registration: another prompt or other weights are another bundle."""

    name = models.CharField(max_length=63)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    adapter = models.CharField(max_length=40)
    track = models.CharField(max_length=10, choices=Track)
    licence = models.CharField(max_length=120)
    folder = models.CharField(max_length=500, help_text="Where the workers find it")
    renderer_version = models.CharField(
        max_length=60, blank=True, help_text="Of the images the model was trained on"
    )
    bundle_sha256 = models.CharField(max_length=64, help_text="Of bundle.toml")
    prompt_sha256 = models.CharField(max_length=64)
    weights_sha256 = models.CharField(max_length=64, blank=True)
    measured = models.JSONField(default=list, blank=True, help_text="Results its maker reports")
    scorer = models.OneToOneField(Scorer, on_delete=models.PROTECT, related_name="bundle")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_bundle_a_version"),
        ]

    def __str__(self) -> str:
        return self.scorer.label

    @property
    def path(self) -> Path:
        return Path(self.folder)

    @property
    def is_stage_only(self) -> bool:
        return is_stage_only(self.adapter)

    @property
    def install_hint(self) -> str:
        return install_hint(self.adapter)
