"""Imports as work: claimed under a lease, read or written, or given back. The row is the truth."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils import timezone

from annotations.imports.files import NamedFile, files_of_zip
from annotations.imports.layout import Layout, lay_out
from annotations.imports.options import ImportOptions
from annotations.imports.plan import FilePlan
from annotations.imports.planning import plan_import
from annotations.models import MassexImport
from annotations.services import leases
from annotations.services.massex_files import write_file
from annotations.services.massex_imports import drop_files
from psg.errors import PsgError, StageFileError
from studies.models import Study, User

State = MassexImport.State
Result = dict[str, Any]


def preview_files(
    study: Study,
    files: Sequence[NamedFile],
    options: ImportOptions,
    user: User | None,
    on_file: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Say what importing these files would do.

    Raises
    ------
    StageFileError
        When there is no table among them.
    """
    layout = _laid_out(files)
    total = _count(layout)
    told = []
    for done, plan in enumerate(plan_import(study, layout, options, user), start=1):
        told.append(plan.as_json())
        on_file(done, total)
    return {"files": told, "left_out": [list(pair) for pair in layout.left_out]}


def write_files(
    study: Study,
    files: Sequence[NamedFile],
    options: ImportOptions,
    user: User | None,
    *,
    digests: dict[str, str],
    on_file: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Result]:
    """Write the files that `digests` names, each whole or not at all; yields what was done."""
    layout = _laid_out(files)
    total = _count(layout)
    for done, plan in enumerate(plan_import(study, layout, options, user), start=1):
        if plan.path in digests:
            yield _written(plan, study, digests[plan.path], user)
        on_file(done, total)


def claim_import(*, import_id: int) -> MassexImport | None:
    """Take an import that waits or whose lease ran out; None when there is nothing to do."""
    return leases.claim(MassexImport.objects.select_related("study"), import_id)


def work_on_import(*, import_id: int) -> None:
    """Read or write one import unless another worker does; asked twice it is done once."""
    massex_import = claim_import(import_id=import_id)
    if massex_import is not None:
        work = _write if massex_import.is_confirmed else _read
        leases.attempt(massex_import, work, give_up=_give_up, refusals=(PsgError,))


def imports_to_enqueue() -> list[int]:
    """Return the imports that no worker has, after giving up those tried often enough."""
    return leases.to_enqueue(
        MassexImport.objects.all(),
        give_up=_give_up,
        error="The worker stopped three times over this. Files that were written stay; look again.",
    )


def _read(massex_import: MassexImport) -> None:
    options = ImportOptions.from_json(massex_import.options)
    with massex_import.file.open("rb") as file:
        preview = preview_files(
            massex_import.study,
            files_of_zip(file),
            options,
            massex_import.requested_by,
            lambda done, total: leases.renew(massex_import, done=done, total=total),
        )
    leases.settle(massex_import, state=State.READY, preview=preview, error="")


def _write(massex_import: MassexImport) -> None:
    rows = massex_import.preview["files"] if massex_import.preview else []
    digests = {r["path"]: r["digest"] for r in rows if r["path"] in massex_import.chosen}
    with massex_import.file.open("rb") as file:
        results = list(
            write_files(
                massex_import.study,
                files_of_zip(file),
                ImportOptions.from_json(massex_import.options),
                massex_import.requested_by,
                digests=digests,
                on_file=lambda done, total: leases.renew(massex_import, done=done, total=total),
            )
        )
    name = massex_import.file.name or ""
    leases.settle(
        massex_import,
        state=State.DONE,
        results=results,
        file="",
        error="",
        finished_at=timezone.now(),
    )
    drop_files(name)


def _give_up(massex_import: MassexImport, error: str) -> None:
    leases.settle(massex_import, state=State.FAILED, error=error)


def _laid_out(files: Sequence[NamedFile]) -> Layout:
    layout = lay_out(files)
    if not layout.bundles:
        raise StageFileError(
            "There is no table of MASS-EX among the files",
            where=", ".join(path for path, _ in layout.left_out[:5]),
            advice="Give NIGHT.csv files, or a folder or zip with annotations/ in it.",
        )
    return layout


def _count(layout: Layout) -> int:
    return sum(len(bundle.tables) for bundle in layout.bundles)


def _written(plan: FilePlan, study: Study, digest: str, user: User | None) -> Result:
    told: Result = {"path": plan.path, "scorer": plan.scorer, "night": _night(plan)}
    try:
        count = write_file(plan=plan, study=study, seen_digest=digest, user=user)
    except PsgError as error:
        return {**told, "epochs": 0, "refused": str(error)}
    return {**told, "epochs": count, "refused": ""}


def _night(plan: FilePlan) -> str:
    if plan.recording:
        return plan.recording.name
    return plan.table.subject if plan.table else ""
