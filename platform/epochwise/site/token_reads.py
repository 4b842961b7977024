"""What programs read with an API token: data leaves the site, whether as a file or as JSON."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from annotations.adjudication.models import Adjudication
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.scoring.models import Scoring
from inference.models import PreScoreRun
from recordings.models import Recording
from studies.audit import present_sender, record, wants_body
from studies.models import Act, ApiToken, AuditEvent, Study

# A program reads a night in a hundred pieces; a row a day is enough to know what left the site.
READ_RECORDED_EVERY = timedelta(days=1)

# Arguments of addresses, with the row they name and the way from it to its study.
_STUDY_OF: Mapping[str, tuple[type[Model], str, str]] = {
    "slug": (Study, "slug", "pk"),
    "recording_id": (Recording, "pk", "study"),
    "scoring_id": (Scoring, "pk", "recording__study"),
    "run_id": (PreScoreRun, "pk", "recording__study"),
    "adjudication_id": (Adjudication, "pk", "recording__study"),
    "rating_study_id": (RatingStudy, "pk", "study"),
    "code": (RatingSlot, "code", "item__rating_study__study"),
}


class RecordTokenReads:
    """Middleware that records, once a day, what a program read and no other row mentions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        sender = present_sender()
        token = sender.token if sender and not sender.is_recorded else None
        if token and response.status_code == 200 and wants_body(request):
            _record(request, token)
        return response


def _record(request: HttpRequest, token: ApiToken) -> None:
    match = request.resolver_match
    if match is None:
        return
    named = {name: value for name, value in match.kwargs.items() if name in _STUDY_OF}
    about = ", ".join([str(match.view_name), *_words(named)])
    known = AuditEvent.objects.filter(
        user=token.user, act=Act.TOKEN_READ, about=about, details__token=token.name
    )
    if not known.filter(at__gt=timezone.now() - READ_RECORDED_EVERY).exists():
        record(Act.TOKEN_READ, user=token.user, study=_study(named), about=about)


def _words(named: Mapping[str, Any]) -> list[str]:
    """Name the rows; the code of an item is left out, because raters do not share codes."""
    return [
        f"{name.removesuffix('_id')} {value}" for name, value in named.items() if name != "code"
    ]


def _study(named: Mapping[str, Any]) -> Study | None:
    for name, value in named.items():
        model, key, way = _STUDY_OF[name]
        ids = model._default_manager.filter(**{key: value}).values_list(way, flat=True)
        return Study.objects.filter(pk__in=ids).first()
    return None
