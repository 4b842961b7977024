"""Releases on the command line: create, review, freeze, export, compare, verify, withdraw."""

import json
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable
from dataclasses import dataclass
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
from annotations.releases.planning import preview_of
from annotations.releases.review import mark_harmless
from annotations.releases.verifying import diff_of, verify_release
from annotations.releases.work import RELEASES, freeze_release
from annotations.scoring.models import Flag
from psg.errors import RefusedError
from psg.typed_json import JsonObject, as_json
from recordings.management.lookup import find_study, study_to_change
from studies.audit import record
from studies.models import Act, Study, Track, User

_CHANGES = ("create", "harmless", "freeze", "withdraw")


@dataclass(frozen=True)
class CommandAnswer:
    """The answer of a command, as JSON and as text; not good ends with exit code 1."""

    data: JsonObject
    text: str
    is_good: bool = True


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
    parser.add_argument(
        "--with-published", action="store_true", help="samples in the layout of SleepVLM as well"
    )
    parser.add_argument("--author", action="append", default=[], metavar="'FAMILY, GIVEN'")


def add_review(acts: "_SubParsersAction[CommandParser]") -> tuple[CommandParser, CommandParser]:
    findings = acts.add_parser("findings", help="list words of a draft that may name somebody")
    findings.add_argument("draft", type=int, help="number of the draft")
    harmless = acts.add_parser("harmless", help="mark findings as harmless")
    harmless.add_argument("draft", type=int, help="number of the draft")
    harmless.add_argument("finding", type=int, nargs="+", help="numbers of findings")
    harmless.add_argument("--by", required=True, metavar="USERNAME", help="who reviewed them")
    return findings, harmless


def create_draft(study: Study, options: Namespace) -> CommandAnswer:
    scorer = None
    if options.scorings == ReleaseSource.SCORER:
        scorer = choose_scorer(study, options.scorer, include_open=False)
    composition = Composition(
        source=ReleaseSource(options.scorings),
        scorer_id=scorer.pk if scorer else None,
        recordings=tuple(options.recording),
        track=Track(options.track),
        left_out_flags=tuple(options.without_flag),
        least_mean_rating=options.least_rating,
        least_agreement_percent=options.least_agreement,
        shares=dict(zip(PARTS, options.split, strict=True)) if options.split else {},
        seed=options.seed,
        with_ratings=options.with_ratings,
        with_images=options.with_images,
        with_signals=options.with_signals,
        with_published=options.with_published,
        authors=tuple(options.author),
    )
    release = create_release(study=study, title=options.title, composition=composition, user=None)
    preview = preview_of(release)
    problems = [*preview.problems, findings_problem(release)]
    lines = [
        f"Draft {release.pk}: {preview.epochs} epochs of {len(preview.nights)} scoring(s)",
        *(f"  {part}: {stages}" for part, stages in preview.counts.stages.items()),
        *(f"  Problem: {problem}" for problem in problems if problem),
        *(f"  Note: {note}" for note in preview.notes),
    ]
    return CommandAnswer({"draft": release.pk, **preview.as_json()}, "\n".join(lines))


@dataclass(frozen=True)
class ListedFinding:
    """An open finding, as the command prints it."""

    finding: int
    kind: str
    words: str
    where: str
    place: str
    places: int
    text: str


def list_draft_findings(study: Study, options: Namespace) -> CommandAnswer:
    findings = [
        ListedFinding(f.pk, f.kind, f.words, f.where, f.place, f.places, f.text)
        for f in list_findings(draft_of(study, options.draft), done=False)
    ]
    lines = [f"{row.finding}  {row.kind}  {row.words!r}  {row.place}" for row in findings]
    text = "\n".join(lines) or "There are no passages to review."
    return CommandAnswer({"findings": as_json(findings)}, text)


def review_findings(study: Study, options: Namespace) -> CommandAnswer:
    draft = draft_of(study, options.draft)
    user = User.objects.filter(memberships__study=study, username=options.by).first()
    if user is None:
        raise CommandError(f"{options.by} is not a member of {study.slug}.")
    marked = mark_harmless(release=draft, findings=options.finding, user=user)
    waiting = open_findings(draft)
    text = f"{marked} marked as harmless by {user}, {waiting} to review."
    return CommandAnswer({"marked": marked, "waiting": waiting}, text)


def draft_of(study: Study, number: int) -> Release:
    draft = Release.objects.filter(study=study, pk=number).first()
    if draft is None:
        raise CommandError(f"There is no draft {number} in {study.slug}.")
    return draft


