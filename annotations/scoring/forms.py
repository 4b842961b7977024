"""Forms of the scoring pages."""

from typing import Any

from django import forms

from annotations.scoring.models import Scoring, label_of
from annotations.visibility import assignable_annotators, assignable_modes, suggestible_scorings
from recordings.models import Recording
from studies.models import MODE_EXPLANATIONS, Mode, Study, User


class ScoringChoiceField(forms.ModelChoiceField):
    """A choice of scorings, labelled by their scorers."""

    def label_from_instance(self, obj: Scoring) -> str:
        return label_of(obj)


class AssignForm(forms.Form):
    """Choose who scores a night, and until when."""

    annotator = forms.ModelChoiceField(queryset=User.objects.none())
    mode = forms.ChoiceField(choices=Mode, required=False)
    suggestion = ScoringChoiceField(
        queryset=Scoring.objects.none(), required=False, empty_label="none"
    )
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self, *args: Any, recording: Recording, by: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["annotator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = assignable_annotators(recording)
        sources = self.fields["suggestion"]
        assert isinstance(sources, forms.ModelChoiceField)
        sources.queryset = suggestible_scorings(recording, by=by)
        self._offer_modes(recording.study, has_source=sources.queryset.exists())

    def _offer_modes(self, study: Study, *, has_source: bool) -> None:
        self.modes = assignable_modes(has_source=has_source)
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(mode.value, mode.name_only) for mode in self.modes]
        field.initial = study.mode if study.mode in self.modes else self.modes[0]

    @property
    def explained_modes(self) -> list[tuple[str, str]]:
        return [(mode.name_only, MODE_EXPLANATIONS[mode]) for mode in self.modes]


class ReasonForm(forms.Form):
    """Why something is done to a scoring."""

    reason = forms.CharField(max_length=2000)


class DueForm(forms.Form):
    """Until when; empty for no date."""

    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class ReassignForm(forms.Form):
    """Who scores the night instead, until when, and why."""

    annotator = forms.ModelChoiceField(queryset=User.objects.none(), label="New annotator")
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(max_length=2000)

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "reassign-%s", **kwargs})
        field = self.fields["annotator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = assignable_annotators(recording)
