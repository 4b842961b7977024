"""Forms of rating studies and exports."""

import re
import secrets
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet

from annotations.models import Scorer, Scoring
from annotations.queries.exports import ExportChoice, export_choices
from annotations.services.rating_studies import MOST_ITEMS, eligible_raters
from recordings.models import Recording
from studies.models import Study, User

HIGHEST_SEED = 2**31 - 1


class ScoringsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, scoring: Scoring) -> str:
        count = getattr(scoring, "rationale_count", 0)
        noun = "rationale" if count == 1 else "rationales"
        return f"{scoring.recording} · {scoring.scorer.label_and_kind} · {count} {noun}"


def scorings_with_rationales(study: Study) -> "QuerySet[Scoring]":
    has_words = Q(scores__stage__isnull=False) & ~Q(scores__rationale="")
    return (
        Scoring.objects.filter(recording__study=study, recording__state=Recording.State.READY)
        .annotate(rationale_count=Count("scores", filter=has_words))
        .filter(rationale_count__gt=0)
        .select_related("recording", "scorer")
        .order_by("recording__name", "scorer__kind", "scorer__label")
    )


def scorer_labels(study: Study) -> list[str]:
    """Every label that would tell a rater who wrote: all scorers of the study, chosen or not."""
    of_study = Q(study=study) | Q(scorings__recording__study=study)
    return list(Scorer.objects.filter(of_study).values_list("label", flat=True).distinct())


def _names(title: str, label: str) -> bool:
    """Whether the title has the label as words of its own, in the plural as well."""
    words = r"\s+".join(re.escape(word) for word in label.split())
    return re.search(rf"(?<!\w){words}s?(?!\w)", title, re.IGNORECASE) is not None


def _new_seed() -> int:
    return secrets.randbelow(HIGHEST_SEED)


class RatingStudyForm(forms.Form):
    """Which rationales, how many, and who rates them."""

    title = forms.CharField(max_length=120, help_text="Raters read it: name no source here.")
    scorings = ScoringsField(
        queryset=Scoring.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Rationales of",
        help_text="Sources take turns in the sample, and so do the stages of each source.",
    )
    raters = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Only raters who are not lead, adjudicator or viewer here: those see sources. "
        "Nobody is given what they wrote.",
    )
    item_count = forms.IntegerField(
        min_value=1, max_value=MOST_ITEMS, initial=40, label="Rationales to rate"
    )
    repeat_percent = forms.IntegerField(
        min_value=0,
        max_value=30,
        initial=10,
        label="Hidden repeats, %",
        help_text="Shown twice to the same rater, to see how steady a rater is.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=HIGHEST_SEED,
        initial=_new_seed,
        help_text="Decides sample and order; the same seed gives the same study.",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._study = study
        scorings, raters = self.fields["scorings"], self.fields["raters"]
        assert isinstance(scorings, forms.ModelMultipleChoiceField)
        assert isinstance(raters, forms.ModelMultipleChoiceField)
        scorings.queryset = scorings_with_rationales(study)
        able = [user.pk for user in eligible_raters(study)]
        raters.queryset = User.objects.filter(pk__in=able).order_by("username")

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        for label in scorer_labels(self._study):
            if _names(title, label):
                raise forms.ValidationError(f"Raters read the title, and it names {label}.")
        return title


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
