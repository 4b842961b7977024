"""Files of the shell: those of folders and zips, each under a name of its own that can be shown."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.reader import Reader
from psg.errors import RefusedError
from psg.readers.containers import copy_member, members_of_zip, read_head
from recordings.intake.reading_files import is_zip


@dataclass(frozen=True)
class Source:
    """A file on the disk, or in a zip, with its name below the folder that was named."""

    name: str
    path: Path
    size_bytes: int
    member: str = ""
    head: bytes = b""

    def copy(self, target: Path) -> None:
        if self.member:
            copy_member(self.path, self.member, target)
        else:
            shutil.copyfile(self.path, target)


@dataclass(frozen=True)
class Unread:
    """A file or folder that cannot be read, and why."""

    name: str
    error: str


@dataclass
class Found:
    """What is at some paths."""

    sources: list[Source] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def files_at(paths: Sequence[Path]) -> Found:
    """List files, and what is in folders and zips; what cannot be read stops no other."""
    found, taken = Found(), set[str]()
    for path in paths:
        for file, name in files_below(path, found.unread) if path.is_dir() else [(path, path.name)]:
            try:
                sources = list(_of_file(file, readable_name(name)))
            except (RefusedError, OSError) as error:
                found.unread.append(Unread(readable_name(name), _words(error)))
                continue
            for source in sources:
                distinct = _distinct(source.name, taken)
                taken.add(distinct)
                found.sources.append(replace(source, name=distinct))
    return found


def files_below(top: Path, unread: list[Unread]) -> Iterator[tuple[Path, str]]:
    """Yield the files below a folder, each with its name from there on.

    Links to folders are followed, every folder once. Files of the system are passed over, and so
    are devices and pipes, which never end. Folders that cannot be read are added to `unread`.
    """
    been = set[tuple[int, int]]()

    def refuse(error: OSError) -> None:
        name = Path(error.filename or top)
        unread.append(Unread(readable_name(os.path.relpath(name, top)), _words(error)))

    for folder, folders, files in os.walk(top, onerror=refuse, followlinks=True):
        try:
            stat = os.stat(folder)
        except OSError as error:  # removed meanwhile
            refuse(error)
            folders.clear()
            continue
        if (stat.st_dev, stat.st_ino) in been:  # reached by a link before
            folders.clear()
            continue
        been.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and (path.is_file() or not path.exists()):
                yield path, str(path.relative_to(top))


def _of_file(path: Path, name: str) -> Iterator[Source]:
    head = read_head(path)
    if not is_zip(path.name, head):
        yield Source(name, path, path.stat().st_size, head=head)
        return
    folder = name.rpartition(".")[0] or name
    for member in Reader().read(lambda _: members_of_zip(path)):
        inside = f"{folder}/{member.name}"
        yield Source(inside, path, member.size_bytes, member.name, head=member.head)


def readable_name(name: str) -> str:
    """Return a name of another encoding in letters; the name of the file itself stays."""
    try:
        name.encode()
    except UnicodeEncodeError:
        letters = os.fsencode(name).decode("latin-1")
        return "".join(letter if letter.isprintable() else "_" for letter in letters)
    return name


def _distinct(name: str, taken: set[str]) -> str:
    """Put a number before a name that another file has, such as one of another folder."""
    distinct, number = name, 1
    while distinct in taken:
        number += 1
        distinct = f"{number}/{name}"
    return distinct


def _words(error: RefusedError | OSError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
