"""The forms that start runs and change their priority."""

from typing import Any

from django import forms

from inference.bundles.reading import MOST_REPLIES
from inference.models import ModelBundle, PreScoreRun
from inference.registry.promotions import promoted_bundle
from inference.runs.reading import gpu_workers
from recordings.models import Recording
from studies.models import Study, User


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=PreScoreRun.Priority.choices, coerce=int)


class StartRunForm(forms.Form):
    """A night with signals, or all of them, and a model that a worker can run."""

    recording = forms.ModelChoiceField(
        Recording.objects.none(),
        label="Recording",
        empty_label=None,
        error_messages={"required": "Choose a recording, or all recordings."},
    )
    whole_study = forms.BooleanField(
        required=False, label="All recordings of the study not yet pre-scored with this model"
    )
    bundle = forms.ModelChoiceField(ModelBundle.objects.none(), label="Model", empty_label=None)
    priority = forms.TypedChoiceField(
        choices=PreScoreRun.Priority.choices,
        coerce=int,
        initial=PreScoreRun.Priority.NORMAL,
    )
    best_of = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_REPLIES,
        label="Replies to each epoch",
        help_text="With several, the reply that measurements contradict least is kept. Only"
        " SleepVLM models of a worker write several. Empty: as the model sets.",
    )

    def __init__(
        self, *args: Any, study: Study, user: User, recording: Recording | None = None
    ) -> None:
        super().__init__(*args)
        nights = Recording.objects.of(user).filter(study=study, state=Recording.State.READY)
        self.fields["recording"].required = not self.data.get("whole_study")
        self.fields["priority"].required = not self.is_bound
        workers = gpu_workers()
        runnable = [b.pk for b in ModelBundle.objects.all() if workers.can_run(b)]
        self._choice("recording").queryset = nights
        self._choice("bundle").queryset = ModelBundle.objects.filter(pk__in=runnable)
        self.initial["bundle"] = promoted_bundle(study)
        if recording is not None:
            self.initial["recording"] = recording.pk
            self.fields["recording"].widget = forms.HiddenInput()

    def clean(self) -> None:
        super().clean()
        priority = self.cleaned_data.get("priority")
        self.cleaned_data["priority"] = priority or PreScoreRun.Priority.NORMAL
        self.cleaned_data["best_of"] = self.cleaned_data.get("best_of") or 0

    def _choice(self, name: str) -> "forms.ModelChoiceField[Any]":
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        return field
