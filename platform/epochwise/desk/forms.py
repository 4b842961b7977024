"""Forms about whole studies and their members."""

from typing import Any

from django import forms

from epochwise.desk.studies import address_for
from studies.models import Membership, Role, Study, User


class _NamedStudyForm(forms.ModelForm):
    """Title and address of a new study; the address follows from the title if it is left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = self.fields["slug"]
        slug.required = False
        slug.label = "Address"
        slug.help_text = (
            "Letters, figures and hyphens, as in /studies/sleep-cohort/. If empty: made from the"
            " title. It cannot be changed later"
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "slug" in cleaned and not cleaned["slug"]:
            cleaned["slug"] = self.instance.slug = address_for(cleaned.get("title", ""))
        if "title" in cleaned and cleaned.get("slug") == "":
            self.add_error("slug", "The title has no letters that fit an address. Enter one.")
        return cleaned


class NewStudyForm(_NamedStudyForm):
    class Meta:
        model = Study
        fields = ["title", "slug", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}


class CloneForm(_NamedStudyForm):
    """A new study with the settings of another one, and those members who are chosen."""

    members = forms.ModelMultipleChoiceField(
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Roles that are also given in the new study. You become its lead",
    )

    class Meta:
        model = Study
        fields = ["title", "slug"]

    def __init__(self, *args: Any, source: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = source.memberships.filter(user__is_active=True).select_related("user")
        field = self.fields["members"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = active.order_by("user__username", "role")
        field.label_from_instance = _named  # type: ignore[assignment,method-assign]


def _named(membership: Membership) -> str:
    return f"{membership.user}, {membership.get_role_display().lower()}"


class RoleForm(forms.Form):
    """Another role for somebody who is a member already; others are invited."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label="Member")
    role = forms.ChoiceField(choices=Role)

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)
        members = User.objects.filter(is_active=True, memberships__study=study)
        field.queryset = members.distinct().order_by("username")
