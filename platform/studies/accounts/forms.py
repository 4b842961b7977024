"""Forms of accounts: sign-in, passwords, profile, acceptance of an invitation, deactivation."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    UserTokenForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.http import HttpRequest
from kombu.exceptions import OperationalError
from redis import RedisError

from psg.errors import RefusedError
from studies.accounts.lifecycle import set_password
from studies.accounts.names import email_key, username_key, why_not_a_username
from studies.accounts.signing_in import LONGEST_PASSWORD
from studies.models import Act, Invitation, User
from studies.tasks import mail_reset_link

PASSWORD_HELP = (
    "At least 12 characters. Several words that do not belong together are best. Rows of keys, "
    "sequences, figures alone, and names are refused."
)
TAKEN = "This name is taken, or looks like a name that is taken. Choose another one."
EMAIL_TAKEN = (
    "There is an account with this e-mail. Sign in with it, then open the invitation again. If it "
    "is deactivated, contact the research lead."
)


class MailAwayError(RefusedError):
    """The request for a mail cannot be passed on."""

    code = "mail_away"
    status = 409
    default = "The site cannot send mail at this moment. Try again in some minutes."


class SignInForm(LoginForm):
    """User name or e-mail, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label, password.help_text = "Username or e-mail", "Password", ""
        name.max_length = name.widget.attrs["maxlength"] = 254
        password.widget.attrs = {
            "autocomplete": "current-password",
            "maxlength": LONGEST_PASSWORD,
        }
        name.widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            # Focus scrolls, and the people of the demo stand above.
            "autofocus": not settings.DEMO,
        }
        del name.widget.attrs["placeholder"]

    def add_prefix(self, field_name: str) -> str:
        """Send the name as `username`, as programs that sign in always did; accept `login` too."""
        known = field_name == "login" and "login" not in self.data
        return super().add_prefix("username" if known else field_name)

    def clean_login(self) -> str:
        login: str = super().clean_login()
        if len(login) > 254:
            raise forms.ValidationError("Use at most 254 characters.")
        return login

    def clean_password(self) -> str:
        return _of_bearable_length(self.cleaned_data["password"])


def _of_bearable_length(password: str) -> str:
    if len(password) > LONGEST_PASSWORD:
        raise forms.ValidationError(f"Use at most {LONGEST_PASSWORD} characters.")
    return password


class _TwiceTyped(forms.Form):
    """Plain labels for a new password that is typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": "Current password",
            "password1": "New password",
            "password2": "New password again",
        }
        for name, field in self.fields.items():
            field.label = labels[name]
            field.widget.attrs |= {"maxlength": LONGEST_PASSWORD}
            field.widget.attrs.pop("placeholder", None)
            field.help_text = PASSWORD_HELP if name == "password1" else ""

    def clean_password1(self) -> str:
        return _of_bearable_length(self.cleaned_data["password1"])


class NewPasswordForm(_TwiceTyped, ChangePasswordForm):
    """Change one's own password; all other sessions end."""

    def save(self) -> None:
        set_password(
            user=self.user, password=self.cleaned_data["password1"], act=Act.PASSWORD_CHANGED
        )


class PasswordByLinkForm(_TwiceTyped, ResetPasswordKeyForm):
    """Set a password by a link; all sessions end."""

    def save(self) -> None:
        set_password(
            user=self.user, password=self.cleaned_data["password1"], act=Act.PASSWORD_RESET
        )


class ResetLinkForm(UserTokenForm):
    """Check a link for a new password; a deactivated account has none."""

    def _get_user(self, uidb36: str) -> User | None:
        user: User | None = super()._get_user(uidb36)
        return user if user and user.is_active else None


class ForgottenForm(ResetPasswordForm):
    """Request a link by mail. Known and unknown addresses get the same answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        del self.fields["email"].widget.attrs["placeholder"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        try:
            mail_reset_link.apply_async([email], retry=False)
        except (OperationalError, RedisError) as error:
            raise MailAwayError from error
        return email


class ProfileForm(forms.ModelForm):
    """Full name and e-mail; another e-mail needs the password, because links are sent there."""

    password = forms.CharField(
        label="Current password",
        required=False,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Only to change the e-mail",
    )

    class Meta:
        model = User
        fields = ["name", "email"]
        labels = {"name": "Full name", "email": "E-mail"}

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "email" in self.changed_data and "email" in data:
            self._check_email(data["email"], data.get("password") or "")
        return data

    def _check_email(self, email: str, password: str) -> None:
        known = User.objects.filter(email_key=email_key(email)).exclude(pk=self.instance.pk)
        if email and known.exists():
            self.add_error("email", "Another account has this e-mail.")
            return
        # Counted like an attempt to sign in, so that a session alone cannot try passwords.
        name = self.instance.username
        if not get_adapter().authenticate(self._request, username=name, password=password):
            self.add_error("password", "This is not your current password.")


class AcceptForm(BaseUserCreationForm):
    """Create an account while accepting an invitation."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "name")
        help_texts = {"username": "Letters, figures and . + - _, at most 150"}

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.email = invitation.email
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        for name, help_text in (("password1", PASSWORD_HELP), ("password2", "")):
            self.fields[name].help_text = help_text
            self.fields[name].widget.attrs["maxlength"] = LONGEST_PASSWORD

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if why := why_not_a_username(username):
            raise forms.ValidationError(why)
        if User.objects.filter(username_key=username_key(username)).exists():
            raise forms.ValidationError(TAKEN)
        return username

    def clean_password1(self) -> str:
        return _of_bearable_length(self.cleaned_data["password1"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if User.objects.filter(email_key=email_key(self.instance.email)).exists():
            raise forms.ValidationError(EMAIL_TAKEN)
        return data


class ReasonForm(forms.Form):
    """Why an account is deactivated or active again."""

    why = forms.CharField(label="Reason", max_length=2000, strip=True)