class Command(BaseCommand):
    help = (
        "Create a draft of a release (create), review passages in it that may identify a person "
        "(findings, harmless), freeze it under a version (freeze), rebuild its "
        "files from its manifest (export), compare two versions (diff), check file and data "
        "(verify), or withdraw it. Give a draft by its number, a frozen release by its version, "
        "and a release frozen elsewhere by its zip, which is rebuilt or verified from this study."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="create a draft and print its preview")
        add_composition(create)
        freeze = acts.add_parser("freeze", help="freeze a draft without the worker")
        freeze.add_argument("draft", type=int, help="number of the draft")
        freeze.add_argument("--version", dest="as_version", metavar="X.Y.Z")
        export = acts.add_parser("export", help="write the files again, from the manifest")
        export.add_argument("release", metavar="X.Y.Z|ZIP")
        export.add_argument("--out", required=True, type=Path, metavar="DIR")
        diff = acts.add_parser("diff", help="print the differences of two versions")
        diff.add_argument("old", metavar="X.Y.Z")
        diff.add_argument("new", metavar="X.Y.Z")
        verify = acts.add_parser("verify", help="check the file, and the study against it")
        verify.add_argument("release", metavar="X.Y.Z|ZIP")
        withdraw = acts.add_parser(
            "withdraw", help="withdraw a release that should not be used any more"
        )
        withdraw.add_argument("release", metavar="X.Y.Z")
        withdraw.add_argument("--reason", required=True)
        findings, harmless = add_review(acts)
        for act in (findings, harmless, create, freeze, export, diff, verify, withdraw):
            act.add_argument("--study", required=True, metavar="SLUG")
            act.add_argument("--json", action="store_true", dest="in_json")

    def handle(self, *, act: str, study: str, in_json: bool, **options: Any) -> None:
        acts: dict[str, Callable[[Study, Namespace], CommandAnswer]] = {
            "create": create_draft,
            "findings": list_draft_findings,
            "harmless": review_findings,
            "freeze": _freeze,
            "export": _export,
            "diff": _diff,
            "verify": _verify,
            "withdraw": _withdraw,
        }
        try:
            found = study_to_change(study) if act in _CHANGES else find_study(study)
            answer = acts[act](found, Namespace(**options))
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error
        text = json.dumps(answer.data, indent=2, ensure_ascii=False) if in_json else answer.text
        self.stdout.write(text)
        if not answer.is_good:
            raise CommandError("File or data differ from what was frozen.")


def _freeze(study: Study, options: Namespace) -> CommandAnswer:
    draft = draft_of(study, options.draft)
    version = options.as_version or next_version(study)
    seen = preview_of(draft).sha256
    ask_to_freeze(release=draft, version=version, seen_sha256=seen, user=None)
    claimed = RELEASES.claim(draft.pk)
    if claimed is None:
        raise CommandError("A worker is already freezing this draft.")
    try:
        freeze_release(claimed)
    except Exception as error:
        RELEASES.give_back(claimed, error=str(error), is_final=True)
        raise
    frozen = Release.objects.get(pk=draft.pk)
    data: JsonObject = {"version": version, "file": frozen.file.name, "sha256": frozen.sha256}
    return CommandAnswer(data, f"{frozen} is frozen: {frozen.file.name}, SHA-256 {frozen.sha256}")


def _export(study: Study, options: Namespace) -> CommandAnswer:
    out: Path = options.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CommandError(f"{out} is not an empty folder: nothing was written.")
    named = options.release
    if zip_path := _zip_path(named):
        about = "release frozen elsewhere"
        sums = rebuild_copy(zip_path=zip_path, study=study, folder=out)
    else:
        release = _frozen(study, named)
        about = f"release {release}"
        sums = rebuild_release(release=release, folder=out)
    record(Act.DOWNLOADED, user=None, study=study, about=about)
    data: JsonObject = {"folder": str(out), "files": sums}
    return CommandAnswer(data, f"{len(sums)} files of {named} are in {out}")


def _diff(study: Study, options: Namespace) -> CommandAnswer:
    diff = diff_of(old=_frozen(study, options.old), new=_frozen(study, options.new))
    lines = [
        f"{diff.same} the same, {diff.changed_count} changed, {diff.added_count} added,"
        f" {diff.removed_count} removed",
        *(
            f"  {row.night}: {row.changed} changed, {row.added} added, {row.removed} removed"
            for row in diff.nights
        ),
        *(f"  {row.fact}: {row.was!r} -> {row.now!r}" for row in diff.facts),
        *(f"  subject {row.subject} moved from {row.was} to {row.now}" for row in diff.moved),
    ]
    return CommandAnswer(diff.as_json(), "\n".join(lines))


def _verify(study: Study, options: Namespace) -> CommandAnswer:
    named = options.release
    if zip_path := _zip_path(named):
        verified = verify_copy(zip_path=zip_path, study=study)
    else:
        verified = verify_release(release=_frozen(study, named))
    data: JsonObject = {
        "is_good": verified.is_good,
        "file": verified.file,
        "data": verified.data,
    }
    if verified.erased:
        data["erased"] = list(verified.erased)
    differences = [*verified.file, *verified.data]
    rest = ", apart from what was erased" if verified.erased else ""
    as_frozen = f"{named}: file and data are as they were frozen{rest}."
    text = "\n".join([*verified.erased, *(differences or [as_frozen])])
    return CommandAnswer(data, text, is_good=verified.is_good)


def _withdraw(study: Study, options: Namespace) -> CommandAnswer:
    release = withdraw_release(
        release=_frozen(study, options.release), reason=options.reason, user=None
    )
    data: JsonObject = {"version": release.version, "state": release.state}
    return CommandAnswer(data, f"{release} is withdrawn.")


def _frozen(study: Study, version: str) -> Release:
    release = Release.objects.filter(study=study, version=version).first()
    if release is None or not release.is_frozen:
        raise CommandError(f"{study.slug} has no frozen release {version}.")
    return release


def _zip_path(named: str) -> Path | None:
    return Path(named) if named.endswith(".zip") else None
