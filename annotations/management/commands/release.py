"""Releases in the shell: create, findings, harmless, freeze, export, diff, verify, withdraw."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.management.release_drafts import (
    add_composition,
    add_review,
    create_draft,
    draft_of,
    list_draft_findings,
    say_harmless,
)
from annotations.models import Release
from annotations.queries.exports import NothingToExportError
from annotations.releases.rebuilding import DataChangedError
from annotations.services.release_checks import diff_of, verify_release
from annotations.services.release_rebuilding import rebuild_copy, rebuild_release, verify_copy
from annotations.services.release_work import claim_release, freeze_release, give_back_release
from annotations.services.releases import (
    ReleaseRefusedError,
    ask_to_freeze,
    next_version,
    withdraw_release,
)
from recordings.management.lookup import find_study
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Compose a release of a study (create), look at words in it that may name somebody "
        "(findings, harmless), freeze it under a version (freeze), rebuild its "
        "files from its manifest (export), compare two versions (diff), check file and data "
        "(verify), or withdraw it. A draft is named by its number, a frozen one by its version, "
        "one frozen elsewhere by its zip, which this study then rebuilds or verifies."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="compose a draft and look at what it holds")
        add_composition(create)
        freeze = acts.add_parser("freeze", help="freeze a draft, here and now")
        freeze.add_argument("draft", type=int, help="number of the draft")
        freeze.add_argument("--version", dest="as_version", metavar="X.Y.Z")
        export = acts.add_parser("export", help="write the files again, from the manifest")
        export.add_argument("release", metavar="X.Y.Z|ZIP")
        export.add_argument("--out", required=True, type=Path, metavar="DIR")
        diff = acts.add_parser("diff", help="say what changed between two versions")
        diff.add_argument("old", metavar="X.Y.Z")
        diff.add_argument("new", metavar="X.Y.Z")
        verify = acts.add_parser("verify", help="check the file, and the study against it")
        verify.add_argument("release", metavar="X.Y.Z|ZIP")
        withdraw = acts.add_parser("withdraw", help="say that it should not be used any more")
        withdraw.add_argument("release", metavar="X.Y.Z")
        withdraw.add_argument("--reason", required=True)
        findings, harmless = add_review(acts)
        for act in (findings, harmless, create, freeze, export, diff, verify, withdraw):
            act.add_argument("--study", required=True, metavar="SLUG")
            act.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, act: str, study: str, as_json: bool, **options: Any) -> None:
        acts: dict[str, Callable[..., tuple[dict[str, Any], str]]] = {
            "create": create_draft,
            "findings": list_draft_findings,
            "harmless": say_harmless,
            "freeze": _freeze,
            "export": _export,
            "diff": _diff,
            "verify": _verify,
            "withdraw": _withdraw,
        }
        try:
            data, text = acts[act](find_study(study), options)
        except (ReleaseRefusedError, DataChangedError, NothingToExportError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
        if data.get("is_good") is False:
            raise CommandError("It does not hold what was frozen.")


def _freeze(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    draft = draft_of(study, options["draft"])
    version = options["as_version"] or next_version(study)
    seen = draft.preview.get("sha256", "")
    ask_to_freeze(release=draft, version=version, seen_sha256=seen, user=None)
    claimed = claim_release(release_id=draft.pk)
    if claimed is None:
        raise CommandError("A worker took it first: it is being frozen there.")
    try:
        freeze_release(release=claimed)
    except Exception as error:
        give_back_release(release=claimed, error=str(error), is_final=True)
        raise
    frozen = Release.objects.get(pk=draft.pk)
    data = {"version": version, "file": frozen.file.name, "sha256": frozen.sha256}
    return data, f"{frozen} is frozen: {frozen.file.name}, SHA-256 {frozen.sha256}"


def _export(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    out: Path = options["out"]
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CommandError(f"{out} is not an empty folder: nothing was written.")
    named = options["release"]
    if zip_path := _zip_path(named):
        sums = rebuild_copy(zip_path=zip_path, study=study, folder=out)
    else:
        sums = rebuild_release(release=_frozen(study, named), folder=out)
    return {"folder": str(out), "files": sums}, f"{len(sums)} files of {named} are in {out}"


def _diff(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    diff = diff_of(old=_frozen(study, options["old"]), new=_frozen(study, options["new"]))
    data = diff.as_json()
    lines = [
        "{same} the same, {changed} changed, {added} added, {removed} removed".format(**data),
        *(f"  {n}: {c} changed, {a} added, {r} removed" for n, c, a, r in diff.nights),
        *(f"  {name}: {was!r} -> {now!r}" for name, was, now in diff.facts),
        *(f"  subject {s} moved from {was} to {now}" for s, was, now in diff.moved),
    ]
    return data, "\n".join(lines)


def _verify(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    named = options["release"]
    if zip_path := _zip_path(named):
        verdict = verify_copy(zip_path=zip_path, study=study)
    else:
        verdict = verify_release(release=_frozen(study, named))
    data = {"is_good": verdict.is_good, "file": verdict.file, "data": verdict.data}
    found = [*verdict.file, *verdict.data]
    return data, "\n".join(found) or f"{named}: file and data are as they were frozen."


def _withdraw(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    release = withdraw_release(
        release=_frozen(study, options["release"]), reason=options["reason"], user=None
    )
    return {"version": release.version, "state": release.state}, f"{release} is withdrawn."


def _frozen(study: Study, version: str) -> Release:
    release = Release.objects.filter(study=study, version=version).first()
    if release is None or not release.is_frozen:
        raise CommandError(f"{study.slug} has no frozen release {version}.")
    return release


def _zip_path(named: str) -> Path | None:
    return Path(named) if named.endswith(".zip") else None
