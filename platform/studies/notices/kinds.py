"""The kinds of notices: what each is called, which switch turns it off, and where it leads."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.module_loading import import_string

from studies.models import Role, Study, User


@dataclass(frozen=True)
class Thing:
    """What a notice is about, as its reader may see it now."""

    name: str
    address: str
    detail: str = ""
    is_over: bool = False
    """Whether nothing is left to do or to learn; a mail leaves it out."""
    due: str | None = None
    """Its due date now, as in the key of a notice about that; None where the kind is of no date."""


Reader = Callable[[User, Collection[int]], Mapping[int, Thing]]
"""Returns what a person may see of the things with these ids, by id; others are left out."""

# The rooms read what their notices are about. They lie above this one, so they are named.
READERS = {
    "assignment": "annotations.scoring.notices.assignments_for",
    "request": "annotations.scoring.notices.requests_for",
    "comment": "annotations.scoring.notices.comments_for",
    "comparison": "annotations.adjudication.notices.comparisons_for",
    "adjudication": "annotations.adjudication.notices.adjudications_for",
    "rating": "annotations.rating.notices.ratings_for",
    "held": "annotations.rating.notices.held_for",
    "launch": "annotations.rating.notices.launches_for",
    "export": "annotations.exchange.notices.exports_for",
    "massex_import": "annotations.exchange.notices.massex_imports_for",
    "scoring_import": "annotations.exchange.notices.scoring_imports_for",
    "release": "annotations.releases.notices.releases_for",
    "ingest": "recordings.notices.ingests_for",
    "correction": "recordings.notices.corrections_for",
    "intake": "recordings.notices.refused_for",
    "run": "inference.runs.notices.runs_for",
}

# What a person can turn off, and the words for it.
SWITCHES = {
    "assigned": "A recording is assigned to you, or an assignment withdrawn",
    "reminded": "A lead reminds you of a recording",
    "due_soon": "A recording is due within three days",
    "overdue": "A recording is overdue",
    "reopened": "Your scoring is reopened, or your request for it refused",
    "mentioned": "A comment mentions you",
    "adjudication": "Scorings of a recording can be adjudicated",
    "rating": "A rating study is open to you, or you are admitted after calibration",
    "held": "A rater did not pass calibration and waits for you",
    "requested": "A scorer requests to reopen a scoring",
    "files": "A file, export or import that you started is done or failed",
    "runs": "A pre-scoring run that you started is done or failed",
    "release": "A release is frozen, or could not be frozen",
}


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice."""

    name: str
    label: str
    topic: str
    """Whose reader knows what the ids mean."""
    switch: str
    role: Role | None = None
    """Role that a recipient needs, then and whenever they look."""
    merges: bool = False
    """Whether an unseen notice takes in another one of the kind, so that many are a single one."""
    mailed_at_once: bool = False
    """Whether a mail of its own tells of it, so that no other lists it."""
    page: str = "home"
    """Name of the address that a notice about several things leads to."""

    def page_of(self, study: Study) -> str:
        return reverse(self.page, args=() if self.page == "home" else (study.slug,))

    def read(self, user: User, ids: Collection[int]) -> Mapping[int, Thing]:
        return _reader(self.topic)(user, ids)


@cache
def _reader(topic: str) -> Reader:
    reader: Reader = import_string(READERS[topic])
    return reader


KINDS = {
    kind.name: kind
    for kind in (
        NoticeKind("assigned", "Assigned to you", "assignment", "assigned", merges=True),
        NoticeKind("withdrawn", "Assignment withdrawn", "assignment", "assigned", merges=True),
        NoticeKind(
            "reminded", "Reminder", "assignment", "reminded", merges=True, mailed_at_once=True
        ),
        NoticeKind("due_soon", "Due soon", "assignment", "due_soon", merges=True),
        NoticeKind("overdue", "Overdue", "assignment", "overdue", merges=True),
        NoticeKind("reopened", "Scoring reopened", "assignment", "reopened"),
        NoticeKind("refused", "Request to reopen refused", "assignment", "reopened"),
        NoticeKind("mentioned", "You are mentioned", "comment", "mentioned"),
        NoticeKind(
            "comparable", "Ready to adjudicate", "comparison", "adjudication",
            Role.ADJUDICATOR, merges=True,
        ),
        NoticeKind(
            "adjudication", "Adjudication open", "adjudication", "adjudication", Role.ADJUDICATOR,
            merges=True,
        ),
        NoticeKind("rating_opened", "Rating study open", "rating", "rating", Role.RATER),
        NoticeKind("admitted", "Admitted to the main round", "rating", "rating", Role.RATER),
        NoticeKind("held", "Rater held after calibration", "held", "held", Role.LEAD),
        NoticeKind(
            "requested", "Request to reopen a scoring", "request", "requested", Role.LEAD,
            page="desk:scorings",
        ),
        NoticeKind(
            "ingest", "Import of a file", "ingest", "files", Role.LEAD, merges=True,
            page="desk:recordings",
        ),
        NoticeKind(
            "correction", "Correction of signals", "correction", "files", Role.LEAD, merges=True,
            page="desk:recordings",
        ),
        NoticeKind(
            "intake", "File of the intake", "intake", "files", Role.LEAD, merges=True,
            page="recordings:intake",
        ),
        NoticeKind("export", "Export", "export", "files", Role.LEAD, page="annotations:exports"),
        NoticeKind("massex_import", "Import of scorings", "massex_import", "files", Role.LEAD),
        NoticeKind("scoring_import", "Import of scorings", "scoring_import", "files", Role.LEAD),
        NoticeKind("launch", "Launch of a rating study", "launch", "files", Role.LEAD),
        NoticeKind(
            "run", "Pre-scoring run", "run", "runs", Role.LEAD, merges=True, page="inference:runs"
        ),
        NoticeKind("release", "Release", "release", "release", Role.LEAD),
    )
}  # fmt: skip
