"""Pages of the audit trail: of a study for its leads, of the whole site for its owner."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from annotations.downloads import Table, spreadsheet_safe
from annotations.scoring.models import Scorer
from annotations.visibility import withheld_from_audit
from recordings.models import Recording, Subject
from studies.access import signed_in, site_owner, study_for
from studies.audit import SHELL, record_download
from studies.models import Act, AuditEvent, Invitation, Role, Study, User

EVENTS_A_PAGE = 50
WITHHELD = "Hidden while you score or rate without help"
# What events name by number, because it can be erased; the field has today's name.
NAMED: Mapping[str, tuple[type[Model], str]] = {
    "invitation": (Invitation, "email"),
    "recording": (Recording, "name"),
    "subject": (Subject, "code"),
    "scorer": (Scorer, "label"),
}
_NUMBERED = re.compile(rf"\b(?:{'|'.join(NAMED)}) \d+\b")
COLUMNS = (
    "time", "name", "account", "act", "about", "reason", "address", "token", "study", "details",
)  # fmt: skip


class EventFilter(forms.Form):
    """Chooses events by person, act and day."""

    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Any")
    act = forms.ChoiceField(choices=[("", "Any"), *Act.choices], required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, events: "QuerySet[AuditEvent]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._events = events
        person: Any = self.fields["person"]
        acting = events.order_by().exclude(user=None).values("user").distinct()
        person.queryset = User.objects.filter(pk__in=acting).order_by("username")

    def chosen(self) -> "QuerySet[AuditEvent]":
        """Return the events that match; none for a filter that is not valid."""
        if not self.is_valid():
            return self._events.none()
        wanted, events = self.cleaned_data, self._events
        if wanted["person"]:
            events = events.filter(user=wanted["person"])
        if wanted["act"]:
            events = events.filter(act=wanted["act"])
        if wanted["since"]:
            events = events.filter(at__gte=_midnight(wanted["since"]))
        if wanted["until"]:
            events = events.filter(at__lt=_midnight(wanted["until"]) + timedelta(days=1))
        return events.select_related("user", "study", "person")


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True)
class Row:
    """An event with what its reader may know of it."""

    event: AuditEvent
    is_withheld: bool
    names: Mapping[str, str] = field(default_factory=dict)
    """Today's name of what the event names by number, such as that of "recording 12"."""

    @property
    def subject(self) -> str:
        """Whom and what the event is about, by today's names."""
        about = _NUMBERED.sub(lambda found: self.names.get(found[0], found[0]), self.event.about)
        return f"{self.event.person or ''} {about}".strip()

    @property
    def person(self) -> str:
        if self.event.user:
            return str(self.event.user)
        return "Command line" if self.event.address == SHELL else ""

    @property
    def why(self) -> str:
        return WITHHELD if self.is_withheld else self.event.why

    @property
    def token(self) -> str:
        return str(self.event.details.get("token", ""))

    @property
    def details(self) -> dict[str, Any]:
        return {} if self.is_withheld else self.event.details

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Name, old and new value of each changed field."""
        return [
            (name.replace("_", " "), _value(change["old"]), _value(change["new"]))
            for name, change in self.details.items()
            if isinstance(change, dict) and {"old", "new"} <= change.keys()
        ]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The other details that are a word or a number."""
        shown = (str, int, float)
        names = self.details.keys() - {"token", "role", *NAMED}
        values = [(name, self.details[name]) for name in sorted(names)]
        return [(name.replace("_", " "), _value(v)) for name, v in values if isinstance(v, shown)]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else "empty"


class Reader:
    """Decides for a person which events lose their reason and details."""

    def __init__(self, user: User) -> None:
        self._recordings, self._studies = withheld_from_audit(user)
        self._known: dict[str, dict[int, str]] = {}

    def row(self, event: AuditEvent) -> Row:
        about = event.details.get("recordings", [event.details.get("recording")])
        is_withheld = event.study_id in self._studies or not self._recordings.isdisjoint(about)
        names = {
            f"{kind} {pk}": name
            for kind in NAMED
            if (pk := event.details.get(kind)) and (name := self._names(kind).get(pk))
        }
        return Row(event, is_withheld and bool(event.why or event.details), names)

    def _names(self, kind: str) -> dict[int, str]:
        """Return the names of all rows of a kind, which are read once."""
        if kind not in self._known:
            model, field_name = NAMED[kind]
            self._known[kind] = dict(model._default_manager.values_list("pk", field_name))
        return self._known[kind]


@login_required
@require_GET
def study_audit(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return _page(request, study)


@login_required
@require_GET
def study_audit_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return _csv(request, study)


@login_required
@require_GET
def site_audit(request: HttpRequest) -> HttpResponse:
    site_owner(request)
    return _page(request, None)


@login_required
@require_GET
def site_audit_csv(request: HttpRequest) -> HttpResponseBase:
    site_owner(request)
    return _csv(request, None)


def _events(study: Study | None) -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(study=study) if study else AuditEvent.objects.all()


def _page(request: HttpRequest, study: Study | None) -> HttpResponse:
    form = EventFilter(request.GET, events=_events(study))
    page = Paginator(form.chosen(), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    reader = Reader(signed_in(request))
    context = {
        "study": study,
        "frame": "studies/shell.html" if study else "base.html",
        "form": form,
        "page": page,
        "rows": [reader.row(event) for event in page],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "site/audit.html", context)


class _Echo:
    """A file for `csv.writer` whose `write` returns the line."""

    def write(self, line: str) -> str:
        return line


def _csv(request: HttpRequest, study: Study | None) -> HttpResponseBase:
    """Stream the chosen events as csv, safe to open in a spreadsheet; memory stays flat."""
    events = EventFilter(request.GET, events=_events(study)).chosen()
    name = f"{study.slug}-audit-trail.csv" if study else "audit-trail.csv"
    # The download is an event too, and comes first.
    record_download(request, study=study, about="audit trail (csv)")
    return StreamingHttpResponse(
        _lines(events, Reader(signed_in(request))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(events: "QuerySet[AuditEvent]", reader: Reader) -> Iterator[str]:
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(COLUMNS)
    for event in events.iterator(chunk_size=1000):
        row = reader.row(event)
        user, details = event.user, json.dumps(row.details, ensure_ascii=False)
        cells = (
            event.at.isoformat(timespec="seconds"),
            user.name if user else "",
            user.username if user else "",
            event.get_act_display(),
            row.subject,
            row.why,
            event.address,
            row.token,
            event.study.slug if event.study else "",
            details if row.details else "",
        )
        yield writer.writerow(spreadsheet_safe(Table(COLUMNS, [cells])).rows[0])
