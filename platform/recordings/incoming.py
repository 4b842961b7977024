"""Uploaded files: store the file on disk and create the rows of recording and ingest."""

import hashlib
import itertools
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction

from psg.errors import RecordingFileError, RefusedError
from psg.ingest.decisions import NightDecisions
from psg.readers import HEAD_BYTES, check_head, pack_night, siblings
from psg.stagefiles.formats import ALL as STAGE_FORMATS
from recordings.models import Ingest, Recording, Subject
from recordings.store import unnamed_file
from recordings.storing import COMMIT_IS_UNKNOWN
from studies.models import Study, User


class DuplicateRecordingError(RefusedError):
    """The same file is in the study already."""

    code = "duplicate"
    status = 409

    def __init__(self, recording: Recording) -> None:
        super().__init__(
            f"This file is already in the study as {recording.name}. Nothing was added."
        )
        self.more = {"recording": recording.pk}


class NameTakenError(RefusedError):
    """Another recording of the study has this name."""

    code = "name_taken"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The study already has a recording {name}. Nothing was added.",
            where="name",
            advice="Enter another name.",
        )


# Storing uploaded files under opaque names. They are deleted when they have been imported.


CHUNK_BYTES = 2**20
# Of a file whose row is not committed yet: a process killed before the commit leaves it behind.
PART_SUFFIX = ".part"
STAGE_SUFFIXES = {suffix for known in STAGE_FORMATS for suffix in known.suffixes}


def incoming_path(name: str) -> Path:
    return Path(settings.INCOMING_ROOT) / name


