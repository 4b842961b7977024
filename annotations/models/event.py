"""What happened to something as a whole. Rows are only ever added."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Event(models.Model):
    """By whom, when and why. Each kind of event has its own list of what can be done."""

    ABOUT: ClassVar[str]
    """Name of the foreign key to what it happened to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, self.ABOUT)}: {self.get_kind_display()}"  # type: ignore[attr-defined]
