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
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import RedisError

from inference.bundles import FILE_NAME, BundleError
from inference.models import ModelAddition
from inference.registry.bundles import register_bundle
from inference.registry.trials import CHECKS, ask_for_check
from inference.runs.reading import GPU_QUEUE, gpu_queue_is_empty
from jobs.kinds import JobKind
from jobs.models import kept_alive
from jobs.workers import connect
from psg.errors import RefusedError
from studies.audit import record
from studies.models import Act, User

KEY = "epochwise:model-folders"
KNOWN_FOR = timedelta(minutes=5)
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
        raise BundleError(
            "There is no such folder of a model any more",
            where=addition.folder,
            advice=f"A folder must lie in the folder of models and contain {FILE_NAME}.",
        )
    with kept_alive(addition):
        bundle, _ = register_bundle(folder=root / addition.folder)
    with transaction.atomic():
        addition.settle(state=ModelAddition.State.DONE, bundle=bundle, finished_at=timezone.now())
        user = addition.requested_by
        check = ask_for_check(bundle=bundle, requested_by=user)
        record(Act.MODEL_ADDED, user=user, about=f"model {bundle.name} {bundle.version}")
        transaction.on_commit(lambda: CHECKS.send([check.pk]))


def _give_up(addition: ModelAddition, error: str) -> None:
    addition.settle(state=ModelAddition.State.FAILED, error=error, finished_at=timezone.now())


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

    A worker is asked each time, unless one is busy: its message would only wait.
    """
    try:
        text = connect().get(KEY)
    except RedisError:
        return None
    if gpu_queue_is_empty():
        with suppress(OperationalError, RedisError):
            signature("inference.tasks.note_folders", queue=GPU_QUEUE).apply_async(retry=False)
    return None if text is None else [str(name) for name in json.loads(str(text))]


@transaction.atomic
def ask_to_add(*, folder: str, user: User) -> ModelAddition:
    """Put a folder on the list of the worker; the caller sends it.

    Raises
    ------
    AdditionRefusedError
        Unless a worker has named the folder, and while it is being added.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not _NAME.fullmatch(folder) or folder not in (known_folders() or []):
        raise AdditionRefusedError(
            "No worker sees this folder.", advice="Choose a folder of the list."
        )
    live = ModelAddition.objects.filter(folder=folder, state__in=ModelAddition.LIVE)
    if live.exists():
        raise AdditionRefusedError("This folder is being added already.")
    return ModelAddition.objects.create(folder=folder, requested_by=user)
