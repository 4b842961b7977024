"""The store, all files below MEDIA_ROOT, and the database that it belongs to.

Store and database carry the same id: `store.json` in the store, `StoreIdentity` in the database.
Where they differ, nothing may be concluded from a file without a row: the row may well be in
another database. Sweeps then touch nothing until a person corrects the settings or adopts the
store.
"""

import json
import logging
import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import FileField, Model

from psg.errors import RefusedError
from recordings.models import StoreIdentity
from studies.audit import record
from studies.models import Act, User

MARK = "store.json"
QUARANTINE = "quarantine"
ADVICE = (
    "No file is swept. Check DATABASE_URL and MEDIA_ROOT. If this database and this store belong"
    " together, run: manage.py store adopt --reason ..."
)

log = logging.getLogger(__name__)


class OtherStoreError(RefusedError):
    """The files below MEDIA_ROOT belong to another database."""

    code = "other_store"
    status = 409
    default = "The stored files belong to another database. Nothing was changed."


def store_root() -> Path:
    return Path(settings.MEDIA_ROOT)


def store_mark() -> uuid.UUID | None:
    """Return the id in the store, or None if it has none that can be read."""
    try:
        return uuid.UUID(json.loads((store_root() / MARK).read_text())["store"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def is_of_other_database() -> bool:
    """Whether the store carries an id that is not that of this database."""
    mark, identity = store_mark(), StoreIdentity.objects.first()
    return mark is not None and (identity is None or identity.store != mark)


def refuse_other_store() -> None:
    """Refuse an act that deletes stored files by name, if they are another database's.

    Raises
    ------
    OtherStoreError
    """
    if is_of_other_database():
        raise OtherStoreError(advice=ADVICE)


def store_problem() -> str:
    """Return why nothing may be concluded from files without rows, or "" if all is well."""
    mark, identity = store_mark(), StoreIdentity.objects.first()
    if identity is not None and identity.store == mark:
        return ""
    if mark is None and identity is not None:
        return f"The store {store_root()} has lost its id: {MARK} is missing. {ADVICE}"
    if mark is None:
        return f"It is not known that the store {store_root()} belongs to this database. {ADVICE}"
    return f"The store {store_root()} belongs to another database. {ADVICE}"


def unnamed_file() -> BufferedRandom:
    """Open a file without a name on the disk of the store; it is gone when it is closed.

    The folder of temporary files of the system may be small, or memory, and is not watched.
    """
    root = Path(settings.INCOMING_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.TemporaryFile(dir=root)


@dataclass(frozen=True)
class StoredFolder:
    """A folder of the store, and the names that rows have for its files."""

    name: str
    known: frozenset[str]


def file_folders() -> dict[str, list[tuple[type[Model], str]]]:
    """Return every folder that a file field writes to, with the models and names of the fields."""
    folders: dict[str, list[tuple[type[Model], str]]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField) and isinstance(field.upload_to, str):
                folders.setdefault(field.upload_to, []).append((model, field.name))
    return folders


def stored_folders() -> Iterator[StoredFolder]:
    """Yield every folder that a file field writes to, with the names that rows have for files."""
    for folder, fields in file_folders().items():
        names = {
            name
            for model, field in fields
            for name in model._base_manager.values_list(field, flat=True)
            if name
        }
        yield StoredFolder(folder, frozenset(names))


# Giving store and database their common id.


def bind_new_store(**_: Any) -> None:
    """Give a new store and a new database their id; otherwise warn where they do not match.

    Runs after every `migrate`, thus at every start. An id is given only where nothing can be lost
    by it: to an empty store of a database without files, or to a store in which every file that
    the database names was found, and which was made before stores had ids.
    """
    if StoreIdentity._meta.db_table not in connection.introspection.table_names():
        return  # migrated to an earlier version
    problem = store_problem()
    if problem and store_mark() is None and _is_certainly_its_own():
        try:
            _bind(StoreIdentity.objects.first() or StoreIdentity())
            return
        except OSError as error:
            problem = f"The store cannot be written: {error}. {ADVICE}"
    if problem:
        log.warning("%s", problem)


def adopt_store(*, user: User | None, why: str) -> uuid.UUID:
    """Declare that the store belongs to this database; return the id. The act is recorded."""
    identity = StoreIdentity.objects.first() or StoreIdentity()
    before = store_mark()
    with transaction.atomic():
        _bind(identity)
        record(
            Act.STORE_ADOPTED,
            user=user,
            why=why,
            about=str(identity.store),
            details={"mark_before": str(before) if before else ""},
        )
    return identity.store


def _bind(identity: StoreIdentity) -> None:
    with transaction.atomic():
        identity.warning = ""
        identity.save()
        root = store_root()
        root.mkdir(parents=True, exist_ok=True, mode=0o750)
        draft = root / f"{MARK}.{os.getpid()}"
        draft.write_text(json.dumps({"store": str(identity.store)}) + "\n")
        draft.replace(root / MARK)


def _is_certainly_its_own() -> bool:
    named = [name for folder in stored_folders() for name in folder.known]
    if named:
        is_new = not StoreIdentity.objects.exists()
        return is_new and all((store_root() / name).is_file() for name in named)
    return not StoreIdentity.objects.exists() and not any(_files())


def _files() -> Iterator[Path]:
    return (path for path in store_root().rglob("*") if path.is_file())
