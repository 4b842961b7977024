"""Why a recording cannot be taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from recordings.models import Ingest


class LeaseLostError(Exception):
    """Another worker has taken the ingest over, or its recording is gone."""


# Who works on which ingest. The attempt number is the lease: a newer one ends the older.


MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Lease:
    """The right to store what one ingest finds."""

    ingest_id: int
    attempt: int

    def mine(self) -> "QuerySet[Ingest]":
        return Ingest.objects.filter(
            pk=self.ingest_id, attempt=self.attempt, state=Ingest.State.RUNNING
        )

    def report(self, step: str, percent: int) -> None:
        """Write progress to the row, which also renews the lease."""
        fields = {"step": step, "done": percent, "total": 100, "lease_expires_at": expiry()}
        if not self.mine().update(**fields):
            raise LeaseLostError


@transaction.atomic
def claim_ingest(*, ingest_id: int) -> Lease | None:
    """Take a waiting or abandoned ingest; None when it is taken or settled."""
    ingest = Ingest.objects.select_for_update().filter(pk=ingest_id).first()
    if ingest is None or not _is_free(ingest):
        return None
    ingest.state = Ingest.State.RUNNING
    ingest.attempt += 1
    ingest.step, ingest.done, ingest.total = "verify", 0, 100
    ingest.lease_expires_at = expiry()
    ingest.save()
    return Lease(ingest.pk, ingest.attempt)


def ingests_to_send() -> list[int]:
    """Mark and return what no worker has: messages are lost, rows are not.

    A waiting ingest is sent again only after a lease's time, so that messages do not pile up
    while every worker is busy.
    """
    now = timezone.now()
    live = [Ingest.State.WAITING, Ingest.State.RUNNING]
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    stuck = Ingest.objects.filter(free, state__in=live)
    ids = list(stuck.values_list("pk", flat=True))
    stuck.filter(pk__in=ids, state=Ingest.State.WAITING).update(lease_expires_at=expiry())
    return ids


def expiry() -> datetime:
    return timezone.now() + timedelta(seconds=settings.INGEST_LEASE_S)


def _is_free(ingest: Ingest) -> bool:
    if ingest.state == Ingest.State.WAITING:
        return True
    expired = ingest.lease_expires_at is None or ingest.lease_expires_at < timezone.now()
    return ingest.state == Ingest.State.RUNNING and expired
