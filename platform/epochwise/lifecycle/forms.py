"""Forms of erasing and correcting."""

from typing import Any

from django import forms

from recordings.models import Recording


class ErasureForm(forms.Form):
    """A reason, and the name of what is erased, typed."""

    reason = forms.CharField(
        max_length=500,
        help_text="Stays in the audit trail, so do not enter the name of the person",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    confirmation = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmation"].label = f"Type {name} to confirm"


class PersonErasureForm(ErasureForm):
    with_scorings = forms.BooleanField(
        label="Also erase the scorings of this person on which nothing rests", required=False
    )


class CorrectionForm(forms.Form):
    """Name and subject of a recording, and why they change."""

    name = forms.CharField(max_length=80, help_text="Unique in the study, never a person's name")
    subject = forms.CharField(
        max_length=60,
        label="Code of the subject",
        help_text="A code of the study, or a new one. The split of releases keeps the nights of a"
        " subject together",
    )
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        initial = {"name": recording.name, "subject": recording.subject.code}
        super().__init__(*args, **{**kwargs, "initial": initial})
