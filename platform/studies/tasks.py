"""Tasks about accounts and notices: mail that a page must not wait for."""

from smtplib import SMTPException

from celery import shared_task
from django.conf import settings

from studies.accounts.links import reset_path
from studies.accounts.mail import send
from studies.accounts.signing_in import account_of
from studies.notices.digests import DIGESTS, plan_digests
from studies.notices.seen import clear_old_notices


@shared_task(
    name="studies.tasks.mail_reset_link",
    autoretry_for=(OSError, SMTPException),
    max_retries=5,
    retry_backoff=30,
)
def mail_reset_link(email: str) -> None:
    """Send a link for a new password if an active account has this e-mail.

    The page sends this task for every address, known or not, so that its answer tells nothing.
    """
    user = account_of(email)
    if user and user.is_active and user.email and user.has_usable_password():
        url = settings.SITE_URL + reset_path(user)
        send(to=user.email, template="reset", user=user, url=url)


@shared_task
def send_digests() -> None:
    """Have mails with notices sent to those whose turn it is; runs every few minutes."""
    DIGESTS.send(plan_digests())


@shared_task
def clear_notices() -> None:
    """Delete old notices; runs every day."""
    clear_old_notices()
