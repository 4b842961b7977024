"""Forms of imports and exports."""

from typing import Any

from django import forms

from annotations.exchange.exports import ExportChoice, export_choices
from annotations.exchange.plan import (
    COUNTING_WORDS,
    DEFAULT_SCORER,
    LONGEST_LABEL,
    Counting,
    ImportOptions,
)
from annotations.scoring.models import Scorer
from studies.models import Study


class ImportOptionsForm(forms.Form):
    """The options of an import."""

    scorer = forms.CharField(
        max_length=LONGEST_LABEL,
        required=False,
        label="Scorer",
        help_text=f"If empty: from the folder of a release, else {DEFAULT_SCORER}.",
    )
    counting = forms.ChoiceField(
        choices=[(counting.value, words) for counting, words in COUNTING_WORDS.items()],
        required=False,
        label="Epoch numbering",
        help_text="Meaning of N. Needed only without epochs.csv.",
    )
    staged_by = forms.ModelChoiceField(
        queryset=Scorer.objects.none(),
        required=False,
        label="Scorer of the stages",
        help_text="For the third choice: the scorer whose staged epochs are numbered.",
    )
    make_nights = forms.BooleanField(required=False, label="Create recordings without signals")

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [choice.scorer.pk for choice in export_choices(study) if choice.finished]
        field = self.fields["staged_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Scorer.objects.filter(pk__in=known)

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("counting") == Counting.STAGED and not data.get("staged_by"):
            self.add_error("staged_by", "Choose the scorer whose staged epochs are numbered.")

    def options(self) -> ImportOptions:
        data = self.cleaned_data
        return ImportOptions(
            scorer=" ".join(data["scorer"].split()),
            counting=Counting(data["counting"]),
            staged_by=data["staged_by"].pk if data["staged_by"] else None,
            make_nights=data["make_nights"],
        )


class ScorerField(forms.ModelChoiceField):
    """Scorers, each with the number of nights that can be exported."""

    choices_by_scorer: dict[int, ExportChoice]

    def label_from_instance(self, scorer: Scorer) -> str:
        choice = self.choices_by_scorer[scorer.pk]
        return f"{scorer.label_and_kind} · {choice.finished} finished, {choice.open} open"


class ExportForm(forms.Form):
    """Whose scorings go into the export."""

    scorer = ScorerField(queryset=Scorer.objects.none(), empty_label=None, label="Scorer")
    include_open = forms.BooleanField(
        required=False, label="Include scorings that are not submitted"
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {choice.scorer.pk: choice for choice in export_choices(study)}
        field = self.fields["scorer"]
        assert isinstance(field, ScorerField)
        field.choices_by_scorer = known
        field.queryset = Scorer.objects.filter(pk__in=known)
        self.has_scorings = bool(known)
        if known:
            self.initial.setdefault("scorer", next(iter(known)))
