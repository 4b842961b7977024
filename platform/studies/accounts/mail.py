"""Mail about accounts. Without a mail server, leads hand over links instead."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def mail_is_on() -> bool:
    return bool(settings.EMAIL_HOST)


def send(*, to: str, template: str, **context: object) -> None:
    """Send a mail. The first line of the template is the subject.

    Raises
    ------
    OSError, SMTPException
        When the server does not take it.
    """
    subject, _, text = render_to_string(f"account/mail/{template}.txt", context).partition("\n")
    send_mail(subject.strip(), text.strip() + "\n", None, [to])


def sent(*, to: str, template: str, **context: object) -> bool:
    """Send a mail if there is a server; return whether it took the mail."""
    if not mail_is_on() or not to:
        return False
    try:
        send(to=to, template=template, **context)
    except (OSError, SMTPException) as error:
        logger.warning("a mail (%s) was not sent: %s", template, error)
        return False
    return True
