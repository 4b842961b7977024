"""Filters of the list of runs, as the query of the address names them."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from inference.models import ModelBundle, PreScoreRun
from studies.models import User

LONGEST_SEARCH = 200


class RunFilter(filters.FilterSet):
    """Filters of runs; an entry that is not valid is left out and named in `problems`."""

    recording = filters.CharFilter(
        label="Recording",
        method="search",
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = filters.ChoiceFilter(choices=PreScoreRun.State.choices, empty_label="All states")
    bundle = filters.ModelChoiceFilter(
        label="Model", queryset=ModelBundle.objects.none(), empty_label="All models"
    )
    requested_by = filters.ModelChoiceFilter(
        label="Started by",
        queryset=User.objects.none(),
        empty_label="Everybody",
        null_label="Command line",
    )

    def __init__(self, data: Any, queryset: QuerySet[PreScoreRun]) -> None:
        super().__init__(data, queryset)
        # Choices are those of the runs that the person may see.
        runs = queryset.order_by()
        bundles = ModelBundle.objects.filter(pk__in=runs.values("bundle_id"))
        self.filters["bundle"].queryset = bundles.select_related("scorer")
        self.filters["requested_by"].queryset = User.objects.filter(
            pk__in=runs.values("requested_by_id")
        ).order_by("username")
        self.form.auto_id = "filter-%s"  # the form that starts runs is on the same page

    def search(self, runs: QuerySet[PreScoreRun], name: str, value: str) -> QuerySet[PreScoreRun]:
        named = Q(recording__name__icontains=value)
        return runs.filter(named | Q(recording__subject__code__icontains=value))

    @property
    def problems(self) -> list[str]:
        labels = {name: item.label or name for name, item in self.filters.items()}
        return [
            f"{labels[name]}: {' '.join(errors)} This filter is left out."
            for name, errors in self.form.errors.items()
        ]

    @property
    def is_used(self) -> bool:
        return any(self.form.cleaned_data.values()) if self.form.is_valid() else True
