"""Forms of the scoring pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from annotations.scoring.models import FINISHED, Scoring, label_of
from recordings.models import Recording
from studies.models import MODE_EXPLANATIONS, Mode, Role, Study, User


class ScoringChoiceField(forms.ModelChoiceField):
    """A choice of scorings, told apart by their scorers."""

    def label_from_instance(self, obj: Scoring) -> str:
        return label_of(obj)


def free_annotators(recording: Recording) -> "QuerySet[User]":
    """Return the annotators of the study who do not have this night yet."""
    return User.objects.filter(
        memberships__study=recording.study,
        memberships__role=Role.ANNOTATOR,
    ).exclude(scorer__scorings__recording=recording)


class AssignForm(forms.Form):
    """Choose who scores a night, and until when."""

    annotator = forms.ModelChoiceField(queryset=User.objects.none())
    mode = forms.ChoiceField(choices=Mode, required=False)
    suggestion = ScoringChoiceField(
        queryset=Scoring.objects.none(), required=False, empty_label="none"
    )
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["annotator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = free_annotators(recording)
        sources = self.fields["suggestion"]
        assert isinstance(sources, forms.ModelChoiceField)
        sources.queryset = Scoring.objects.filter(
            recording=recording, state__in=FINISHED
        ).select_related("scorer")
        self._offer_modes(recording.study, showing=sources.queryset.exists())

    def _offer_modes(self, study: Study, *, showing: bool) -> None:
        """All modes; blind alone while there is no finished scoring of the night to show."""
        self.modes = [mode for mode in Mode if showing or mode == Mode.BLIND]
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(mode.value, mode.name_only) for mode in self.modes]
        field.initial = study.mode if showing else Mode.BLIND

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

    annotator = forms.ModelChoiceField(queryset=User.objects.none(), label="Give it to")
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(max_length=2000)

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "reassign-%s", **kwargs})
        field = self.fields["annotator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = free_annotators(recording)
