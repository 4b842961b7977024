"""The filter of the epochs behind a number of the report on suggestions."""

from collections.abc import Mapping, Sequence

from django import forms

from annotations.assistance.answers import SHOWN
from annotations.assistance.report import EVERY, HITS, MISSES, AnswerQuery
from annotations.scoring.models import Scorer

PART_CHOICES = [("", "all"), (HITS, "yes"), (MISSES, "no")]


class BehindForm(forms.Form):
    """The filter of the page: every field is optional, and an invalid value is ignored."""

    mode = forms.ChoiceField(
        choices=[("", "both modes"), *((str(mode), mode.label) for mode in SHOWN)],
        required=False,
        widget=forms.HiddenInput,
    )
    number = forms.ChoiceField(required=False)
    part = forms.ChoiceField(choices=PART_CHOICES, required=False)
    scorer = forms.ChoiceField(required=False)

    def __init__(
        self, data: Mapping[str, object], *, numbers: Mapping[str, str], people: Sequence[Scorer]
    ) -> None:
        super().__init__(data)
        self.fields["number"].choices = list(numbers.items())  # type: ignore[attr-defined]
        named = [(str(person.pk), person.label) for person in people]
        self.fields["scorer"].choices = [("", "all scorers"), *named]  # type: ignore[attr-defined]

    def wanted(self) -> AnswerQuery:
        self.is_valid()
        fields = self.cleaned_data
        return AnswerQuery(
            number=fields.get("number") or EVERY,
            mode=fields.get("mode", ""),
            part=fields.get("part", ""),
            scorer=fields.get("scorer", ""),
        )
