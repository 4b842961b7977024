"""The findings in the free text of a draft: passages that may identify a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.releases.free_text import SCANNER, Passage, Scanner, TextReader
from annotations.releases.free_text_names import known_names
from annotations.releases.models import HarmlessWords, Release, ReleaseFinding
from annotations.releases.planning import ReleasePlan, preview_of
from annotations.releases.selection import blind_ratings
from annotations.scoring.models import Scoring
from studies.models import Study


def list_findings(release: Release, *, done: bool) -> "QuerySet[ReleaseFinding]":
    """Return the open findings, each with the number of open findings of the same words.

    With `done`: the findings that were marked as harmless, each with user and time.
    """
    findings = release.findings.select_related("score__scoring")
    if not done:
        same = release.findings.open().filter(words=OuterRef("words")).order_by().values("words")
        again = same.annotate(count=Count("pk")).values("count")
        return findings.open().annotate(again=Subquery(again))
    marks = HarmlessWords.objects.filter(
        study=release.study_id,
        text_sha256=OuterRef("text_sha256"),
        start=OuterRef("start"),
        stop=OuterRef("stop"),
    )
    return findings.harmless().annotate(
        marked_by=Subquery(marks.values("user__username")[:1]),
        marked_at=Subquery(marks.values("at")[:1]),
    )


@dataclass(frozen=True)
class FreeTextSearch:
    """The search of the free text, in a manifest: its method, and how much it read and listed."""

    search: str
    texts: int
    said_harmless: int


def text_reader(study: Study, scorings: Sequence[Scoring]) -> TextReader | None:
    """Return a reader for the texts of these scorings.

    None while a rating study of them is blind: a list of texts by epoch and scorer would show
    its sources, and such a release cannot be frozen.
    """
    return None if blind_ratings(scorings) else TextReader(Scanner(known_names(study)))


def keep_findings(release: Release, plan: ReleasePlan, reader: TextReader | None) -> None:
    """Replace the findings of an earlier preview."""
    release.findings.all().delete()
    if reader is None:
        return
    reader.read_scorings(plan.scorings)
    reader.read_ratings(plan.ratings)
    release.preview = replace(preview_of(release), texts=reader.texts).as_json()
    release.save(update_fields=["preview"])
    ReleaseFinding.objects.bulk_create(
        (_finding(release, passage) for passage in reader.passages), batch_size=1000
    )


def open_findings(release: Release) -> int:
    """Count the findings that nobody has reviewed yet."""
    return release.findings.open().count()


def findings_problem(release: Release) -> str:
    """Return why the free text prevents freezing; empty where it does not."""
    waiting = open_findings(release)
    if not waiting:
        return ""
    what = "passage" if waiting == 1 else "passages"
    return f"{waiting} {what} in the free text may identify a person. Review the list first."


def free_text_search(release: Release) -> FreeTextSearch:
    """Return the search of a reviewed draft, as its manifest contains it."""
    return FreeTextSearch(
        search=SCANNER,
        texts=preview_of(release).texts or 0,
        said_harmless=release.findings.count(),
    )


def _finding(release: Release, passage: Passage) -> ReleaseFinding:
    start, stop = passage.hit.start, passage.hit.stop
    return ReleaseFinding(
        release=release,
        kind=passage.hit.kind,
        where=passage.where,
        place=passage.place,
        places=passage.places,
        score_id=passage.score_id,
        text=passage.text,
        text_sha256=hashlib.sha256(passage.text.encode()).hexdigest(),
        start=start,
        stop=stop,
        words=passage.text[start:stop],
    )
