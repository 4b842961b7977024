"""The store, which is the files below MEDIA_ROOT: to which database it belongs, what is deleted."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class StoreIdentity(models.Model):
    """The id that this database shares with the store of its files; there is a single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    store = models.UUIDField(default=uuid.uuid4)
    made_at = models.DateTimeField(default=timezone.now)
    swept_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True, help_text="No sweep before, as the clock jumped")
    warning = models.TextField(blank=True, help_text="Of the last sweep; empty if all is well")

    class Meta:
        verbose_name_plural = "store identities"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_store_a_database")]

    def __str__(self) -> str:
        return str(self.store)


class FileRemoval(models.Model):
    """A stored file to delete: listed with the change that makes it unnecessary.

    The row is deleted after the file, so that a killed process cannot forget a file.
    """

    path = models.CharField(max_length=300, help_text="Below MEDIA_ROOT")
    asked_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.path
