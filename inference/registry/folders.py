"""Models added in the browser: from folders that a worker for models sees under one root.

The web server may not see that disk. A worker writes the names of the folders into Redis when the
page asks for them; the folder that is chosen becomes a row, and a worker registers it and tries it.
"""

import json
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from celery import signature
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from inference.bundles import FILE_NAME, BundleError
from inference.models import ModelAddition
from inference.registry.bundles import register_bundle
from inference.registry.trials import CHECKS, ask_for_check
from inference.runs.reading import GPU_QUEUE, gpu_queue_is_empty
from jobs.kinds import JobKind
from jobs.models import ATTEMPTS, kept_alive
from jobs.workers import connect
from psg.errors import RefusedError
from studies.audit import record
from studies.models import Act, User

KEY = "epochwise:model-folders"
KNOWN_FOR = timedelta(minutes=5)
ASKED = f"{KEY}:asked"
ASKED_EVERY = timedelta(seconds=30)
NOT_HERE = "A worker that does not see this folder put it back for another worker."
KNOWN = "This model was registered before."
State = ModelAddition.State
MOST = 200
# A single name: no separator, nothing hidden, no way up.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


class AdditionRefusedError(RefusedError):
    """A model cannot be added."""

    status = 409


# What a worker does.


def folders_here() -> list[str]:
    """Return the names of the folders under the root that hold a bundle, as this process sees."""
    root = Path(settings.MODELS_FOLDER)
    try:
        found = sorted(path.name for path in root.iterdir() if _is_bundle(root, path.name))
    except OSError:
        return []
    return found[:MOST]


def _is_bundle(root: Path, name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    folder = root / name
    inside = folder.resolve().parent == root.resolve()  # a link may lead out of the root
    return inside and (folder / FILE_NAME).is_file()


def note_folders() -> None:
    """Write the names of the folders where the web server reads them."""
    text = json.dumps(folders_here())
    with suppress(RedisError):
        connect().set(KEY, text, ex=int(KNOWN_FOR.total_seconds()))


def add_model(addition: ModelAddition) -> None:
    """Register the folder of a claimed addition, and have the model tried.

    Raises
    ------
    BundleError
        When the folder holds no bundle that can be used.
    """
    root = Path(settings.MODELS_FOLDER)
    if not _is_bundle(root, addition.folder):
        if addition.attempt < ATTEMPTS:  # a worker of another machine may see it
            addition.settle(state=State.QUEUED, error=NOT_HERE)
            return
        raise BundleError(
            "The worker does not see this folder of a model",
            where=addition.folder,
            advice=f"It must lie in the folder of models, with its {FILE_NAME}, on the machine of"
            " every worker.",
        )
    with kept_alive(addition):
        bundle, is_new = register_bundle(folder=root / addition.folder)
    with transaction.atomic():
        note = "" if is_new else KNOWN
        now = timezone.now()
        addition.settle(state=State.DONE, bundle=bundle, finished_at=now, error=note)
        user = addition.requested_by
        check = ask_for_check(bundle=bundle, requested_by=user)
        if is_new:
            record(Act.MODEL_ADDED, user=user, about=f"model {bundle.name} {bundle.version}")
        transaction.on_commit(lambda: CHECKS.send([check.pk]))


def _give_up(addition: ModelAddition, error: str) -> None:
    addition.settle(state=State.FAILED, error=error, finished_at=timezone.now())


ADDITIONS = JobKind(
    ModelAddition,
    work=add_model,
    give_up=_give_up,
    stopped="The worker stopped while it read the model.",
    refusals=(BundleError,),
    related=("requested_by",),
    queue=GPU_QUEUE,
)


# What the web server does.


def known_folders() -> list[str] | None:
    """Return the names that a worker has written; None until one has.

    A worker is asked now and then, unless one is busy: its message would only wait.
    """
    every_s = int(ASKED_EVERY.total_seconds())
    try:
        text = connect().get(KEY)
        is_due = gpu_queue_is_empty() and connect().set(ASKED, "1", nx=True, ex=every_s)
    except RedisError:
        return None
    if is_due:
        message = signature("inference.tasks.note_folders", queue=GPU_QUEUE)
        with suppress(OperationalError, RedisError):
            message.apply_async(retry=False, expires=every_s)
    return None if text is None else [str(name) for name in json.loads(str(text))]


def ask_to_add(*, folder: str, user: User) -> ModelAddition:
    """Put a folder on the list of the worker; the caller sends it.

    Raises
    ------
    AdditionRefusedError
        Unless a worker has named the folder, and while it is being added.
    """
    if not _NAME.fullmatch(folder) or folder not in (known_folders() or []):
        raise AdditionRefusedError(
            "No worker sees this folder.", advice="Choose a folder of the list."
        )
    try:
        with transaction.atomic():
            return ModelAddition.objects.create(folder=folder, requested_by=user)
    except IntegrityError:  # of two who add it at once, too
        raise AdditionRefusedError("This folder is being added already.") from None
