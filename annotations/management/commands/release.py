"""Releases in the shell: create, findings, harmless, freeze, export, diff, verify, withdraw."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exchange.exports import choose_scorer
from annotations.releases.composition import PARTS, Composition, ReleaseSource
from annotations.releases.copies import rebuild_copy, rebuild_release, verify_copy
from annotations.releases.findings import findings_problem, list_findings, open_findings
from annotations.releases.lifecycle import (
    ask_to_freeze,
    create_release,
    next_version,
    withdraw_release,
)
from annotations.releases.models import Release
from annotations.releases.review import mark_harmless
from annotations.releases.verifying import diff_of, verify_release
from annotations.releases.work import RELEASES, freeze_release
from annotations.scoring.models import Flag
from psg.errors import RefusedError
from recordings.management.lookup import find_study
from studies.models import Study, Track, User


def add_composition(parser: CommandParser) -> None:
    parser.add_argument("--title", required=True)
    parser.add_argument("--scorings", choices=[s.value for s in ReleaseSource], default="consensus")
    parser.add_argument("--scorer", metavar="LABEL", help="whose, with --scorings scorer")
    parser.add_argument("--recording", action="append", default=[], metavar="NAME")
    parser.add_argument("--track", choices=Track.values, default=Track.FINE.value)
    parser.add_argument("--without-flag", action="append", default=[], choices=Flag.values)
    parser.add_argument("--least-rating", type=float, metavar="1-5")
    parser.add_argument("--least-agreement", type=float, metavar="PERCENT")
    parser.add_argument(
        "--split", nargs=3, type=float, metavar=("TRAIN", "VALIDATION", "TEST"), help="percent"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--with-ratings", action="store_true")
    parser.add_argument("--with-images", action="store_true")
    parser.add_argument("--with-signals", action="store_true")
    parser.add_argument("--author", action="append", default=[], metavar="'FAMILY, GIVEN'")


def add_review(acts: Any) -> tuple[CommandParser, CommandParser]:
    findings = acts.add_parser("findings", help="list words of a draft that may name somebody")
    findings.add_argument("draft", type=int, help="number of the draft")
    harmless = acts.add_parser("harmless", help="say of findings that they name nobody")
    harmless.add_argument("draft", type=int, help="number of the draft")
    harmless.add_argument("finding", type=int, nargs="+", help="numbers of findings")
    harmless.add_argument("--by", required=True, metavar="USERNAME", help="who looked at them")
    return findings, harmless


def create_draft(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    scorer = None
    if options["scorings"] == ReleaseSource.SCORER:
        scorer = choose_scorer(study, options["scorer"], include_open=False)
    composition = Composition(
        source=ReleaseSource(options["scorings"]),
        scorer_id=scorer.pk if scorer else None,
        recordings=tuple(options["recording"]),
        track=Track(options["track"]),
        left_out_flags=tuple(options["without_flag"]),
        least_mean_rating=options["least_rating"],
        least_agreement_percent=options["least_agreement"],
        shares=dict(zip(PARTS, options["split"], strict=True)) if options["split"] else {},
        seed=options["seed"],
        with_ratings=options["with_ratings"],
        with_images=options["with_images"],
        with_signals=options["with_signals"],
        authors=tuple(options["author"]),
    )
    release = create_release(
        study=study, title=options["title"], composition=composition, user=None
    )
    preview = release.preview
    lines = [
        f"Draft {release.pk}: {preview['epochs']} epochs of {len(preview['nights'])} scoring(s)",
        *(f"  {part}: {found}" for part, found in preview["counts"]["stages"].items()),
        *(f"  In the way: {problem}" for problem in preview["problems"]),
        *(f"  Left out: {note}" for note in preview["notes"]),
        *([f"  In the way: {problem}"] if (problem := findings_problem(release)) else []),
    ]
    return {"draft": release.pk, **preview}, "\n".join(lines)


def list_draft_findings(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    found = [
        {
            "finding": one.pk,
            "kind": one.kind,
            "words": one.words,
            "where": one.where,
            "place": one.place,
            "places": one.places,
            "text": one.text,
        }
        for one in list_findings(draft_of(study, options["draft"]), done=False)
    ]
    lines = [f"{one['finding']}  {one['kind']}  {one['words']!r}  {one['place']}" for one in found]
    return {"findings": found}, "\n".join(lines) or "Nothing waits to be looked at."


def say_harmless(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    draft = draft_of(study, options["draft"])
    user = User.objects.filter(memberships__study=study, username=options["by"]).first()
    if user is None:
        raise CommandError(f"{options['by']} is no member of {study.slug}.")
    marked = mark_harmless(release=draft, findings=options["finding"], user=user)
    waiting = open_findings(draft)
    text = f"{marked} said to be harmless by {user}, {waiting} still to be looked at."
    return {"marked": marked, "waiting": waiting}, text


def draft_of(study: Study, number: int) -> Release:
    draft = Release.objects.filter(study=study, pk=number).first()
    if draft is None:
        raise CommandError(f"There is no draft {number} in {study.slug}.")
    return draft


# Releases in the shell: create, findings, harmless, freeze, export, diff, verify, withdraw.


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
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
        if data.get("is_good") is False:
            raise CommandError("It does not hold what was frozen.")


def _freeze(study: Study, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    draft = draft_of(study, options["draft"])
    version = options["as_version"] or next_version(study)
    seen = draft.preview.get("sha256", "")
    ask_to_freeze(release=draft, version=version, seen_sha256=seen, user=None)
    claimed = RELEASES.claim(draft.pk)
    if claimed is None:
        raise CommandError("A worker took it first: it is being frozen there.")
    try:
        freeze_release(claimed)
    except Exception as error:
        RELEASES.give_back(claimed, error=str(error), is_final=True)
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
