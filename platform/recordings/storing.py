"""Putting files that a worker has made into the storage, together with the rows that name them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.db import InterfaceError, OperationalError
from django.db.models.fields.files import FieldFile

# The connection broke, perhaps after the commit: files that may have a row now are left to the
# sweep, which removes those without one.
COMMIT_IS_UNKNOWN = (InterfaceError, OperationalError)


@contextmanager
def work_folder(path: Path, attempt: int) -> Iterator[Path]:
    """Yield an empty folder beside the file; folders left by killed workers are removed."""
    drop_work_folders(path)
    folder = path.with_name(f"{path.name}.{attempt}")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def work_folders(path: Path) -> list[Path]:
    """Return the folders of killed attempts beside a file, which may be gone itself."""
    return [left for left in path.parent.glob(f"{path.name}.*") if left.is_dir()]


def drop_work_folders(path: Path) -> None:
    for left_behind in work_folders(path):
        shutil.rmtree(left_behind, ignore_errors=True)


class FinishedFile(File):
    """A file that the storage may move instead of copying it."""

    def temporary_file_path(self) -> str:
        assert self.name is not None
        return self.name


@contextmanager
def stored_or_gone() -> Iterator[list[FieldFile]]:
    """Delete the files stored in the block if it fails, since their row is rolled back too."""
    stored: list[FieldFile] = []
    try:
        yield stored
    except COMMIT_IS_UNKNOWN:
        raise
    except BaseException:
        for file in stored:
            file.storage.delete(str(file.name))
        raise
