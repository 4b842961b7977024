"""What is done with accounts: passwords, profile, deactivation and reactivation."""

from django.db import IntegrityError, transaction

from psg.errors import RefusedError
from studies.accounts.links import reset_path
from studies.accounts.sessions import end_all_sessions
from studies.audit import record
from studies.authentication import withdraw_all_tokens
from studies.members import studies_led_alone
from studies.models import Act, User


class AccountError(RefusedError):
    """Something cannot be done with this account."""

    code = "account"
    status = 409


@transaction.atomic
def set_password(*, user: User, password: str, act: Act) -> None:
    """Set a new password. Sessions that know the old one end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(act, user=user)


@transaction.atomic
def change_profile(*, user: User, changed: list[str]) -> None:
    """Save name and e-mail of an account, as changed by its owner."""
    if changed:
        try:
            with transaction.atomic():
                user.save(update_fields=changed)
        except IntegrityError:
            raise AccountError("Another account has this e-mail.") from None
        record(Act.ACCOUNT_CHANGED, user=user, about=" and ".join(changed))


@transaction.atomic
def allow_studies(*, account: User, allowed: bool, by: User, why: str) -> None:
    """Allow a person to create studies, and to clone and archive those they lead, or not."""
    if account.may_manage_studies == allowed:
        return
    account.may_manage_studies = allowed
    account.save(update_fields=["may_manage_studies"])
    act = Act.STUDIES_ALLOWED if allowed else Act.STUDIES_REFUSED
    record(act, user=by, person=account, why=why)


@transaction.atomic
def deactivate(*, account: User, by: User, why: str) -> None:
    """Close an account: sessions and tokens end at once. Scorings, ratings and roles remain."""
    _refuse_other_leads_of_site(account, by)
    if account.pk == by.pk:
        raise AccountError(
            "You cannot deactivate your own account. Another lead of the site can do it."
        )
    if alone := studies_led_alone(account):
        raise AccountError(
            f"This is the only lead of {', '.join(map(str, alone))}.",
            advice="Give another member the role of lead first.",
        )
    account.is_active = False
    account.save(update_fields=["is_active"])
    end_all_sessions(user=account)
    withdraw_all_tokens(user=account, by=by)
    record(Act.ACCOUNT_DEACTIVATED, user=by, person=account, why=why)


@transaction.atomic
def reactivate(*, account: User, by: User, why: str) -> None:
    """Open an account again. The person signs in with the same password; tokens stay withdrawn."""
    _refuse_other_leads_of_site(account, by)
    account.is_active = True
    account.save(update_fields=["is_active"])
    record(Act.ACCOUNT_REACTIVATED, user=by, person=account, why=why)


@transaction.atomic
def create_reset_link(*, account: User, by: User) -> str:
    """Return the address at which the person sets a new password, once and within a day."""
    _refuse_other_leads_of_site(account, by)
    if not account.is_active:
        raise AccountError("This account is deactivated. Reactivate it first.")
    record(Act.RESET_LINK_CREATED, user=by, person=account)
    return reset_path(account)


def _refuse_other_leads_of_site(account: User, by: User) -> None:
    """Nobody gets the rights of a superuser by a link for that account."""
    if account.is_superuser and not by.is_superuser:
        raise AccountError("Only a superuser can do this with the account of a superuser.")
