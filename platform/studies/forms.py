"""Forms about people and studies."""

from typing import Any

from django import forms

from psg.rules.editions import get_edition
from psg.rules.phrases import PhraseError, default_phrases, parse_phrases
from studies.authentication import LONGEST_DAYS
from studies.models import MODE_EXPLANATIONS, ApiToken, Invitation, Mode, Study


class InviteForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "role"]
        labels = {"email": "E-mail"}


class ApiTokenForm(forms.ModelForm):
    """Purpose and duration of a token."""

    days = forms.IntegerField(
        label="Days until it expires",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        labels = {"name": "Purpose"}


class ProtocolForm(forms.ModelForm):
    """Protocol of the study for new assignments; scorings in progress keep theirs."""

    mode = forms.ChoiceField(
        choices=[(mode.value, f"{mode.name_only}. {MODE_EXPLANATIONS[mode]}") for mode in Mode],
        widget=forms.RadioSelect,
        help_text="Default for new assignments. All modes except blind need a finished "
        "scoring of the recording.",
    )

    class Meta:
        model = Study
        fields = ["title", "description", "guideline", "track", "mode"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "guideline": forms.Textarea(attrs={"rows": 12}),
        }


class PhrasesForm(forms.Form):
    """Phrases of a study, each on a line; an empty text restores the default phrases."""

    phrases = forms.CharField(
        required=False,
        max_length=100_000,
        label="Phrases",
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "true"}),
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._study = study
        self.fields["phrases"].initial = study.phrases or default_phrases()

    def clean_phrases(self) -> str:
        text: str = self.cleaned_data["phrases"].replace("\r\n", "\n")
        try:
            parse_phrases(text, get_edition(self._study.rule_edition))
        except PhraseError as error:
            raise forms.ValidationError(str(error)) from error
        return text
