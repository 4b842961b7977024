"""Kinds of background work, and how every kind is claimed, sent to workers and swept.

The work to do is stored in rows. Messages carry a primary key and can arrive twice, late or never;
every few seconds a sweep looks for rows that no worker has.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Generic

from celery import Signature, signature
from celery.exceptions import SoftTimeLimitExceeded
from django.apps import apps
from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError
from redis import RedisError

from jobs.models import ATTEMPTS, LeasedWork, LeaseLostError, Row, claim, take_over
from jobs.room import there_is_room
from jobs.workers import DEFAULT_QUEUE, connect
from psg.errors import RefusedError, as_text, fault_words

STOPPED = "The worker stopped during the run."
TOO_LONG = "The work took longer than the worker allows, and was ended."
NO_ROOM = "The disk is full. The work continues when there is room."
log = logging.getLogger(__name__)


def own_words(error: Exception) -> str:
    """Return the first line of an error, short enough for a page.

    For work that reads no file of a person, such as a model, whose faults need their words.
    """
    lines = as_text(str(error)).splitlines()
    return lines[0][:500] if lines else type(error).__name__


@dataclass(frozen=True)
class JobKind(Generic[Row]):
    """A kind of work: its rows, how a worker does a row, and how a row is given up."""

    model: type[Row]
    work: Callable[[Row], None]
    """Does the work of a claimed row and settles it. A refusal is final; after another error the
    row is tried again."""
    give_up: Callable[[Row, str], None]
    """Settles a row that is not tried again, with the reason as its error."""
    stopped: str = STOPPED
    """The reason if the worker was killed in every attempt."""
    refusals: tuple[type[Exception], ...] = ()
    words_of: Callable[[Exception], str] = fault_words
    """Names a fault on the row. By default without its own words, which may quote a file."""
    related: tuple[str, ...] = ()
    """Foreign keys whose rows are loaded with a claimed row."""
    queue: str = DEFAULT_QUEUE

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    # What a worker does.

    def claim(self, pk: int) -> Row | None:
        """Claim a row that waits, or whose worker is gone; None if it cannot be claimed.

        While the disk is almost full, rows wait.
        """
        if not there_is_room():
            return None
        return claim(self.model, pk, related=self.related)

    def run(self, pk: int) -> None:
        """Do the work of a row, unless another worker has it or it is done already."""
        row = self.claim(pk)
        if row is not None:
            self.attempt(row)

    def attempt(self, row: Row) -> None:
        """Do the work of a claimed row. Errors are written on the row and not raised."""
        try:
            self.work(row)
        except LeaseLostError:
            log.warning("%s was taken over by another worker, or withdrawn", row)
        except self.refusals as refused:
            if _is_for_room(refused):
                self.put_off(row)
                return
            words = refused.to_keep if isinstance(refused, RefusedError) else str(refused)
            self.give_back(row, error=words, is_final=True)
        except SoftTimeLimitExceeded:
            # Another attempt would take as long, and hold up other work for as long.
            log.warning("%s took longer than tasks may", row)
            self.give_back(row, error=TOO_LONG, is_final=True)
        except Exception as error:
            if _is_for_room(error) or not there_is_room():
                self.put_off(row)
                return
            log.exception("%s failed, attempt %s", row, row.attempt)
            self.give_back(row, error=f"The task failed: {self.words_of(error)}")

    def give_back(self, row: Row, *, error: str, is_final: bool = False) -> None:
        """Let a failed row wait for another attempt, or give it up, unless the lease is lost."""
        with suppress(LeaseLostError):
            if is_final or row.attempt >= ATTEMPTS:
                self.give_up(row, error)
            else:
                row.settle(state=row.WAITING, error=error)

    def put_off(self, row: Row) -> None:
        """Let a row wait until the disk has room; the attempt does not count."""
        log.error("%s waits until the disk has room", row)
        with suppress(LeaseLostError):
            row.settle(state=row.WAITING, attempt=row.attempt - 1, error=NO_ROOM)

    # What the sweep does.

    def sweep(self) -> None:
        """Give back the rows of dead workers, then send messages for rows without a message."""
        self.give_back_abandoned()
        self.send_unsent()

    def give_back_abandoned(self) -> int:
        """Give back the rows whose worker is gone, and return their number."""
        abandoned = self.model._default_manager.filter(self.model.abandoned())
        return sum(self._give_back_abandoned(pk) for pk in abandoned.values_list("pk", flat=True))

    def _give_back_abandoned(self, pk: int) -> bool:
        row = take_over(self.model, pk, related=self.related)
        if row is None:
            return False
        try:
            self.give_back(row, error=self.stopped if row.attempt >= ATTEMPTS else STOPPED)
        except Exception:
            # A later sweep tries again, when the lease that was just taken has ended.
            log.exception("%s could not be given back; the others are", row)
            return False
        return True

    def unsent(self) -> list[int]:
        """Return the waiting rows for which no message is believed to be on its way.

        A message counts as lost after the time of a lease, so that few messages wait while all
        workers are busy.
        """
        waiting = self.model._default_manager.filter(self.model.waiting())
        return list(waiting.filter(self.model.lease_is_over()).values_list("pk", flat=True))

    # Messages.

    def message(self, pk: int) -> Signature:
        return signature("jobs.tasks.work", (self.name, pk), queue=self.queue)

    def send(self, pks: Sequence[int]) -> None:
        """Send a message for each row. Call after commit; the sweep sends those that fail."""
        if not pks:
            return
        sent = []
        try:
            connect().ping()  # answers at once; the client of the queue would try for seconds
            for pk in pks:
                self.message(pk).apply_async(retry=False)
                sent.append(pk)
        except (OperationalError, RedisError):
            waits = len(pks) - len(sent)
            log.warning("the broker is away: %s of %s wait for the sweep", waits, self.name)
        self.note_sent(sent)

    def send_unsent(self) -> None:
        """Send messages for the rows of `unsent`. Call after commit."""
        self.send(self.unsent())

    def note_sent(self, pks: Sequence[int]) -> None:
        waiting = self.model._default_manager.filter(self.model.waiting(), pk__in=pks)
        waiting.update(lease_expires_at=Now() + self.model.lease())


def kinds() -> list[JobKind[Any]]:
    """Return all kinds of work; models name them."""
    return [kind_of(model) for model in apps.get_models() if issubclass(model, LeasedWork)]


def kind_of(model: type[LeasedWork]) -> JobKind[Any]:
    kind: JobKind[Any] = import_string(model.KIND)
    return kind


def kind_named(name: str) -> JobKind[Any]:
    """Return the kind of work of a model, such as "annotations.export"."""
    model = apps.get_model(name)
    assert issubclass(model, LeasedWork)
    return kind_of(model)


def send_after_commit(row: LeasedWork) -> None:
    """Send a message for a row after the transaction is committed."""
    kind = kind_of(type(row))
    transaction.on_commit(partial(kind.send, [row.pk]))


def _is_for_room(error: Exception) -> bool:
    """Whether a refusal says that the disk has no room for what the work would write."""
    return isinstance(error, RefusedError) and error.status == HTTPStatus.INSUFFICIENT_STORAGE
