"""Forms of rating studies after their design, and of exports."""

from typing import Any

from django import forms

from annotations.models import Scorer
from annotations.queries.exports import ExportChoice, export_choices
from annotations.queries.rating.words import DIMENSION_WORDS
from studies.models import Study

FEEDBACK_LIMIT = 1000


class GoldForm(forms.Form):
    """What a calibration item deserves, and what a rater reads afterwards."""

    feedback = forms.CharField(
        max_length=FEEDBACK_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        label="What raters read afterwards",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in DIMENSION_WORDS.items():
            levels = [(str(level), str(level)) for level, _ in words.numbered]
            self.fields[name] = forms.TypedChoiceField(
                choices=[("", "open"), *levels],
                coerce=int,
                empty_value=None,
                required=False,
                label=words.title,
            )
        self.order_fields([*DIMENSION_WORDS, "feedback"])

    @property
    def score_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in DIMENSION_WORDS]

    def scores(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in DIMENSION_WORDS}


class ScorerField(forms.ModelChoiceField):
    """A scorer with how many of their nights could be exported."""

    choices_by_scorer: dict[int, ExportChoice]

    def label_from_instance(self, scorer: Scorer) -> str:
        choice = self.choices_by_scorer[scorer.pk]
        return f"{scorer.label_and_kind} · {choice.finished} finished, {choice.open} open"


class ExportForm(forms.Form):
    """Whose scorings go into the export."""

    scorer = ScorerField(queryset=Scorer.objects.none(), empty_label=None, label="Scorings by")
    include_open = forms.BooleanField(
        required=False, label="Scorings that are not submitted yet as well"
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
