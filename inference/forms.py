"""The form that starts a run."""

from typing import Any

from django import forms

from inference.models import ModelBundle
from recordings.models import Recording
from studies.models import Study, User


class StartRunForm(forms.Form):
    """A night with signals and a model that is installed."""

    recording = forms.ModelChoiceField(Recording.objects.none(), label="Night", empty_label=None)
    bundle = forms.ModelChoiceField(ModelBundle.objects.none(), label="Model", empty_label=None)

    def __init__(
        self, *args: Any, study: Study, user: User, recording: Recording | None = None
    ) -> None:
        super().__init__(*args)
        nights = Recording.objects.of(user).filter(study=study, state=Recording.State.READY)
        installed = [b.pk for b in ModelBundle.objects.all() if b.is_installed]
        self._choice("recording").queryset = nights
        self._choice("bundle").queryset = ModelBundle.objects.filter(pk__in=installed)
        if recording is not None:
            self.initial["recording"] = recording.pk
            self.fields["recording"].widget = forms.HiddenInput()

    def _choice(self, name: str) -> "forms.ModelChoiceField[Any]":
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        return field
