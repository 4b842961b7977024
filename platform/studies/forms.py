"""Forms about people."""

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm

from studies.models import Invitation, User


class InviteForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "role"]


class AcceptForm(BaseUserCreationForm):
    """Make an account while accepting an invitation."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "name")
