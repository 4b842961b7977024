"""The form in which a person chooses the notices and the mails that they get."""

from typing import Any

from django import forms
from django.http import QueryDict

from studies.models import User
from studies.notices.kinds import SWITCHES
from studies.notices.models import NoticeChoices


class SeenForm(forms.Form):
    """Up to which moment notices were seen."""

    until = forms.DateTimeField()


class ChoicesForm(forms.ModelForm):
    """How often a mail comes, and for each switch whether it is on for the page and for mails."""

    page = forms.MultipleChoiceField(choices=SWITCHES.items(), required=False)
    mail = forms.MultipleChoiceField(choices=SWITCHES.items(), required=False)

    class Meta:
        model = NoticeChoices
        fields = ("digest",)

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        super().__init__(data, instance=NoticeChoices.of(user))

    @property
    def rows(self) -> list[tuple[str, str, bool, bool]]:
        """Name, words, and whether it is on for the page and for mails, for each switch."""
        off_page, off_mail = self.instance.off_page, self.instance.off_mail
        return [(n, words, n not in off_page, n not in off_mail) for n, words in SWITCHES.items()]

    def save(self, commit: bool = True) -> Any:
        for place in ("page", "mail"):
            on = self.cleaned_data[place]
            setattr(self.instance, f"off_{place}", [name for name in SWITCHES if name not in on])
        return super().save(commit)
