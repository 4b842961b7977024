"""Links by which a person sets a new password: once, and for a day."""

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from studies.models import User


class ResetTokens(PasswordResetTokenGenerator):
    """A token ends with a new password, a sign-in, a sign-out everywhere, or a deactivation."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        state = f"{user.session_round}:{user.is_active}"
        return f"{super()._make_hash_value(user, timestamp)}:{state}"


def reset_path(user: User) -> str:
    """Return the address of the page on which `user` sets a new password."""
    key = ResetTokens().make_token(user)
    return reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
