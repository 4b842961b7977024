"""Rows of background work, and the lease under which a single worker has a row.

A worker claims a row, writes its results while it renews the lease, then settles the row or gives
it back. A killed worker no longer renews its lease, so another worker can claim the row.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, ClassVar, TypeVar

from django.db import InterfaceError, OperationalError, connection, models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

LEASE = timedelta(minutes=2)
ATTEMPTS = 3


class ClockNow(Func):
    """The time of the database at this moment, also within a transaction."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


Row = TypeVar("Row", bound="LeasedWork")


class LeaseLostError(Exception):
    """Another worker has the row, or nobody; the results of this worker are discarded."""


class LeasedWork(models.Model):
    """A row that waits for a worker, or is held by a worker until its lease ends.

    A worker that claims a row writes a token on it. While the token is unchanged and the state is
    RUNNING, the row belongs to that worker; every kind of work uses this proof of ownership.
    (The number of the attempt is no proof, because it starts again with each new request; nor is
    the end of the lease, because each renewal moves it, also from another thread.) A waiting row
    has no token, so a model may use the same state for WAITING and RUNNING.

    On a waiting row, `lease_expires_at` is the time until which a message for it is believed to
    be on its way. All times are times of the database, so the clocks of workers may differ.
    """

    KIND: ClassVar[str]
    """Dotted path of its JobKind. It is imported only by workers and senders, so that other
    commands start fast."""
    WAITING: ClassVar[str]
    RUNNING: ClassVar[str]
    FREE: ClassVar[Mapping[str, object]] = {"lease_token": None, "lease_expires_at": None}
    """Values of the fields of a row that no worker has."""

    state: "models.CharField[str, str]"
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @classmethod
    def lease(cls) -> timedelta:
        """The time for which a worker keeps the row without renewing its lease."""
        return LEASE

    @classmethod
    def beginning(cls) -> Mapping[str, object]:
        """Return the fields that are set when an attempt begins."""
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
        # Not Now(), which is the begin of the transaction: a row that was renewed while this one
        # waited for its lock would look as if its lease were too long.
        too_late = Q(lease_expires_at__gt=ClockNow() + cls.lease())
        return Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=Now()) | too_late

    def renew(self, **progress: Any) -> None:
        """Renew the lease, and write progress on the row.

        Raises
        ------
        LeaseLostError
        """
        self._write(progress, lease_expires_at=Now() + self.lease())

    def renew_if_possible(self, **progress: Any) -> None:
        """Renew the lease, or leave it to a later call while the database is away.

        Raises
        ------
        LeaseLostError
        """
        try:
            self.renew(**progress)
        except (InterfaceError, OperationalError):
            connection.close()

    def settle(self, **changes: Any) -> None:
        """Change the row and end the lease.

        Raises
        ------
        LeaseLostError
            When another worker has the row, or nobody; nothing is changed.
        """
        # The token stays on this object: it is still valid if the transaction is rolled back.
        self._write(changes, **self.FREE)

    def hold(self) -> None:
        """Lock the row until the transaction ends, so that no other worker can claim it.

        Raises
        ------
        LeaseLostError
        """
        if not list(self._mine().select_for_update().values_list("pk")):
            raise LeaseLostError

    def _write(self, changes: Mapping[str, object], **lease: Any) -> None:
        if not self._mine().update(**changes, **lease):
            raise LeaseLostError
        for name, value in changes.items():
            setattr(self, name, value)

    def _mine(self) -> "models.QuerySet[LeasedWork]":
        rows = type(self)._default_manager.exclude(lease_token=None)
        return rows.filter(Q(state=self.RUNNING, lease_token=self.lease_token), pk=self.pk)


class MeasuredWork(LeasedWork):
    """Work with a progress: `done` of `total` steps."""

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @classmethod
    def beginning(cls) -> Mapping[str, object]:
        return {"done": 0}

    @property
    def is_busy(self) -> bool:
        """Whether the work is waiting or running."""
        return self.state in {self.WAITING, self.RUNNING}

    @property
    def progress_label(self) -> str:
        """The label of the progress bar."""
        state: str = self.get_state_display()  # type: ignore[attr-defined]
        return state

    @property
    def rate(self) -> str:
        """Steps in a time, in words; empty where it is not known."""
        return ""


def claim(model: type[Row], pk: int, *, related: Sequence[str] = ()) -> Row | None:
    """Claim a row that waits, or whose worker is gone; None if it cannot be claimed."""
    free = (model.waiting() | model.abandoned()) & Q(attempt__lt=ATTEMPTS)
    changes = {"state": model.RUNNING, "attempt": F("attempt") + 1, **model.beginning()}
    return _take(model, pk, free, related, changes)


def take_over(model: type[Row], pk: int, *, related: Sequence[str] = ()) -> Row | None:
    """Claim a row whose worker is gone, in order to give it back or give it up."""
    return _take(model, pk, model.abandoned(), related, {})


def _take(
    model: type[Row], pk: int, free: Q, related: Sequence[str], changes: Mapping[str, object]
) -> Row | None:
    # A single statement without joins, so that only the first of two workers gets the row.
    lease = {"lease_token": uuid.uuid4(), "lease_expires_at": Now() + model.lease()}
    if not model._default_manager.filter(free, pk=pk).update(**changes, **lease):
        return None
    return model._default_manager.select_related(*related).get(pk=pk)


@contextmanager
def kept_alive(row: LeasedWork) -> Iterator[None]:
    """Renew the lease from a thread while the block runs, for work without progress.

    The lease can thus be shorter than a step of the work. If the worker is killed, the row is free
    again at the end of the lease.
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
                row.renew_if_possible()
            except LeaseLostError:
                return
    finally:
        connection.close()
