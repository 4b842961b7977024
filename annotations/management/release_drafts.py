"""Acts of `manage.py release` on drafts: compose one, look at words that may name somebody."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.models import Release
from annotations.models.scoring import Flag
from annotations.queries.exports import choose_scorer
from annotations.queries.release_findings import list_findings
from annotations.releases.composition import PARTS, Composition, Source
from annotations.services.release_findings import findings_problem, open_findings
from annotations.services.release_review import mark_harmless
from annotations.services.releases import create_release
from studies.models import Study, Track, User


def add_composition(parser: CommandParser) -> None:
    parser.add_argument("--title", required=True)
    parser.add_argument("--scorings", choices=[s.value for s in Source], default="consensus")
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
    if options["scorings"] == Source.SCORER:
        scorer = choose_scorer(study, options["scorer"], include_open=False)
    composition = Composition(
        source=Source(options["scorings"]),
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
