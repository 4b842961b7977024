"""What a link to the epochs behind a number of the report on suggestions asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from annotations.assistance.answers import SHOWN
from annotations.assistance.report import EVERY, HITS, MISSES, AnswerQuery
from annotations.scoring.models import Scorer

PART_CHOICES = [("", "all"), (HITS, "yes"), (MISSES, "no")]


class BehindForm(forms.Form):
    """All fields may be left out, and what cannot be read is; the page shows them as its filter."""

    mode = forms.ChoiceField(
        choices=[("", "both modes"), *((str(mode), mode.label) for mode in SHOWN)],
        required=False,
        widget=forms.HiddenInput,
    )
    number = forms.ChoiceField(required=False)
    part = forms.ChoiceField(choices=PART_CHOICES, required=False)
    scorer = forms.ChoiceField(required=False)

    def __init__(
        self, data: Mapping[str, Any], *, numbers: Mapping[str, str], people: Sequence[Scorer]
    ) -> None:
        super().__init__(data)
        self.fields["number"].choices = list(numbers.items())  # type: ignore[attr-defined]
        named = [(str(person.pk), person.label) for person in people]
        self.fields["scorer"].choices = [("", "all scorers"), *named]  # type: ignore[attr-defined]

    def wanted(self) -> AnswerQuery:
        self.is_valid()
        asked = self.cleaned_data
        return AnswerQuery(
            number=asked.get("number") or EVERY,
            mode=asked.get("mode", ""),
            part=asked.get("part", ""),
            scorer=asked.get("scorer", ""),
        )
