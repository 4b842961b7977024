"""Notices about pre-scoring runs, to whoever started them."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from inference.models import PreScoreRun
from studies.models import User
from studies.notices.kinds import Thing
from studies.notices.sending import notify


def tell_end(run: PreScoreRun) -> None:
    """Call after the state has changed."""
    if run.requested_by:
        study = run.recording.study
        notify("run", study=study, to=[run.requested_by], about=[run.pk], key=str(run.state))


def runs_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    runs = PreScoreRun.objects.of(user).filter(pk__in=ids).select_related("recording", "bundle")
    return {run.pk: _run(run) for run in runs.select_related("bundle__scorer")}


def _run(run: PreScoreRun) -> Thing:
    failed = f", {run.failed_count} epochs failed" if run.failed_count else ""
    return Thing(
        f"{run.recording.name} by {run.bundle}",
        reverse("inference:run", args=[run.pk]),
        run.get_state_display().lower() + failed,
    )
