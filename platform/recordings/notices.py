"""Notices about imported files and corrected signals, to whoever started the work."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from recordings.models import Ingest, IntakeFile, Recording, SignalCorrection
from studies.models import Role, Study, User
from studies.notices.kinds import Thing
from studies.notices.sending import notify


def tell_of_work(row: Ingest | SignalCorrection) -> None:
    """Call after the state has changed."""
    is_ingest = isinstance(row, Ingest)
    person = row.requested_by if isinstance(row, Ingest) else row.user
    if person:
        study = row.recording.study
        name = "ingest" if is_ingest else "correction"
        notify(name, study=study, to=[person], about=[row.pk], key=str(row.state))


def tell_refused(file: IntakeFile) -> None:
    """Tell who made the queue of a file that was refused."""
    if person := file.queue.made_by:
        notify("intake", study=file.queue.study, to=[person], about=[file.pk])


def ingests_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    mine = Recording.objects.of(user, Role.LEAD)
    rows = Ingest.objects.filter(pk__in=ids, recording__in=mine).select_related("recording")
    return {row.pk: _work(row) for row in rows}


def corrections_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    mine = Recording.objects.of(user, Role.LEAD)
    rows = SignalCorrection.objects.filter(pk__in=ids, recording__in=mine)
    return {row.pk: _work(row) for row in rows.select_related("recording")}


def _work(row: Ingest | SignalCorrection) -> Thing:
    page = reverse("recordings:recording", args=[row.recording_id])
    return Thing(row.recording.name, page, row.get_state_display().lower())


def refused_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    files = IntakeFile.objects.filter(
        pk__in=ids,
        state=IntakeFile.State.REFUSED,
        queue__study__in=Study.objects.of(user, Role.LEAD),
    )
    return {
        file.pk: Thing(
            file.name,
            reverse("recordings:intake-queue-page", args=[file.queue.study.slug, file.queue_id]),
            "refused",
        )
        for file in files.select_related("queue__study")
    }
