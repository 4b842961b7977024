"""The search of a draft's free text, and the list of what it found."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.releases.free_text import SCANNER, FoundText, Scanner, TextReader
from annotations.releases.free_text_names import known_names
from annotations.releases.models import HarmlessWords, Release, ReleaseFinding
from annotations.releases.planning import ReleasePlan
from annotations.releases.selection import blind_ratings
from annotations.scoring.models import Scoring
from studies.models import Study


def list_findings(release: Release, *, done: bool) -> "QuerySet[ReleaseFinding]":
    """Return what waits and how often its words do.

    With `done`: what was said to be harmless, by whom and when.
    """
    found = release.findings.select_related("score__scoring")
    if not done:
        same = release.findings.open().filter(words=OuterRef("words")).order_by().values("words")
        again = same.annotate(count=Count("pk")).values("count")
        return found.open().annotate(again=Subquery(again))
    marks = HarmlessWords.objects.filter(
        study=release.study_id,
        text_sha256=OuterRef("text_sha256"),
        start=OuterRef("start"),
        stop=OuterRef("stop"),
    )
    return found.said_harmless().annotate(
        said_by=Subquery(marks.values("user__username")[:1]),
        said_at=Subquery(marks.values("at")[:1]),
    )


# The search of a draft's free text; what it found is kept with the draft.


def text_reader(study: Study, scorings: Sequence[Scoring]) -> TextReader | None:
    """Return a reader for the texts of these scorings.

    None while a rating study of them is blind: a list of texts by epoch and scorer would show
    its sources, and nothing can be frozen before it is unblinded.
    """
    return None if blind_ratings(scorings) else TextReader(Scanner(known_names(study)))


def keep_findings(release: Release, plan: ReleasePlan, reader: TextReader | None) -> None:
    """Put what was found in place of what an earlier preview found."""
    release.findings.all().delete()
    if reader is None:
        return
    reader.read_scorings(plan.scorings)
    reader.read_ratings(plan.ratings)
    release.preview["texts"] = reader.texts
    release.save(update_fields=["preview"])
    ReleaseFinding.objects.bulk_create(
        (_finding(release, one) for one in reader.found), batch_size=1000
    )


def open_findings(release: Release) -> int:
    """Count what nobody has looked at yet."""
    return release.findings.open().count()


def findings_problem(release: Release) -> str:
    """Say what of the free text is in the way of freezing; empty where nothing is."""
    waiting = open_findings(release)
    if not waiting:
        return ""
    what = "place" if waiting == 1 else "places"
    return f"{waiting} {what} in its free text may name somebody: look at the list first."


def searched(release: Release) -> dict[str, Any]:
    """Return what a manifest says of the search."""
    return {
        "search": SCANNER,
        "texts": release.preview["texts"],
        "said_harmless": release.findings.count(),
    }


def _finding(release: Release, found: FoundText) -> ReleaseFinding:
    start, stop = found.hit.start, found.hit.stop
    return ReleaseFinding(
        release=release,
        kind=found.hit.kind,
        where=found.where,
        place=found.place,
        places=found.places,
        score_id=found.score_id,
        text=found.text,
        text_sha256=hashlib.sha256(found.text.encode()).hexdigest(),
        start=start,
        stop=stop,
        words=found.text[start:stop],
    )
