"""Filters of the lists of recordings and scorings, as the query of the address names them."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.scoring.reading import asked_to_reopen
from epochwise.desk.reading import Reader, overdue, unsettled, with_agreement
from recordings.models import Recording
from studies.models import Mode

LONGEST_SEARCH = 200
MOST_EPOCHS = 100_000
DATE = forms.DateInput(attrs={"type": "date"})
WORK = [
    ("nobody", "Nobody assigned"),
    ("open", "Being scored"),
    ("overdue", "Overdue"),
    ("asked", "Reopening requested"),
    ("finished", "All finished"),
    ("unsettled", "To settle"),
]
DUE = [("overdue", "Overdue"), ("none", "No date"), ("set", "Has a date")]


class ListFilter(filters.FilterSet):
    """Filters of a list; an entry that is not valid is left out and named in `problems`."""

    q = filters.CharFilter(
        label="Search",
        method="search",
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    OVERSEERS_ONLY: tuple[str, ...] = ()
    FIRST: tuple[str, ...] = ("q",)
    """Fields that are always in sight; the others are folded up."""

    def __init__(self, data: Any, queryset: QuerySet[Any], *, reader: Reader) -> None:
        self.reader = reader
        super().__init__(data, queryset)
        if not reader.oversees:
            for name in self.OVERSEERS_ONLY:
                self.filters.pop(name, None)

    @property
    def problems(self) -> list[str]:
        labels = {name: item.label or name for name, item in self.filters.items()}
        return [
            f"{labels[name]}: {' '.join(errors)} This filter is left out."
            for name, errors in self.form.errors.items()
        ]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.form.fields if name in self.FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.form.fields if name not in self.FIRST]

    @property
    def uses_more(self) -> bool:
        return any(field.value() not in (None, "") for field in self.more_fields)

    @property
    def is_active(self) -> bool:
        return any(value not in (None, "", []) for value in self.form.cleaned_data.values())

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        raise NotImplementedError


class RecordingFilter(ListFilter):
    """Filters of recordings. What they say of scorings holds for those that may be seen."""

    state = filters.ChoiceFilter(empty_label="any", label="State", choices=Recording.State.choices)
    subject = filters.CharFilter(label="Subject", field_name="subject__code", lookup_expr="iexact")
    work = filters.ChoiceFilter(empty_label="any", label="Scoring", choices=WORK, method="by_work")
    scorer = filters.ModelChoiceFilter(
        empty_label="any", label="Scorer", queryset=Scorer.objects.none(), method="by_scorer"
    )
    finished_below = filters.NumberFilter(
        label="Finished by fewer than", method="by_finished", min_value=0, max_value=1000
    )
    due_by = filters.DateFilter(label="Due by", method="by_due", widget=DATE)
    doubts = filters.ChoiceFilter(
        empty_label="any",
        label="Doubts",
        choices=[("yes", "With doubts"), ("no", "None")],
        method="by_doubts",
    )
    # Both bounds of every number, since a number of a million digits stops the process that
    # writes it out.
    kappa_from = filters.NumberFilter(
        label="Kappa from",
        field_name="kappa__gte",
        method="by_agreement",
        min_value=-2,
        max_value=2,
    )
    kappa_below = filters.NumberFilter(
        label="Kappa below",
        field_name="kappa__lt",
        method="by_agreement",
        min_value=-2,
        max_value=2,
    )
    disputed_from = filters.NumberFilter(
        label="Disputed epochs from",
        field_name="disputed__gte",
        method="by_agreement",
        min_value=0,
        max_value=MOST_EPOCHS,
    )

    FIRST = ("q", "state", "subject", "work", "scorer")
    OVERSEERS_ONLY = ("scorer", "finished_below", "kappa_from", "kappa_below", "disputed_from")

    def __init__(self, data: Any, queryset: QuerySet[Any], *, reader: Reader) -> None:
        super().__init__(data, queryset, reader=reader)
        if "scorer" in self.filters:
            self.filters["scorer"].queryset = scorers_of(reader)

    def search(self, queryset: QuerySet[Recording], name: str, value: str) -> QuerySet[Recording]:
        return queryset.filter(Q(name__icontains=value) | Q(subject__code__icontains=value))

    def by_work(self, queryset: QuerySet[Recording], name: str, value: str) -> QuerySet[Recording]:
        work = self.reader.work.filter(recording=OuterRef("pk")).order_by()
        if value == "nobody":
            return queryset.exclude(Exists(work)).exclude(pk__in=self.reader.closed)
        if value == "finished":
            return queryset.filter(Exists(work), ~Exists(work.filter(state=Scoring.State.OPEN)))
        if value == "unsettled":
            return queryset.filter(pk__in=unsettled(self.reader.work).values("recording"))
        if value == "asked":
            return queryset.filter(pk__in=asked_to_reopen(self.reader.work).values("recording"))
        wanted = overdue() if value == "overdue" else Q(state=Scoring.State.OPEN)
        return queryset.filter(Exists(work.filter(wanted)))

    def by_scorer(
        self, queryset: QuerySet[Recording], name: str, value: Scorer
    ) -> QuerySet[Recording]:
        theirs = self.reader.scorings.filter(recording=OuterRef("pk"), scorer=value)
        return queryset.filter(Exists(theirs.exclude(state=Scoring.State.WITHDRAWN)))

    def by_finished(
        self, queryset: QuerySet[Recording], name: str, value: Any
    ) -> QuerySet[Recording]:
        seen = queryset.exclude(pk__in=self.reader.closed)
        return seen.alias(finished=finished_count(self.reader)).filter(finished__lt=value)

    def by_agreement(
        self, queryset: QuerySet[Recording], name: str, value: Any
    ) -> QuerySet[Recording]:
        return with_agreement(self.reader, queryset).filter(**{name: value})

    def by_due(self, queryset: QuerySet[Recording], name: str, value: Any) -> QuerySet[Recording]:
        work = self.reader.work.filter(recording=OuterRef("pk"), state=Scoring.State.OPEN)
        return queryset.filter(Exists(work.filter(due__lte=value)))

    def by_doubts(
        self, queryset: QuerySet[Recording], name: str, value: str
    ) -> QuerySet[Recording]:
        has_none = Q(warnings=[]) & (Q(intake__doubts=[]) | Q(intake__doubts__isnull=True))
        return queryset.filter(has_none if value == "no" else ~has_none)


class ScoringFilter(ListFilter):
    """Filters of scorings."""

    FIRST = ("q", "state", "scorer", "mode", "due")

    state = filters.ChoiceFilter(
        empty_label="any",
        label="State",
        choices=[*Scoring.State.choices, ("finished", "Finished")],
        method="by_state",
    )
    scorer = filters.ModelChoiceFilter(
        empty_label="any", label="Scorer", queryset=Scorer.objects.none()
    )
    kind = filters.ChoiceFilter(
        empty_label="any", label="Kind", field_name="scorer__kind", choices=Scorer.Kind.choices
    )
    mode = filters.ChoiceFilter(
        empty_label="any",
        label="Mode",
        choices=[(mode.value, mode.name_only) for mode in Mode],
        method="by_mode",
    )
    subject = filters.CharFilter(
        label="Subject", field_name="recording__subject__code", lookup_expr="iexact"
    )
    due = filters.ChoiceFilter(empty_label="any", label="Due", choices=DUE, method="by_due")
    due_by = filters.DateFilter(label="Due by", method="by_due_date", widget=DATE)
    finished_from = filters.DateFilter(
        label="Finished from", field_name="submitted_at", lookup_expr="date__gte", widget=DATE
    )
    finished_to = filters.DateFilter(
        label="Finished until", field_name="submitted_at", lookup_expr="date__lte", widget=DATE
    )
    asked = filters.ChoiceFilter(
        empty_label="any",
        label="Requests",
        choices=[("yes", "Reopening requested")],
        method="by_asked",
    )

    def __init__(self, data: Any, queryset: QuerySet[Any], *, reader: Reader) -> None:
        super().__init__(data, queryset, reader=reader)
        self.filters["scorer"].queryset = scorers_of(reader)

    def search(self, queryset: QuerySet[Scoring], name: str, value: str) -> QuerySet[Scoring]:
        return queryset.filter(
            Q(recording__name__icontains=value)
            | Q(recording__subject__code__icontains=value)
            | Q(scorer__label__icontains=value)
        )

    def by_state(self, queryset: QuerySet[Scoring], name: str, value: str) -> QuerySet[Scoring]:
        """Filter by a state; those under adjudication count as finished, too."""
        return queryset.filter(state__in=FINISHED if value == "finished" else [value])

    def by_mode(self, queryset: QuerySet[Scoring], name: str, value: str) -> QuerySet[Scoring]:
        return queryset.filter(mode=value, scorer__kind=Scorer.Kind.HUMAN)

    def by_due(self, queryset: QuerySet[Scoring], name: str, value: str) -> QuerySet[Scoring]:
        if value == "overdue":
            return queryset.filter(overdue())
        return queryset.filter(due__isnull=value == "none")

    def by_due_date(self, queryset: QuerySet[Scoring], name: str, value: Any) -> QuerySet[Scoring]:
        return queryset.filter(state=Scoring.State.OPEN, due__lte=value)

    def by_asked(self, queryset: QuerySet[Scoring], name: str, value: str) -> QuerySet[Scoring]:
        return queryset.filter(pk__in=asked_to_reopen(self.reader.scorings).values("pk"))


def scorers_of(reader: Reader) -> QuerySet[Scorer]:
    """Return the scorers of the scorings that the person may open."""
    seen = reader.scorings.order_by().values("scorer")
    return Scorer.objects.filter(pk__in=seen)


def finished_count(reader: Reader) -> Coalesce:
    finished = reader.work.filter(recording=OuterRef("pk"), state__in=FINISHED).order_by()
    counted = finished.values("recording").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())
