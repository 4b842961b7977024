"""The filter above the items of a rating study."""

from typing import Any

from django import forms

from annotations.queries.rating.groups import groups_of, open_ways
from annotations.queries.rating.items import ORDERS, ItemFilter
from annotations.queries.rating.table import RatingTable
from annotations.queries.rating.words import DIMENSION_WORDS

Choices = list[tuple[str, str]]
ANY: tuple[str, str] = ("", "any")
# Set by links from the results; kept while the rest is changed.
CARRIED = ("cannot_judge", "repeated", "arms", "unit")


class RatingItemsForm(forms.Form):
    """Offers what the study has; groups that would tell a source are missing while blind."""

    def __init__(self, *, table: RatingTable, asked: ItemFilter) -> None:
        super().__init__(initial=vars(asked))
        for way in open_ways(table):
            groups = [(group.key, group.label) for group in groups_of(table, way)]
            self._offer(way.name, way.label, [ANY, *groups])
        self._offer("rater", "Rater", [ANY, *((str(r.pk), r.name) for r in table.raters)])
        titles = [(name, words.title) for name, words in DIMENSION_WORDS.items()]
        self._offer("dimension", "Dimension", [ANY, *titles])
        self._offer("score", "Score", [ANY, *((str(n), str(n)) for n in range(1, 6))])
        self._offer("order", "Order", list(ORDERS.items()))
        for name in CARRIED:
            if getattr(asked, name):
                self.fields[name] = forms.CharField(widget=forms.HiddenInput)

    def _offer(self, name: str, label: str, choices: Choices) -> None:
        field: Any = forms.ChoiceField(choices=choices, label=label)
        self.fields[name] = field
