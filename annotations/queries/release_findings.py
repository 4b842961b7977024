"""Lists of what the search of a draft's free text found."""

from django.db.models import Count, OuterRef, QuerySet, Subquery

from annotations.models import HarmlessWords, Release, ReleaseFinding


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