def keep_incoming(chunks: Iterable[bytes], *, suffix: str) -> tuple[str, str]:
    """Write a file in pieces; return its opaque name and its SHA-256.

    It has the name only after `settle_incoming`, when a row speaks for it.
    """
    root = Path(settings.INCOMING_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{uuid.uuid4().hex}{suffix}"
    digest = hashlib.sha256()
    try:
        with part_path(name).open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
    except BaseException:
        drop_incoming(name)
        raise
    return name, digest.hexdigest()


def settle_incoming(*names: str) -> None:
    """Give files their names, when their row is committed; those that have them are left alone.

    A file is never replaced: what is still under the other name then is not needed.
    """
    for name in filter(None, names):
        with suppress(FileNotFoundError):
            with suppress(FileExistsError):
                incoming_path(name).hardlink_to(part_path(name))
            part_path(name).unlink()


def drop_incoming(*names: str) -> None:
    for name in filter(None, names):
        incoming_path(name).unlink(missing_ok=True)
        part_path(name).unlink(missing_ok=True)


def part_path(name: str) -> Path:
    return incoming_path(f"{name}{PART_SUFFIX}")


def file_chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        yield from _chunks(file)


def night_chunks(main: Path) -> Iterable[bytes]:
    """Read a recording on disk; files that belong to it, as to a ``.vhdr``, come packed with it."""
    parts = siblings(main)
    if not parts:
        yield from file_chunks(main)
        return
    with unnamed_file() as packed:
        pack_night([main, *parts], packed)
        packed.seek(0)
        yield from _chunks(packed)


def _chunks(file: IO[bytes]) -> Iterable[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stage_suffix(file_name: str) -> str:
    """Return the suffix that names the format of a stage file; the rest of its name is dropped."""
    name = file_name.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    packed = ".gz" if name.endswith(".gz") else ""
    return (suffix if suffix in STAGE_SUFFIXES else ".txt") + packed


# Receiving a recording.


@dataclass(frozen=True)
class IncomingFile:
    """The pieces and the original name of an uploaded file. The name is not stored."""

    chunks: Iterable[bytes]
    name: str = ""


def receive_recording(
    *,
    study: Study,
    file: IncomingFile,
    subject_code: str = "",
    stages: IncomingFile | None = None,
    stages_scorer: str = "",
    decisions: NightDecisions | None = None,
    requested_by: User | None = None,
    limit_bytes: int | None = None,
) -> Ingest:
    """Store a file and queue its ingest. Without a subject code, the next free code is used.

    Raises
    ------
    RecordingFileError
        When the file is empty, too large or of no known format. The ingest reports all other
        faults.
    DuplicateRecordingError
        When the study already has the same file.
    """
    name, sha256 = keep_incoming(_limited(file.chunks, limit_bytes), suffix=".night")
    stages_name = ""
    try:
        _check_head(name, file.name)
        if stages is not None:
            stages_name, _ = keep_incoming(
                _limited(stages.chunks, limit_bytes), suffix=stage_suffix(stages.name)
            )
        ingest = queue_ingest(
            study=study,
            subject_code=subject_code.strip(),
            sha256=sha256,
            work={
                "incoming_path": name,
                "stages_path": stages_name,
                "stages_scorer": stages_scorer,
                "decisions": (decisions or NightDecisions()).as_json(),
                "requested_by": requested_by,
            },
        )
    except COMMIT_IS_UNKNOWN:
        raise
    except BaseException:
        drop_incoming(name, stages_name)
        raise
    # The worker does the same, should this process be killed right after the commit.
    settle_incoming(name, stages_name)
    return ingest


@transaction.atomic
def queue_ingest(
    *,
    study: Study,
    subject_code: str,
    sha256: str,
    work: dict[str, object],
    name: str = "",
    night: int | None = None,
) -> Ingest:
    """Make the rows of a stored file: its recording, and the ingest with the fields of `work`.

    Raises
    ------
    DuplicateRecordingError
        When the study already has the same file.
    NameTakenError
        When another recording of the study has this name.
    """
    # Locked: names and subject codes are counted, and files of the study are compared.
    # Rows that refer to the study, such as those of the audit trail, can be added meanwhile.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if (same := recording_of(study, sha256)) is not None:
        raise DuplicateRecordingError(same)
    subject, _ = Subject.objects.get_or_create(study=study, code=subject_code or _next_code(study))
    recording = Recording.objects.create(
        study=study,
        subject=subject,
        name=_name(study, name, subject.code, night),
        night=night,
        sha256=sha256,
    )
    return Ingest.objects.create(recording=recording, **work)


def recording_of(study: Study, sha256: str) -> Recording | None:
    """Return the recording of a study that was made of a file; None for a new file."""
    return study.recordings.filter(sha256=sha256).exclude(state=Recording.State.FAILED).first()


def _next_code(study: Study) -> str:
    taken = set(study.subjects.values_list("code", flat=True))
    number = len(taken) + 1
    while f"S{number:03}" in taken:
        number += 1
    return f"S{number:03}"


def _name(study: Study, name: str, code: str, night: int | None) -> str:
    """Return the wanted name, or one made of the subject. A failed recording gives its name back.

    Raises
    ------
    NameTakenError
    """
    wanted = name or (code if night is None else name_of_night(code, night))
    study.recordings.filter(name=wanted, state=Recording.State.FAILED).delete()
    taken = set(study.recordings.filter(name__startswith=wanted).values_list("name", flat=True))
    if wanted not in taken:
        return wanted
    if name or night is not None:
        raise NameTakenError(wanted)
    return next(free for n in itertools.count(2) if (free := name_of_night(code, n)) not in taken)


def name_of_night(code: str, night: int) -> str:
    return f"{code} night {night}"


def _check_head(name: str, file_name: str) -> None:
    with part_path(name).open("rb") as file:
        check_head(file.read(HEAD_BYTES), file_name)


def _limited(chunks: Iterable[bytes], limit_bytes: int | None) -> Iterable[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if limit_bytes is not None and size > limit_bytes:
            raise RecordingFileError(
                "The file is too large",
                where=f"over {limit_bytes / 2**20:g} MiB",
                advice="Remove channels that scoring does not need, or contact the administrator.",
            )
        yield chunk
