"""The forms that start runs and change their priority."""

from typing import Any

from django import forms

from inference.bundles.reading import MOST_REPLIES
from inference.models import ModelBundle, PreScoreRun
from inference.registry.promotions import promoted_bundle
from inference.runs.reading import GpuWorkers
from recordings.models import Recording
from studies.models import Study, User


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=PreScoreRun.Priority.choices, coerce=int)


class StartRunForm(forms.Form):
    """A recording with signals, or all recordings of the study, and a model that a worker can run.

    The page chooses neither from a list: a study may have a thousand recordings, and any number of
    them are chosen in the list of recordings.
    """

    recording = forms.ModelChoiceField(
        Recording.objects.none(), required=False, widget=forms.HiddenInput
    )
    whole_study = forms.BooleanField(required=False, widget=forms.HiddenInput)
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
        self,
        *args: Any,
        study: Study,
        user: User,
        workers: GpuWorkers,
        recording: Recording | None = None,
    ) -> None:
        super().__init__(*args)
        self._recordings = Recording.objects.of(user).filter(
            study=study, state=Recording.State.READY
        )
        self.fields["priority"].required = not self.is_bound
        runnable = [b.pk for b in ModelBundle.objects.all() if workers.can_run(b)]
        self._choice("recording").queryset = self._recordings
        self._choice("bundle").queryset = ModelBundle.objects.filter(pk__in=runnable)
        self.initial["bundle"] = promoted_bundle(study)
        self.initial["recording"] = recording
        self.initial["whole_study"] = recording is None

    @property
    def has_recordings(self) -> bool:
        return self._recordings.exists()

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        given["priority"] = given.get("priority") or PreScoreRun.Priority.NORMAL
        given["best_of"] = given.get("best_of") or 0
        if not given.get("whole_study") and not given.get("recording"):
            raise forms.ValidationError("Choose a recording, or all recordings.")

    def _choice(self, name: str) -> "forms.ModelChoiceField[Any]":
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        return field
