"""What tests of work under a lease have in common."""

from datetime import timedelta

from django.utils import timezone

from jobs.kinds import JobKind
from jobs.models import LeasedWork


def expire(row: LeasedWork) -> None:
    """Let the lease of a row run out, as if its worker had been killed."""
    past = timezone.now() - timedelta(seconds=1)
    type(row)._default_manager.filter(pk=row.pk).update(lease_expires_at=past)


def swept(kind: JobKind) -> list[int]:
    """Sweep one kind of work; returns the rows that it would send messages for."""
    kind.give_back_abandoned()
    return kind.unsent()
