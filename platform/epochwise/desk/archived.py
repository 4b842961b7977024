"""An archived study is read-only: whatever would change something of it is refused."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.http import HttpRequest, HttpResponseBase

from studies.errors import ArchivedError
from studies.models import Study, User
from studies.refusals import refusal_answer

# For each argument of an address that names something of a study: its model, the field by which
# it is found, and the way from it to the study.
STUDY_OF = {
    "slug": ("studies.Study", "slug", ""),
    "recording_id": ("recordings.Recording", "pk", "study"),
    "correction_id": ("recordings.SignalCorrection", "pk", "recording__study"),
    "scoring_id": ("annotations.Scoring", "pk", "recording__study"),
    "comment_id": ("annotations.EpochComment", "pk", "scoring__recording__study"),
    "adjudication_id": ("annotations.Adjudication", "pk", "recording__study"),
    "rating_study_id": ("annotations.RatingStudy", "pk", "study"),
    "seat_id": ("annotations.RatingRater", "pk", "rating_study__study"),
    "code": ("annotations.RatingSlot", "code", "item__rating_study__study"),  # a UUID
    "import_id": ("annotations.MassexImport", "pk", "study"),
    "scoring_import_id": ("annotations.ScoringImport", "pk", "study"),
    "export_id": ("annotations.Export", "pk", "study"),
    "release_id": ("annotations.Release", "pk", "study"),
    "work_id": ("annotations.AgreementWork", "pk", "study"),
    "run_id": ("inference.PreScoreRun", "pk", "recording__study"),
}
READS = {"GET", "HEAD", "OPTIONS", "TRACE"}
# Erasing stays possible, because people have a right to it; a clone changes nothing of its source,
# nor does the computation of numbers.
ALLOWED = {
    "annotations:study-agreement-work",
    "desk:clone",
    "desk:restore",
    "lifecycle:erase-recording",
    "lifecycle:erase-subject",
}
# The save of an epoch checks by itself, from the scoring that it loads: it is the address that is
# requested most, and a query here would be its eleventh.
CHECKS_ITSELF = {"annotations:epoch-score"}


class ArchivedStudiesAreReadOnly:
    """Middleware that refuses changes of archived studies to their members.

    To others it says nothing, because they must not learn that there is such a study.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, named: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if request.method in READS or (match and match.view_name in ALLOWED | CHECKS_ITSELF):
            return None
        # Most requests name nothing of a study, or nobody is signed in: both ask no database.
        if not STUDY_OF.keys() & named.keys() or not isinstance(request.user, User):
            return None
        if is_archived(request.user, named):
            return refusal_answer(request, ArchivedError())
        return None


def is_archived(user: User, named: Mapping[str, Any]) -> bool:
    """Return whether what the arguments of an address name is of an archived study of `user`."""
    return any(_is_archived(user, name, value) for name, value in named.items())


def _is_archived(user: User, name: str, value: object) -> bool:
    # The code of a reference item is no UUID; its address names the rating study as well.
    if name not in STUDY_OF or (name == "code" and not isinstance(value, UUID)):
        return False
    label, field, way = STUDY_OF[name]
    rows = apps.get_model(label)._default_manager.filter(**{field: value})
    prefix = f"{way}__" if way else ""
    mine = Study.objects.of(user).filter(archived_at__isnull=False)
    return rows.filter(**{f"{prefix}pk__in": mine.values("pk")}).exists()
