"""Reports about many recordings, computed by a worker under a lease."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from annotations.agreement.models import AgreementWork
from annotations.agreement.results import Wanted, wanted_by
from annotations.agreement.scope import scope_for
from jobs.kinds import JobKind, send_after_commit
from jobs.models import kept_alive
from psg.errors import RefusedError
from studies.models import User

T = TypeVar("T")
State = AgreementWork.State
TRIES = 3
"""Times that scorings may change while they are read."""
FORGOTTEN_AFTER = timedelta(days=7)


class NotComputedError(RefusedError):
    """A report that a worker should have computed is not there."""

    code = "not_computed"
    status = 409


def found_or_awaited(wanted: Wanted[T], user: User) -> T | AgreementWork:
    """Return a result, or the work that computes it where there are too many recordings."""
    found = wanted.stored
    if found is not None:
        return found
    return await_result(wanted, user) if wanted.chosen.outline.is_large else wanted.made()


def await_result(wanted: Wanted[T], user: User) -> AgreementWork:
    """Have a worker compute a result that is not stored; people who see the same share the work.

    Work that failed stays as it is, so that a page that comes back by itself does not repeat it.
    """
    AgreementWork.objects.filter(
        study=wanted.chosen.scope.study,
        created_at__lt=timezone.now() - FORGOTTEN_AFTER,
        state__in=[State.DONE, State.FAILED],
    ).delete()
    work, is_new = AgreementWork.objects.get_or_create(
        key=wanted.key,
        defaults={
            "study": wanted.chosen.scope.study,
            "requested_by": user,
            "choice": wanted.choice,
            "total": wanted.chosen.outline.recordings,
        },
    )
    if is_new:
        send_after_commit(work)
    elif work.state == State.DONE:  # the cache has lost the result
        start_again(work=work, user=user)
    return work


def start_again(*, work: AgreementWork, user: User) -> None:
    """Let ended work wait for a worker again, for the scorings that this user sees."""
    ended = AgreementWork.objects.filter(pk=work.pk, state__in=[State.DONE, State.FAILED])
    fresh = {**work.FREE, "state": State.WAITING, "attempt": 0, "done": 0, "error": ""}
    if ended.update(**fresh, requested_by=user, created_at=timezone.now()):
        work.refresh_from_db()
        send_after_commit(work)


def compute_report(work: AgreementWork) -> None:
    """Compute the result of claimed work as its person sees it now, and store it in the cache.

    Raises
    ------
    NotComputedError
        When the person sees no such scorings any more, or these change too often.
    """
    with kept_alive(work):
        for _ in range(TRIES):
            wanted = _wanted(work)
            work.renew(done=0, total=wanted.chosen.outline.recordings)
            wanted.made(lambda done: work.renew(done=done))
            if wanted.stored is not None:
                work.settle(state=State.DONE, error="")
                return
            if wanted.is_current:
                raise RuntimeError("the cache did not store the result")
    raise NotComputedError(
        "Scorings changed each time while they were read.",
        advice="Compute the numbers again when fewer people score, or without unfinished scorings.",
    )


def _wanted(work: AgreementWork) -> Wanted[Any]:
    choice: Mapping[str, Any] = work.choice
    try:
        wanted = wanted_by(scope_for(work.requested_by, slug=work.study.slug), choice)
    except (Http404, PermissionDenied):
        wanted = None
    if wanted is None:
        raise NotComputedError("The scorings that were chosen are not in view any more.")
    return wanted


def _give_up(work: AgreementWork, error: str) -> None:
    work.settle(state=State.FAILED, error=error)


REPORTS: JobKind[AgreementWork] = JobKind(
    model=AgreementWork,
    work=compute_report,
    give_up=_give_up,
    refusals=(NotComputedError,),
    related=("study", "requested_by"),
)
