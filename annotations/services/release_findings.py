"""The search of a draft's free text; what it found is kept with the draft."""

import hashlib
from collections.abc import Sequence
from typing import Any

from annotations.models import Release, ReleaseFinding, Scoring
from annotations.releases.free_text import SCANNER, Found, Scanner, TextReader, known_names
from annotations.releases.planning import Plan
from annotations.releases.selection import blind_ratings
from studies.models import Study


def text_reader(study: Study, scorings: Sequence[Scoring]) -> TextReader | None:
    """Return a reader for the texts of these scorings.

    None while a rating study of them is blind: a list of texts by epoch and scorer would show
    its sources, and nothing can be frozen before it is unblinded.
    """
    return None if blind_ratings(scorings) else TextReader(Scanner(known_names(study)))


def keep_findings(release: Release, plan: Plan, reader: TextReader | None) -> None:
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


def _finding(release: Release, found: Found) -> ReleaseFinding:
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
