"""Work that a row stands for, as a worker's lease of it needs it. See `services/leases.py`."""

from typing import ClassVar

from django.db import models


class LeasedWork(models.Model):
    """A row that waits for a worker, or has one until its lease ends.

    A subclass says in which of its states that is; one state may be both, since a row that waits
    has no lease.
    """

    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]

    state: "models.CharField[str, str]"
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True
