"""Which files a queue takes: by their names, sizes and number."""

import re
import unicodedata
import uuid
from collections.abc import Collection

from django.conf import settings

from psg.errors import RefusedError
from recordings.intake.locking import IntakeRefusedError
from recordings.intake.models import IntakeFile, IntakeQueue
from studies.refusals import TooLargeError
from studies.storable import why_no_text

MOST_FILES = 2000
LONGEST_NAME = 400
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}(?:\.gz)?$", re.IGNORECASE)
_JOINERS_AND_MARKS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\u200e\u200f"


class FileNameTakenError(IntakeRefusedError):
    """The queue has a file with this name, by which files are matched."""

    code = "name_taken"

    def __init__(self, file: IntakeFile) -> None:
        super().__init__(
            "The queue already has a file with this name.",
            where=file.name,
            advice="Delete that file first, rename this one, or add the folders of both.",
        )
        self.more = {"size_bytes": file.size_bytes}  # whether it may be the same file


def new_file(*, queue: IntakeQueue, name: str, size_bytes: int) -> IntakeFile:
    """Return the row of a file, not saved yet, under an opaque path.

    Raises
    ------
    RefusedError
    """
    name = _clean_name(name)
    if size_bytes == 0:
        raise RefusedError("The file is empty.", advice="Export it again.")
    if size_bytes > settings.UPLOAD_LIMIT_BYTES:
        raise TooLargeError(
            f"The file is larger than the limit of {settings.UPLOAD_LIMIT_BYTES / 2**20:g} MiB.",
            advice="Remove channels that scoring does not need, or contact the administrator.",
        )
    suffix = _SUFFIX.search(name)
    end = suffix.group().lower() if suffix else ""
    return IntakeFile(
        queue=queue, name=name, path=f"{uuid.uuid4().hex}{end}", size_bytes=size_bytes
    )


def check_files(
    queue: IntakeQueue, files: Collection[IntakeFile], *, in_place_of: IntakeFile | None = None
) -> None:
    """Refuse files that do not fit into a queue. Call with the queue locked.

    Raises
    ------
    FileNameTakenError, IntakeRefusedError
    """
    others = queue.files.all()
    if in_place_of:
        others = others.exclude(pk=in_place_of.pk)
    if others.count() + len(files) > MOST_FILES:
        raise IntakeRefusedError(
            f"A queue holds at most {MOST_FILES:,} files.", advice="Import these first."
        )
    taken = others.filter(name__in=[file.name for file in files]).first()
    if taken is not None:
        raise FileNameTakenError(taken)


def _clean_name(name: str) -> str:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    clean = "/".join(parts)
    if len(clean) > LONGEST_NAME:
        raise RefusedError(
            f"The name of the file has {len(clean):,} characters; at most {LONGEST_NAME} fit.",
            where="name",
            advice="Rename it.",
        )
    if not clean or why_no_text(clean) or not all(map(_is_shown, clean)):
        raise RefusedError(
            "The file has no name that can be shown.", where="name", advice="Rename it."
        )
    return clean


def _is_shown(character: str) -> bool:
    """Whether a page can show a character: no control and no change of direction for what follows.

    Spaces of all scripts and the joiners of Persian and Indic words are not "printable" in Python.
    """
    return (
        character.isprintable()
        or unicodedata.category(character) == "Zs"
        or character in _JOINERS_AND_MARKS
    )
