"""Work that a row stands for, as a worker's lease of it needs it. See `services/leases.py`."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone


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


# Rows that are worked on under a lease: claimed, renewed, settled or given back.
#
# The row is the truth. A worker that no longer renews its lease loses the row to the next, and
# what was tried often enough is given up. How a kind of work is given up is its own affair: the
# functions that may come to that take it as `give_up(row, error)`.


LEASE = timedelta(minutes=2)
ATTEMPTS = 3

Row = TypeVar("Row", bound=LeasedWork)
GiveUp = Callable[[Row, str], None]
log = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """Another worker has taken the row over; what was made here is thrown away."""


@transaction.atomic
def claim(rows: "QuerySet[Row]", pk: int) -> Row | None:
    """Take a row that waits or whose lease ran out; None when there is nothing to do."""
    free = Q(state=rows.model.WAITING, lease_expires_at__isnull=True) | _expired(rows)
    row = (
        rows.select_for_update(skip_locked=True, of=("self",))
        .filter(free, pk=pk, attempt__lt=ATTEMPTS)
        .first()
    )
    if row is not None:
        row.state = row.RUNNING
        row.attempt += 1
        row.done = 0
        row.lease_expires_at = timezone.now() + LEASE
        row.save(update_fields=["state", "attempt", "done", "lease_expires_at"])
    return row


def renew(row: LeasedWork, *, done: int, total: int) -> None:
    """Write progress to a row that is held, and hold it for another lease.

    Raises
    ------
    LeaseLostError
    """
    _change(row, done=done, total=total, lease_expires_at=timezone.now() + LEASE)


def settle(row: LeasedWork, **changes: Any) -> None:
    """End the work of a row that is held.

    Raises
    ------
    LeaseLostError
    """
    _change(row, **changes, lease_expires_at=None)


def give_back(row: Row, *, error: str, give_up: GiveUp[Row], is_final: bool = False) -> None:
    """Let work that failed be tried again, or give it up; nothing where the lease is lost."""
    with suppress(LeaseLostError):
        if is_final or row.attempt >= ATTEMPTS:
            give_up(row, error)
        else:
            settle(row, state=row.WAITING, error=error)


def to_enqueue(rows: "QuerySet[Row]", *, give_up: GiveUp[Row], error: str) -> list[int]:
    """Return the rows that no worker has, after giving up those that were tried often enough."""
    expired = rows.filter(_expired(rows))
    for row in expired.filter(attempt__gte=ATTEMPTS):
        give_back(row, error=error, give_up=give_up)
    waiting = rows.filter(state=rows.model.WAITING, lease_expires_at__isnull=True)
    return [*expired.values_list("pk", flat=True), *waiting.values_list("pk", flat=True)]


def attempt(
    row: Row,
    work: Callable[[Row], None],
    *,
    give_up: GiveUp[Row],
    refusals: tuple[type[Exception], ...] = (),
) -> None:
    """Do the work of a claimed row. What goes wrong is told on the row, never raised.

    A refusal is final; anything else that goes wrong may go better the next time.
    """
    try:
        work(row)
    except LeaseLostError:
        log.warning("%s was taken over by another worker", row)
    except refusals as refused:
        give_back(row, error=str(refused), give_up=give_up, is_final=True)
    except Exception as error:
        log.exception("%s failed", row)
        give_back(row, error=f"It could not be done: {error}", give_up=give_up)


def _expired(rows: "QuerySet[Row]") -> Q:
    return Q(state=rows.model.RUNNING, lease_expires_at__lt=timezone.now())


def _change(row: LeasedWork, **changes: Any) -> None:
    """Change a row that is still held as it was when it was last written here.

    The end of the lease is what tells: numbers of attempts come again when work is asked for anew.
    """
    held = Q(state=row.RUNNING, lease_expires_at=row.lease_expires_at)
    if not type(row)._default_manager.filter(held, pk=row.pk).update(**changes):
        raise LeaseLostError
    for name, value in changes.items():
        setattr(row, name, value)
