"""Studies, recordings and files that arguments of commands name."""

from pathlib import Path

from django.core.management.base import CommandError

from recordings.models import Recording
from studies.errors import ArchivedError
from studies.models import Study


def find_study(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise CommandError(f"There is no study {slug}. Create it with create_study.")
    return study


def study_to_change(slug: str) -> Study:
    """Return a study that a command may change; an archived one is refused, as on its pages."""
    study = find_study(slug)
    refuse_archived(study)
    return study


def refuse_archived(study: Study) -> None:
    if study.archived_at:
        raise CommandError(str(ArchivedError()))


def find_recording(name: str, study: str | None) -> Recording:
    """Return the recording of this name; `study` is needed if several studies have the name."""
    recordings = Recording.objects.filter(name=name).select_related("study")
    recordings = recordings.filter(study__slug=study) if study else recordings
    match list(recordings[:2]):
        case [recording]:
            return recording
        case []:
            where = f" in study {study}" if study else ""
            raise CommandError(f"There is no recording named {name}{where}.")
        case _:
            raise CommandError(f"Several studies have a recording named {name}: add --study SLUG.")


def existing_file(path: Path) -> Path:
    if not path.is_file():
        raise CommandError(f"{path} is not a file.")
    return path
