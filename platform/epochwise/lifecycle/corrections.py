"""Renaming a recording and moving it to another subject, while nothing frozen rests on it."""

import re
from dataclasses import replace
from typing import Any

from django.db import transaction

from annotations.agreement.caching import forget_all
from annotations.releases.composition import Composition
from annotations.releases.erasing import frozen_with
from annotations.releases.lifecycle import change_release
from annotations.releases.models import Release
from epochwise.lifecycle.erasing import nights_of
from epochwise.lifecycle.reach import Nights, rating_studies_with, refuse_busy
from recordings.corrections.planning import CorrectionRefusedError
from recordings.models import Recording, Subject
from studies.audit import record
from studies.models import Act, Study, User

NAME = re.compile(r"[\w.\-]+( [\w.\-]+)*")
CODE = re.compile(r"[\w.\-]+")


def frozen_on(recording: Recording) -> list[str]:
    """Return the frozen releases and launched rating studies that rest on a recording."""
    nights = nights_of(recording.study, [recording.pk])
    releases = frozen_with(recording.study, {recording.name})
    launched = [touched for touched in rating_studies_with(nights) if touched.is_launched]
    return [
        *(f"release {release}" for release in releases),
        *(f"rating study {touched}" for touched in launched),
    ]


@transaction.atomic
def correct_recording(
    *, recording: Recording, name: str, subject_code: str, user: User | None, reason: str
) -> Recording:
    """Give a recording another name, another subject, or both.

    A subject without recordings is deleted. Drafts of releases are previewed again.

    Raises
    ------
    CorrectionRefusedError, InUseError
    """
    study = Study.objects.select_for_update().get(pk=recording.study_id)
    locked = (
        Recording.objects.select_for_update(of=("self",))
        .select_related("subject")
        .get(pk=recording.pk)
    )
    name, subject_code = name.strip(), subject_code.strip()
    before, former = locked.name, locked.subject
    if (name, subject_code) == (before, former.code):
        raise CorrectionRefusedError("Name and subject are the same as before.")
    _refuse(locked, name=name, code=subject_code, reason=reason)
    refuse_busy(Nights(study, (locked,)))
    locked.name = name
    locked.subject, _ = Subject.objects.get_or_create(study=study, code=subject_code)
    locked.save(update_fields=["name", "subject"])
    if not former.recordings.exists():
        former.delete()
    _rename_in_drafts(study, before, name)
    _record(locked, before=before, former=former, user=user, reason=reason)
    transaction.on_commit(forget_all)
    return locked


def _refuse(recording: Recording, *, name: str, code: str, reason: str) -> None:
    if recording.state not in (Recording.State.READY, Recording.State.LABELS_ONLY):
        raise CorrectionRefusedError(
            "This recording is not imported yet, or its import has failed."
        )
    if not reason.strip():
        raise CorrectionRefusedError("Enter a reason. It stays in the audit trail.", where="reason")
    if len(name) > 80 or not NAME.fullmatch(name):
        raise CorrectionRefusedError(
            "Use letters, figures, - _ . and single spaces, and never the name of a person.",
            where="name",
        )
    if len(code) > 60 or not CODE.fullmatch(code):
        raise CorrectionRefusedError(
            "Use letters, figures, - _ and . only, and never the name of a person.",
            where="subject",
        )
    same = recording.study.recordings.filter(name=name).exclude(pk=recording.pk)
    if same.exists():
        raise CorrectionRefusedError(f"The study has a recording {name} already.", where="name")
    if rests := frozen_on(recording):
        raise CorrectionRefusedError(
            f"This is frozen under its name and subject: {', '.join(rests)}. Nothing was changed."
        )


def _rename_in_drafts(study: Study, before: str, after: str) -> None:
    for draft in study.releases.filter(state=Release.State.DRAFT):
        chosen = Composition.from_json(draft.composition)
        composition = replace(
            chosen,
            recordings=tuple(after if name == before else name for name in chosen.recordings),
            given_parts={
                after if name == before else name: part for name, part in chosen.given_parts.items()
            },
        )
        change_release(release=draft, title=draft.title, composition=composition, user=None)


def _record(
    recording: Recording, *, before: str, former: Subject, user: User | None, reason: str
) -> None:
    """Record the acts without a name: it may be that of a person, and the recording be erased."""
    night, subject = f"recording {recording.pk}", recording.subject
    common: dict[str, Any] = {"user": user, "study": recording.study, "why": reason.strip()}
    details = {"recording": recording.pk}
    if recording.name != before:
        record(Act.RENAMED, about=night, details=details, **common)
    if subject != former:
        about = f"{night} to subject {subject.pk}"
        record(Act.MOVED, about=about, details={**details, "subject": subject.pk}, **common)
