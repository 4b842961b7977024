"""Composing, freezing and withdrawing releases. Every act is recorded as an event."""

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotations.releases.composition import Composition
from annotations.releases.findings import findings_problem, keep_findings, text_reader
from annotations.releases.models import Release, ReleaseEvent
from annotations.releases.nights import ReleaseNight
from annotations.releases.planning import plan_release, preview_of
from annotations.releases.selection import selected_scorings
from annotations.visibility import refuse_unaided_nights
from psg.errors import RefusedError
from studies.audit import record
from studies.models import Act, Study, User

Kind = ReleaseEvent.Kind
State = Release.State
DOWNLOAD_PARTS_WITHIN = timedelta(days=1)
_VERSION = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")


class ReleaseRefusedError(RefusedError):
    """This cannot be done with the release; the message gives the reason."""

    status = 409


def create_release(
    *, study: Study, title: str, composition: Composition, user: User | None
) -> Release:
    """Create a draft with a preview of the study as it is now.

    Raises
    ------
    BlindNightsError
    """
    release = Release(study=study, title=title, composition=composition.as_json())
    with transaction.atomic():
        _update_preview(release, user)
        note(release, Kind.COMPOSED, user)
    return release


@transaction.atomic
def change_release(
    *, release: Release, title: str, composition: Composition, user: User | None
) -> Release:
    """Change a draft, or update its preview.

    Raises
    ------
    ReleaseRefusedError, BlindNightsError
    """
    draft = _locked(release)
    _require_draft(draft)
    draft.title = title
    draft.composition = composition.as_json()
    draft.error = ""
    _update_preview(draft, user)
    note(draft, Kind.CHANGED, user)
    return draft


@transaction.atomic
def ask_to_freeze(
    *, release: Release, version: str, seen_sha256: str, user: User | None
) -> Release:
    """Put a draft on the list of the worker, under a version; the caller enqueues it.

    `seen_sha256` is the hash of the preview that the person saw. Of two people who request it
    at once the second is refused.

    Raises
    ------
    ReleaseRefusedError
    """
    study = Study.objects.select_for_update().get(pk=release.study_id)  # a single version at a time
    draft = _locked(release)
    _require_draft(draft)
    preview = preview_of(draft)
    if preview.sha256 != seen_sha256:
        raise ReleaseRefusedError("The draft was changed in another window. Check the new preview.")
    if preview.problems:
        raise ReleaseRefusedError(" ".join(preview.problems))
    if problem := findings_problem(draft):
        raise ReleaseRefusedError(problem)
    _require_version(study, version)
    draft.state = State.WAITING
    draft.version = version
    draft.error = ""
    draft.done, draft.total, draft.attempt = 0, len(preview.nights), 0
    draft.save()
    note(draft, Kind.REQUESTED, user)
    return draft


@transaction.atomic
def withdraw_release(*, release: Release, reason: str, user: User | None) -> Release:
    """Withdraw a frozen release, which should not be used any more; its file stays unchanged.

    Raises
    ------
    ReleaseRefusedError
    """
    frozen = _locked(release)
    if frozen.state != State.FROZEN:
        raise ReleaseRefusedError("Only a frozen release can be withdrawn.")
    if not reason.strip():
        raise ReleaseRefusedError("Enter a reason. It is shown to users of the release.")
    frozen.state = State.WITHDRAWN
    frozen.save(update_fields=["state"])
    note(frozen, Kind.WITHDRAWN, user, reason.strip())
    record(
        Act.RELEASE_WITHDRAWN, user=user, study=frozen.study, about=str(frozen), why=reason.strip()
    )
    return frozen


@transaction.atomic
def discard_draft_release(*, release: Release) -> None:
    draft = _locked(release)
    _require_draft(draft)
    draft.delete()


@transaction.atomic
def note_download(*, release: Release, user: User, is_part: bool) -> None:
    """Record a download; parts that follow within a day belong to the same download."""
    _locked(release)  # parts may be requested at the same time
    before = ReleaseEvent.objects.filter(release=release, user=user, kind=Kind.DOWNLOADED)
    if is_part and before.filter(at__gt=timezone.now() - DOWNLOAD_PARTS_WITHIN).exists():
        return
    note(release, Kind.DOWNLOADED, user)
    record(Act.DOWNLOADED, user=user, study=release.study, about=f"release {release}")


def note(release: Release, kind: Kind, user: User | None, reason: str = "") -> None:
    ReleaseEvent.objects.create(release=release, kind=kind, user=user, reason=reason)


def next_version(study: Study) -> str:
    """Propose the version after the latest version."""
    latest = _latest(study)
    return "1.0.0" if latest is None else f"{latest[0]}.{latest[1] + 1}.0"


def _update_preview(release: Release, user: User | None) -> None:
    composition = Composition.from_json(release.composition)
    scorings = selected_scorings(release.study, composition)
    if user is not None:
        refuse_unaided_nights([scoring.recording_id for scoring in scorings], user)
    reader = text_reader(release.study, scorings)
    take = reader.read_night if reader else _ignore
    plan = plan_release(release.study, composition, scorings=scorings, take=take)
    release.preview = plan.preview.as_json()
    release.previewed_at = timezone.now()
    release.save()
    keep_findings(release, plan, reader)


def _ignore(night: ReleaseNight) -> None:
    """Do nothing with a night: its texts are not searched."""


def _locked(release: Release) -> Release:
    return (
        Release.objects.select_for_update(of=("self",)).select_related("study").get(pk=release.pk)
    )


def _require_draft(release: Release) -> None:
    if release.is_draft:
        return
    if release.is_busy:
        request = release.events.filter(kind=Kind.REQUESTED).select_related("user").last()
        who = request.user if request and request.user else "Somebody"
        raise ReleaseRefusedError(f"{who} is already freezing this release as {release.version}.")
    raise ReleaseRefusedError(f"This release is frozen as {release.version} and cannot be changed.")


def _require_version(study: Study, version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise ReleaseRefusedError("Enter a version as MAJOR.MINOR.PATCH, for example 1.0.0.")
    latest = _latest(study)
    if latest is not None and _numbers(version) <= latest:
        shown = ".".join(str(number) for number in latest)
        raise ReleaseRefusedError(f"The version must be higher than {shown}.")


def _latest(study: Study) -> tuple[int, ...] | None:
    versions = study.releases.exclude(version="").values_list("version", flat=True)
    return max((_numbers(version) for version in versions), default=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
