"""Forms of the scoring pages."""

from typing import Any

from django import forms

from recordings.models import Recording
from studies.models import Role, User


class AssignForm(forms.Form):
    """Choose who scores a night, and until when."""

    annotator = forms.ModelChoiceField(queryset=User.objects.none())
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["annotator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(
            memberships__study=recording.study,
            memberships__role=Role.ANNOTATOR,
        ).exclude(scorer__scorings__recording=recording)
