"""Changes of a queue by people, one at a time.

What a request loaded may be old: another window can import, remove or change it at any moment.
Every verb locks the queue and then loads what it changes again. Rows are always locked in the same
order, so that nobody waits for each other: the queue, its nights, its files.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from psg.errors import RefusedError
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue


class IntakeRefusedError(RefusedError):
    """An act that the state of a queue, a file or a night does not allow."""

    code = "not_now"
    status = 409


class GoneError(RefusedError):
    """What should be changed was removed in the meantime."""

    code = "gone"
    status = 404


@contextmanager
def changing(queue: IntakeQueue) -> Iterator[IntakeQueue]:
    """Lock an open queue for a change by a person, in a transaction.

    Raises
    ------
    IntakeRefusedError
        When the queue was finished or discarded.
    """
    with transaction.atomic():
        locked = IntakeQueue.objects.select_for_update(of=("self",)).get(pk=queue.pk)
        if not locked.is_open:
            raise IntakeRefusedError("This queue is finished. Nothing was changed.")
        locked.used_at = timezone.now()
        locked.save(update_fields=["used_at"])
        yield locked


def refresh_night(queue: IntakeQueue, night: IntakeNight) -> None:
    """Load a night of a locked queue again, and lock it.

    Raises
    ------
    GoneError, IntakeRefusedError
        When it was removed or imported.
    """
    try:
        night.refresh_from_db(from_queryset=queue.nights.select_for_update(of=("self",)))
    except IntakeNight.DoesNotExist as error:
        raise GoneError(
            "This recording is not in the queue any more. Nothing was changed."
        ) from error
    if night.state == IntakeNight.State.IMPORTED:
        raise IntakeRefusedError(
            "This recording was imported in the meantime. Nothing was changed.",
            advice="Correct it on its own page.",
        )


def locked_nights(queue: IntakeQueue, pks: Iterable[int]) -> list[IntakeNight]:
    """Load nights of a locked queue, and lock them."""
    nights = queue.nights.select_for_update(of=("self",)).filter(pk__in=pks)
    return list(nights.order_by("pk"))


def nights_of_subjects(queue: IntakeQueue, subjects: Iterable[str]) -> set[int]:
    """Return the nights of these subjects: whether they overlap is known by looking again."""
    codes = [subject for subject in subjects if subject]
    return set(queue.nights.filter(subject__in=codes).values_list("pk", flat=True))


def refresh_file(queue: IntakeQueue, file: IntakeFile) -> None:
    """Load a file of a locked queue again.

    Raises
    ------
    GoneError
        When it was removed, or imported with its night.
    """
    try:
        file.refresh_from_db(from_queryset=queue.files.all())
    except IntakeFile.DoesNotExist as error:
        raise GoneError("This file is not in the queue any more. Nothing was changed.") from error
