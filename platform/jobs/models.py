"""Rows that stand for work, and the lease under which one worker at a time has such a row.

The row is the truth. A worker claims it, writes its results under the lease, and settles it or
gives it back. A worker that was killed renews its lease no more, and the row goes to the next.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, ClassVar, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models import F, Q
from django.db.models.functions import Now

LEASE = timedelta(minutes=2)
ATTEMPTS = 3

Row = TypeVar("Row", bound="LeasedWork")


class LeaseLostError(Exception):
    """The row is no longer this worker's; what was made for it is thrown away."""


class LeasedWork(models.Model):
    """A row that waits for a worker, or is held by one until its lease ends.

    Whoever claims a row writes a token on it. As long as the token stands there and the state is
    RUNNING, the row belongs to its claimer: that is the one proof, for every kind of work. (Neither
    the number of the attempt nor the end of the lease would do: attempts are counted anew when
    work is asked for again, and the end moves with each renewal, which may come from another
    thread.) A row that waits has no token, so one state may be both WAITING and RUNNING.

    On a row that waits, `lease_expires_at` says until when a message of it is believed to be on
    its way. All times are those of the database, so that clocks of workers need not agree.
    """

    KIND: ClassVar[str]
    """Dotted path of its JobKind, which is loaded only where there is work, so that a command
    need not load what workers do."""
    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]
    FREE: ClassVar[dict[str, Any]] = {"lease_token": None, "lease_expires_at": None}
    """What the row holds from when nobody has it."""

    state: "models.CharField[str, str]"
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @classmethod
    def lease(cls) -> timedelta:
        """How long a worker has the row without a sign of life."""
        return LEASE

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        """Return what an attempt writes on the row when it begins."""
        return {}

    @classmethod
    def waiting(cls) -> Q:
        """Rows that no worker has claimed."""
        return Q(state=cls.WAITING, lease_token__isnull=True)

    @classmethod
    def abandoned(cls) -> Q:
        """Rows whose worker no longer renews its lease."""
        return Q(state=cls.RUNNING) & ~cls.waiting() & cls.lease_is_over()

    @classmethod
    def lease_is_over(cls) -> Q:
        """Rows whose lease has ended, or ends later than any lease can: the clock was set back."""
        too_late = Q(lease_expires_at__gt=Now() + cls.lease())
        return Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=Now()) | too_late

    def renew(self, **progress: Any) -> None:
        """Hold the row for another lease, and write progress to it.

        Raises
        ------
        LeaseLostError
        """
        self._write(progress, lease_expires_at=Now() + self.lease())

    def settle(self, **changes: Any) -> None:
        """Change the row and let go of it.

        Raises
        ------
        LeaseLostError
            Another worker has the row, or nobody; then nothing is changed.
        """
        # The token stays on this object: should the transaction be rolled back, it is still proof.
        self._write(changes, **self.FREE)

    def hold(self) -> None:
        """Lock the row until the transaction ends, so that nobody can take it meanwhile.

        Raises
        ------
        LeaseLostError
        """
        if not list(self._mine().select_for_update().values_list("pk")):
            raise LeaseLostError

    def _write(self, changes: dict[str, Any], **lease: Any) -> None:
        if not self._mine().update(**changes, **lease):
            raise LeaseLostError
        for name, value in changes.items():
            setattr(self, name, value)

    def _mine(self) -> "models.QuerySet[LeasedWork]":
        rows = type(self)._default_manager.exclude(lease_token=None)
        return rows.filter(Q(state=self.RUNNING, lease_token=self.lease_token), pk=self.pk)


class MeasuredWork(LeasedWork):
    """Work that says how far it is."""

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        return {"done": 0}

    @property
    def is_busy(self) -> bool:
        """Whether a worker has it or will."""
        return self.state in {self.WAITING, self.RUNNING}

    @property
    def progress_label(self) -> str:
        """What its progress bar counts."""
        state: str = self.get_state_display()  # type: ignore[attr-defined]
        return state


def claim(model: type[Row], pk: int, *, related: Sequence[str] = ()) -> Row | None:
    """Take a row that waits, or whose worker is gone; None when there is nothing to take."""
    free = (model.waiting() | model.abandoned()) & Q(attempt__lt=ATTEMPTS)
    changes = {"state": model.RUNNING, "attempt": F("attempt") + 1, **model.beginning()}
    return _take(model, pk, free, related, changes)


def take_over(model: type[Row], pk: int, *, related: Sequence[str] = ()) -> Row | None:
    """Take a row whose worker is gone, not to work on it but to give it back or up."""
    return _take(model, pk, model.abandoned(), related, {})


def _take(
    model: type[Row], pk: int, free: Q, related: Sequence[str], changes: dict[str, Any]
) -> Row | None:
    # One statement without joins: of two workers the database lets one have the row.
    lease = {"lease_token": uuid.uuid4(), "lease_expires_at": Now() + model.lease()}
    if not model._default_manager.filter(free, pk=pk).update(**changes, **lease):
        return None
    return model._default_manager.select_related(*related).get(pk=pk)


@contextmanager
def kept_alive(row: LeasedWork) -> Iterator[None]:
    """Renew the lease while the block works, for work that cannot say how far it is.

    A lease can thus be short, however long one step takes: a killed worker stops renewing, and the
    row is free again within one lease.
    """
    stop = Event()
    keeper = Thread(target=_keep, args=(row, stop), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(row: LeasedWork, stop: Event) -> None:
    try:
        while not stop.wait(row.lease().total_seconds() / 3):
            try:
                row.renew()
            except LeaseLostError:
                return
            except DatabaseError:
                connection.close()  # the database is away: the next turn tries again
    finally:
        connection.close()
