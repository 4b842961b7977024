"""The table of recordings."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotations.scoring.models import Scoring
from epochwise.desk.filters import finished_count
from epochwise.desk.reading import NightFacts, facts_of, with_agreement
from epochwise.desk.tables import EMPTY, ListTable, by_null_last, due_cell, iso, moment
from recordings.models import Recording
from recordings.templatetags.night_format import as_duration

NAMES_SHOWN = 2
WITH_INTERVAL = ", with the 95 % interval of a single night"
Ordered = tuple[QuerySet[Recording], bool]
Cell = str | SafeString


def fact(header: str, **options: Any) -> tables.Column:
    """A column that is filled from the facts of the page."""
    return tables.Column(header, accessor="pk", empty_values=(), **options)


class RecordingsTable(ListTable):
    """Recordings with their signals, scorings, agreement and dates."""

    name = tables.Column("Recording")
    subject = tables.Column("Subject", accessor="subject__code", order_by=("subject__code", "name"))
    night = tables.Column("Night", order_by=("night", "name"))
    state = tables.Column("Signals", order_by=("state", "name"))
    doubts = fact("Doubts", orderable=False)
    epochs = tables.Column("Epochs", accessor="epoch_count", order_by=("epoch_count", "name"))
    duration = tables.Column("Duration", accessor="duration_s", order_by=("duration_s", "name"))
    scored = fact("Scored")
    scorers = fact("Scorers", orderable=False)
    others = fact("Models and imports", orderable=False)
    kappa = fact("Kappa")
    kappa_low = fact("Kappa, lower bound", orderable=False)
    kappa_high = fact("Kappa, upper bound", orderable=False)
    disputed = fact("Disputed")
    due = fact("Due")
    last = fact("Last change", orderable=False)
    added = tables.Column("Added", accessor="created_at", order_by=("created_at", "name"))

    DEFAULT = ("name", "subject", "state", "scored", "kappa", "disputed", "due", "last")
    OVERSEERS_ONLY = ("scorers", "others", "kappa", "kappa_low", "kappa_high", "disputed")
    NUMBERS = frozenset(
        {"night", "epochs", "scored", "kappa", "kappa_low", "kappa_high", "disputed"}
    )

    facts: Mapping[int, NightFacts]

    class Meta(ListTable.Meta):
        order_by = "name"

    def read_facts(self, records: Sequence[Recording]) -> Mapping[int, NightFacts]:
        return facts_of(self.reader, records)

    def render_name(self, record: Recording) -> Cell:
        return format_html(
            '<a href="{}">{}</a>', reverse("recordings:recording", args=[record.pk]), record.name
        )

    def value_name(self, record: Recording) -> str:
        return record.name

    def render_state(self, record: Recording) -> Cell:
        if record.state == Recording.State.FAILED:
            return format_html(
                '<span class="badge badge--danger">{}</span>', record.get_state_display()
            )
        words = record.get_state_display()
        if count := _doubt_count(record):
            title = f"{count} doubt{'' if count == 1 else 's'} about the file"
            return format_html(
                '{} <span class="badge badge--warning" title="{}">!</span>', words, title
            )
        return words

    def value_state(self, record: Recording) -> str:
        return record.get_state_display()

    def render_doubts(self, record: Recording) -> Cell:
        count = _doubt_count(record)
        if not count:
            return EMPTY
        url = reverse("recordings:recording", args=[record.pk])
        return format_html('<a href="{}#intake">{}</a>', url, count)

    def value_doubts(self, record: Recording) -> int:
        return _doubt_count(record)

    def render_duration(self, value: float) -> str:
        return str(as_duration(value))

    def value_duration(self, value: float) -> float:
        return value

    def render_scored(self, record: Recording) -> str:
        facts = self.facts[record.pk]
        return f"{facts.finished}/{facts.assigned}" if facts.assigned else EMPTY

    def order_scored(self, queryset: QuerySet[Recording], is_descending: bool) -> Ordered:
        counted = queryset.annotate(finished=finished_count(self.reader))
        return counted.order_by("-finished" if is_descending else "finished", "name"), True

    def value_scored(self, record: Recording) -> str:
        facts = self.facts[record.pk]
        return f"{facts.finished} of {facts.assigned}"

    def render_scorers(self, record: Recording) -> Cell:
        return _names(self.facts[record.pk].people)

    def value_scorers(self, record: Recording) -> str:
        return ", ".join(self.facts[record.pk].people)

    def render_others(self, record: Recording) -> Cell:
        return _names(self.facts[record.pk].others)

    def value_others(self, record: Recording) -> str:
        return ", ".join(self.facts[record.pk].others)

    def render_kappa(self, record: Recording) -> Cell:
        facts = self.facts[record.pk]
        if facts.waits_for_agreement:
            return format_html('<span class="muted">{}</span>', "not computed yet")
        if facts.agreement is None or facts.agreement.kappa is None:
            return EMPTY
        return format_html(
            '<a href="{}" title="{}">{}</a>',
            reverse("annotations:recording-agreement", args=[record.pk]),
            f"{facts.agreement.kappa_words}: Cohen’s kappa, mean of all pairs of"
            f" {facts.agreement.scorers} scorers" + WITH_INTERVAL * facts.agreement.has_interval,
            f"{facts.agreement.kappa:.2f}".replace("-", "−"),
        )

    def order_kappa(self, queryset: QuerySet[Recording], is_descending: bool) -> Ordered:
        measured = with_agreement(self.reader, queryset)
        return by_null_last(measured, "kappa", is_descending, "name")

    def value_kappa(self, record: Recording) -> float | str:
        facts = self.facts[record.pk]
        if facts.waits_for_agreement:
            return "not computed yet"
        return _rounded(facts.agreement.kappa if facts.agreement else None)

    def render_kappa_low(self, record: Recording) -> str:
        return _bound(self.value_kappa_low(record))

    def value_kappa_low(self, record: Recording) -> float | str:
        agreement = self.facts[record.pk].agreement
        return _rounded(agreement.kappa_low if agreement else None)

    def render_kappa_high(self, record: Recording) -> str:
        return _bound(self.value_kappa_high(record))

    def value_kappa_high(self, record: Recording) -> float | str:
        agreement = self.facts[record.pk].agreement
        return _rounded(agreement.kappa_high if agreement else None)

    def render_disputed(self, record: Recording) -> str | int:
        agreement = self.facts[record.pk].agreement
        return EMPTY if agreement is None or agreement.disputed is None else agreement.disputed

    def order_disputed(self, queryset: QuerySet[Recording], is_descending: bool) -> Ordered:
        measured = with_agreement(self.reader, queryset)
        return by_null_last(measured, "disputed", is_descending, "name")

    def render_due(self, record: Recording) -> Cell:
        facts = self.facts[record.pk]
        return due_cell(facts.due, is_late=facts.is_late)

    def order_due(self, queryset: QuerySet[Recording], is_descending: bool) -> Ordered:
        work = self.reader.work.filter(
            recording=OuterRef("pk"), state=Scoring.State.OPEN, due__isnull=False
        )
        earliest = Subquery(work.order_by("due").values("due")[:1])
        return by_null_last(queryset.annotate(due=earliest), "due", is_descending, "name")

    def value_due(self, record: Recording) -> str:
        return iso(self.facts[record.pk].due)

    def render_last(self, record: Recording) -> str:
        return moment(self.facts[record.pk].last_at)

    def value_last(self, record: Recording) -> str:
        return iso(self.facts[record.pk].last_at)

    def render_added(self, record: Recording) -> str:
        return moment(record.created_at)

    def value_added(self, record: Recording) -> str:
        return iso(record.created_at)


def _rounded(value: float | None) -> float | str:
    return EMPTY if value is None else round(value, 4)


def _bound(value: float | str) -> str:
    return f"{value:.2f}".replace("-", "−") if isinstance(value, float) else value


def _doubt_count(record: Recording) -> int:
    return len(record.warnings) + len(record.intake.get("doubts") or ())


def _names(names: Sequence[str]) -> Cell:
    """Return the first names, and the number of the others with all names as a tooltip."""
    first = ", ".join(names[:NAMES_SHOWN])
    if len(names) <= NAMES_SHOWN:
        return first
    return format_html(
        '{} <span class="muted" title="{}">+{}</span>',
        first,
        ", ".join(names),
        len(names) - NAMES_SHOWN,
    )
