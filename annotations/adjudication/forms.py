"""Forms of the adjudication pages."""

from collections.abc import Sequence
from typing import Any

from django import forms

from annotations.scoring.models import Scoring, label_of


class AdjudicateForm(forms.Form):
    """Choose the finished scorings for an adjudication."""

    scorings = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Finished scorings",
        help_text="At least two. They are shown as A, B, C in random order.",
        error_messages={"required": "Choose at least two scorings."},
    )

    def __init__(self, *args: Any, scorings: Sequence[Scoring], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scorings = {scoring.pk: scoring for scoring in scorings}
        field = self.fields["scorings"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(scoring.pk, label_of(scoring)) for scoring in scorings]

    def clean_scorings(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["scorings"]
        if len(chosen) < 2:
            raise forms.ValidationError("Choose at least two scorings.")
        return chosen

    def chosen(self) -> list[Scoring]:
        return [self._scorings[pk] for pk in self.cleaned_data["scorings"]]
