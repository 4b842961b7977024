"""Mails with the notices that a person has not seen, daily or weekly, each sent once at most.

While the mail server is away the mails wait, and are tried again after some minutes. A mail of
which nobody knows whether the server took it is not sent again.
"""

import logging
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from jobs.kinds import JobKind
from studies.accounts.mail import mail_is_on
from studies.models import User
from studies.notices.models import Notice, NoticeChoices, NoticeDigest
from studies.notices.reading import ShownNotice, in_words, notices_of, readable_notices

# In the time zone of the site.
SENT_FROM_HOUR = 6
# Older ones are no news any more, such as those from before there was a mail server.
NEWS_FOR = timedelta(days=14)
LISTED = 100
TRY_AGAIN_AFTER = timedelta(minutes=10)
AWAY = "The mail server does not answer. The mail waits."
UNKNOWN = "It is not known whether this mail was sent. It is not sent again."

Digest = NoticeChoices.Digest
State = NoticeDigest.State
log = logging.getLogger(__name__)


def plan_digests(now: datetime | None = None) -> list[int]:
    """Add a digest for everybody whose turn it is and who has news; return the ids that wait.

    It may run as often as it likes, and twice at once: a person has one digest a day, and none
    while another one waits.
    """
    now = timezone.localtime(now)
    if not mail_is_on() or now.hour < SENT_FROM_HOUR:
        return []
    monday = now.date() - timedelta(days=now.weekday())
    # News of the morning waits for the next mail, so that mails come at the same hour.
    for digest, day in ((Digest.DAILY, now.date()), (Digest.WEEKLY, monday)):
        NoticeDigest.objects.bulk_create(
            (NoticeDigest(user=user, day=day) for user in _whose_turn(digest, day)),
            ignore_conflicts=True,
        )
    return DIGESTS.unsent()


def _whose_turn(digest: Digest, day: date) -> QuerySet[User]:
    chosen = Q(notice_choices__digest=digest)
    if digest == NoticeChoices._meta.get_field("digest").default:
        chosen |= Q(notice_choices=None)
    until = timezone.make_aware(datetime.combine(day, time(SENT_FROM_HOUR)))
    news = readable_notices().filter(_is_news(), made_at__lt=until)
    had = NoticeDigest.objects.filter(day=day)
    return (
        User.objects.filter(chosen, is_active=True, pk__in=news.values("recipient"))
        .exclude(email="")
        .exclude(pk__in=had.values("user"))
    )


def _is_news() -> Q:
    since = timezone.now() - NEWS_FOR
    return Q(by_mail=True, seen_at=None, digest=None, made_at__gte=since)


def send_digest(digest: NoticeDigest) -> None:
    """Send a claimed digest, and settle it; put it off while the mail server is away.

    Raises
    ------
    LeaseLostError
    """
    if digest.sent_at:  # another attempt began to send it, and ended before it settled it
        _end(digest, State.DONE, error=UNKNOWN)
        return
    shown = _take_news(digest) if _is_wanted(digest.user) else []
    if shown:
        _send(digest, _mail(digest.user, shown))
    else:
        _end(digest, State.DONE)


def _is_wanted(user: User) -> bool:
    """Return whether a mail may leave now: days can lie between plan and mail server."""
    is_off = NoticeChoices.of(user).digest == Digest.OFF
    return user.is_active and bool(user.email) and not is_off and mail_is_on()


@transaction.atomic
def _take_news(digest: NoticeDigest) -> list[ShownNotice]:
    """Return what the person may see of their news; from now on it is in this digest."""
    digest.hold()
    mine = notices_of(digest.user).filter(_is_news() | Q(digest=digest, seen_at=None))
    notices = list(mine.select_related("study"))
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(digest=digest)
    off = NoticeChoices.of(digest.user).off_mail
    shown = [each for each in in_words(digest.user, notices) if each.kind.switch not in off]
    return [each for each in shown if not each.is_over]


def _mail(user: User, shown: list[ShownNotice]) -> EmailMessage:
    context = {
        "shown": shown[:LISTED],
        "more": max(len(shown) - LISTED, 0),
        "site_url": settings.SITE_URL.rstrip("/"),
    }
    text = render_to_string("notices/mail.txt", context)
    count = f"{len(shown)} notice{'' if len(shown) == 1 else 's'}"
    return EmailMessage(f"Epochwise: {count}", text.strip() + "\n", None, [user.email])


def _send(digest: NoticeDigest, mail: EmailMessage) -> None:
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        _put_off(digest, error)
        return
    try:
        digest.renew(sent_at=timezone.now())  # from here on nobody knows, until the server answers
        connection.send_messages([mail])
    except SMTPRecipientsRefused:
        _end(digest, State.FAILED, sent_at=None, error="The server refused the address.")
    except SMTPResponseException as error:
        _not_taken(digest, error)
    except (OSError, SMTPException) as error:
        log.warning("%s: %s", digest, error)
        _end(digest, State.DONE, error=UNKNOWN)
    else:
        _end(digest, State.DONE)
    finally:
        connection.close()


def _not_taken(digest: NoticeDigest, error: SMTPResponseException) -> None:
    """The server answered that it did not take the mail: for now, or at all."""
    if error.smtp_code < 500:
        _put_off(digest, error)
    else:
        _end(digest, State.FAILED, sent_at=None, error="The server refused the mail.")


@transaction.atomic
def _put_off(digest: NoticeDigest, error: Exception) -> None:
    """Let this digest wait, and all others too: each would wait for the same silent server."""
    log.warning("%s waits for the mail server: %s", digest, error)
    later = timezone.now() + TRY_AGAIN_AFTER
    digest.settle(state=State.WAITING, attempt=0, sent_at=None, try_after=later, error=AWAY)
    waiting = NoticeDigest.objects.filter(state=State.WAITING, lease_token=None)
    waiting.update(try_after=later, error=AWAY)


def _end(digest: NoticeDigest, state: State, *, error: str = "", **changes: object) -> None:
    digest.settle(state=state, error=error, finished_at=timezone.now(), **changes)


@transaction.atomic
def _give_up(digest: NoticeDigest, error: str) -> None:
    """Leave the news to the mail of another day, unless this one may have left."""
    if digest.sent_at:
        _end(digest, State.DONE, error=UNKNOWN)
        return
    _end(digest, State.FAILED, error=error)
    Notice.objects.filter(digest=digest).update(digest=None)


DIGESTS = JobKind(
    NoticeDigest,
    work=send_digest,
    give_up=_give_up,
    related=("user",),
)
