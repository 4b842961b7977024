"""The table of scorings."""

from collections.abc import Mapping, Sequence

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotations.scoring.models import Scorer, Scoring, label_of
from annotations.scoring.reading import BoardRow, board_rows
from epochwise.desk.recordings_table import fact
from epochwise.desk.tables import EMPTY, ListTable, by_null_last, due_cell, iso, moment

Ordered = tuple[QuerySet[Scoring], bool]
Cell = str | SafeString


class ScoringsTable(ListTable):
    """Scorings with their progress, pace, open requests and dates."""

    recording = tables.Column("Recording", accessor="recording__name")
    subject = tables.Column(
        "Subject",
        accessor="recording__subject__code",
        order_by=("recording__subject__code", "recording__name"),
    )
    scorer = tables.Column(
        "Scorer", accessor="scorer__label", order_by=("scorer__label", "recording__name")
    )
    kind = tables.Column(
        "Kind", accessor="scorer__kind", order_by=("scorer__kind", "scorer__label")
    )
    mode = tables.Column("Mode", order_by=("mode", "recording__name"))
    state = tables.Column("State", order_by=("state", "recording__name"))
    progress = fact("Progress", orderable=False)
    pace = fact("Epochs/min", orderable=False)
    due = tables.Column("Due", empty_values=())
    last = fact("Last change", orderable=False)
    assigned = tables.Column("Assigned", accessor="created_at")
    submitted = tables.Column("Submitted", accessor="submitted_at")

    DEFAULT = ("recording", "scorer", "mode", "state", "progress", "pace", "due", "last")
    NUMBERS = frozenset({"pace"})

    facts: Mapping[int, BoardRow]

    class Meta(ListTable.Meta):
        order_by = "recording"

    def read_facts(self, records: Sequence[Scoring]) -> Mapping[int, BoardRow]:
        return {row.scoring.pk: row for row in board_rows(list(records))}

    def render_recording(self, record: Scoring) -> Cell:
        url = reverse("recordings:recording", args=[record.recording_id])
        return format_html('<a href="{}">{}</a>', url, record.recording.name)

    def value_recording(self, record: Scoring) -> str:
        return record.recording.name

    def render_scorer(self, record: Scoring) -> Cell:
        user = record.scorer.user
        return format_html(
            '<a href="{}">{}</a>{}',
            reverse("annotations:workbench", args=[record.pk]),
            label_of(record),
            EMPTY
            if user is None or user.is_active
            else format_html(' <span class="badge">{}</span>', "deactivated"),
        )

    def value_scorer(self, record: Scoring) -> str:
        return label_of(record)

    def render_mode(self, record: Scoring) -> str:
        return record.mode if record.scorer.kind == Scorer.Kind.HUMAN else EMPTY

    def render_state(self, record: Scoring) -> Cell:
        words = record.get_state_display()
        if self.facts[record.pk].asks:
            return format_html(
                '{} <span class="badge badge--warning">reopening requested</span>', words
            )
        return words

    def value_state(self, record: Scoring) -> str:
        return record.get_state_display()

    def render_progress(self, record: Scoring) -> Cell:
        row = self.facts[record.pk]
        return format_html(
            '<span class="num">{} of {}</span>'
            '<progress value="{}" max="{}" aria-label="Epochs scored"></progress>',
            *(row.scored, row.total) * 2,
        )

    def value_progress(self, record: Scoring) -> str:
        row = self.facts[record.pk]
        return f"{row.scored} of {row.total}"

    def render_pace(self, record: Scoring) -> str:
        pace = self.facts[record.pk].pace
        return EMPTY if pace is None else f"{pace:.1f}"

    def render_due(self, record: Scoring) -> Cell:
        return due_cell(record.due, is_late=self.facts[record.pk].is_late)

    def order_due(self, queryset: QuerySet[Scoring], is_descending: bool) -> Ordered:
        return by_null_last(queryset, "due", is_descending, "recording__name")

    def value_due(self, record: Scoring) -> str:
        return iso(record.due)

    def render_last(self, record: Scoring) -> Cell:
        last_at = self.facts[record.pk].last_at
        if last_at is None:
            return format_html('<span class="muted">{}</span>', "not started")
        return moment(last_at)

    def value_last(self, record: Scoring) -> str:
        return iso(self.facts[record.pk].last_at)

    def render_assigned(self, record: Scoring) -> str:
        return moment(record.created_at)

    def value_assigned(self, record: Scoring) -> str:
        return iso(record.created_at)

    def render_submitted(self, record: Scoring) -> str:
        return moment(record.submitted_at)

    def value_submitted(self, record: Scoring) -> str:
        return iso(record.submitted_at)

    def order_submitted(self, queryset: QuerySet[Scoring], is_descending: bool) -> Ordered:
        return by_null_last(queryset, "submitted_at", is_descending, "recording__name")
