"""Mails with notices: daily or weekly, once at most, later while the server is away."""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from annotations.scoring.scorings import close_scoring
from recordings.models import Recording
from studies.models import Membership, Notice, NoticeChoices, NoticeDigest
from studies.notices.digests import AWAY, DIGESTS, LISTED, UNKNOWN, plan_digests
from studies.notices.sending import notify
from tests.helpers.jobs import expire, swept
from tests.helpers.running_site import free_port

pytestmark = pytest.mark.django_db
State = NoticeDigest.State
MONDAY = datetime(2026, 12, 7, 6, 30)
AWAY_BACKEND = "tests.notices.test_digests.Away"


class Away(EmailBackend):
    """A mail server that fails when it is asked to do what `fails` names."""

    fails: tuple[str, Exception] = ("open", ConnectionRefusedError())

    def open(self) -> None:
        if self.fails[0] == "open":
            raise self.fails[1]

    def send_messages(self, messages) -> int:
        raise self.fails[1]


class Box(MessageHandler):
    """A mail server that keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


@pytest.fixture(autouse=True)
def server(settings) -> Iterator[None]:
    settings.EMAIL_HOST = "mail.example.org"
    settings.SITE_URL = "https://sleep.example.org"
    yield
    Away.fails = ("open", ConnectionRefusedError())


@pytest.fixture
def told(scoring, annotator) -> None:
    annotator.email = "ada@example.org"
    annotator.save()
    made_at(MONDAY - timedelta(days=1))


def made_at(moment: datetime) -> None:
    Notice.objects.update(made_at=timezone.make_aware(moment))


def plan(moment: datetime) -> list[int]:
    return plan_digests(timezone.make_aware(moment))


def sent(moment: datetime) -> list[str]:
    """Plan and send at a moment; return the texts that leave."""
    mail.outbox.clear()
    for pk in plan(moment):
        DIGESTS.run(pk)
    return [str(each.body) for each in mail.outbox]


@pytest.fixture(autouse=True)
def these_days(monkeypatch) -> None:
    monkeypatch.setattr("studies.notices.digests.NEWS_FOR", timedelta(days=36500))


def test_what_was_not_seen_comes_once_a_day_with_its_address(told, annotator, study):
    assert sent(MONDAY.replace(hour=5)) == []
    (text,) = sent(MONDAY)
    notice = annotator.notices.get()
    assert "- Assigned to you: S1 (Night study)" in text
    assert f"https://sleep.example.org/notices/{notice.pk}/" in text
    assert mail.outbox[0].to == ["ada@example.org"]
    assert mail.outbox[0].subject == "Epochwise: 1 notice"
    assert sent(MONDAY + timedelta(hours=1)) == []
    assert sent(MONDAY + timedelta(days=1)) == []  # no news
    notify("reopened", study=study, to=[annotator], about=annotator.notices.get().about)
    Notice.objects.filter(kind="reopened").update(made_at=timezone.make_aware(MONDAY))
    assert sent(MONDAY + timedelta(hours=9)) == []  # had its mail of the day
    (text,) = sent(MONDAY + timedelta(days=1))
    assert "Scoring reopened" in text
    assert "Assigned" not in text


@pytest.mark.parametrize(("digest", "days"), [("daily", [0]), ("weekly", [4]), ("off", [])])
def test_the_mail_comes_as_often_as_chosen(told, annotator, digest, days):
    NoticeChoices.objects.create(user=annotator, digest=digest)
    thursday = MONDAY + timedelta(days=3)
    made_at(thursday - timedelta(hours=1))
    # On Monday, or on Tuesday when the site was down on Monday.
    came = [day for day in (0, 2, 4, 5) if sent(thursday + timedelta(days=day))]
    assert came == days


@pytest.mark.parametrize("why", ["seen", "submitted", "left", "no mail", "deactivated", "old"])
def test_what_is_no_news_any_more_is_not_mailed(told, annotator, scoring, monkeypatch, why):
    if why == "seen":
        Notice.objects.update(seen_at=timezone.now())
    elif why == "submitted":
        close_scoring(scoring=scoring)
    elif why == "left":
        Membership.objects.filter(user=annotator).delete()
    elif why == "no mail":
        Notice.objects.update(by_mail=False)
    elif why == "deactivated":
        annotator.is_active = False
        annotator.save()
    else:
        monkeypatch.setattr("studies.notices.digests.NEWS_FOR", timedelta(days=-36500))
    assert sent(MONDAY) == []
    assert not NoticeDigest.objects.filter(sent_at__isnull=False).exists()
    assert why != "left" or not NoticeDigest.objects.exists()


def test_nothing_is_planned_without_a_mail_server(told, settings):
    settings.EMAIL_HOST = ""
    assert plan(MONDAY) == []
    assert not NoticeDigest.objects.exists()


def test_two_beats_plan_one_mail_and_two_workers_send_one(told):
    (pk,) = plan(MONDAY)
    assert plan(MONDAY) == [pk]
    for _ in range(2):
        DIGESTS.run(pk)
    assert len(mail.outbox) == 1


def test_while_the_server_is_away_mails_wait_and_then_leave_once(told, settings):
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, AWAY_BACKEND
    (pk,) = plan(MONDAY)
    for _ in range(5):
        DIGESTS.run(pk)
    digest = NoticeDigest.objects.get()
    assert (digest.state, digest.attempt, digest.sent_at, digest.error) == (
        State.WAITING, 0, None, AWAY,
    )  # fmt: skip
    assert swept(DIGESTS) == []  # not every few seconds
    settings.EMAIL_BACKEND = usual
    NoticeDigest.objects.update(try_after=timezone.now())
    # Days later there is still one mail, with what came since.
    (text,) = sent(MONDAY + timedelta(days=3))
    assert "S1" in text
    assert sent(MONDAY + timedelta(days=3)) == []


def test_one_silent_server_puts_off_the_mails_of_all(told, annotator, member, settings):
    settings.EMAIL_BACKEND = AWAY_BACKEND
    (pk,) = plan(MONDAY)
    other = NoticeDigest.objects.create(user=member(None, username="x"), day=MONDAY.date())
    DIGESTS.run(pk)
    other.refresh_from_db()
    assert other.try_after
    DIGESTS.run(other.pk)
    other.refresh_from_db()
    assert other.attempt == 0


@pytest.mark.parametrize(
    ("error", "state", "is_sent"),
    [
        (smtplib.SMTPServerDisconnected("gone"), State.DONE, True),
        (TimeoutError(), State.DONE, True),
        (smtplib.SMTPRecipientsRefused({}), State.FAILED, False),
        (smtplib.SMTPDataError(554, b"no"), State.FAILED, False),
        (smtplib.SMTPDataError(451, b"later"), State.WAITING, False),
    ],
)
def test_a_mail_that_may_have_left_is_not_sent_again(told, settings, error, state, is_sent):
    settings.EMAIL_BACKEND, Away.fails = AWAY_BACKEND, ("send", error)
    (pk,) = plan(MONDAY)
    DIGESTS.run(pk)
    digest = NoticeDigest.objects.get()
    assert (digest.state, digest.sent_at is not None) == (state, is_sent)
    assert sent(MONDAY) == []


def test_a_worker_that_died_after_its_claim_sends_nothing_twice(told):
    (pk,) = plan(MONDAY)
    digest = DIGESTS.claim(pk)
    digest.renew(sent_at=timezone.now())
    expire(digest)
    for again in swept(DIGESTS):
        DIGESTS.run(again)
    digest.refresh_from_db()
    assert (digest.state, digest.error, mail.outbox) == (State.DONE, UNKNOWN, [])


def test_a_worker_that_died_before_it_sent_leaves_the_mail_to_another(told):
    (pk,) = plan(MONDAY)
    expire(DIGESTS.claim(pk))
    for again in swept(DIGESTS):
        DIGESTS.run(again)
    digest = NoticeDigest.objects.get()
    assert (digest.state, digest.error, len(mail.outbox)) == (State.DONE, "", 1)
    assert digest.sent_at


def test_news_of_a_mail_that_could_not_be_made_come_another_day(told, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("studies.notices.digests.render_to_string", lambda *_: 1 / 0)
        (pk,) = plan(MONDAY)
        for _ in range(3):
            DIGESTS.run(pk)
    digest = NoticeDigest.objects.get()
    assert (digest.state, digest.sent_at) == (State.FAILED, None)
    assert "sent" not in digest.error
    assert len(sent(MONDAY + timedelta(days=1))) == 1


@pytest.mark.parametrize("what", ["deactivated", "no mail", "kind off"])
def test_a_choice_after_the_plan_counts(told, annotator, what):
    (pk,) = plan(MONDAY)
    if what == "deactivated":
        type(annotator).objects.update(is_active=False)
    else:
        off = {"digest": "off"} if what == "no mail" else {"off_mail": ["assigned"]}
        NoticeChoices.objects.create(user=annotator, **off)
    DIGESTS.run(pk)
    digest = NoticeDigest.objects.get()
    assert (digest.state, digest.sent_at, mail.outbox) == (State.DONE, None, [])


def test_a_server_that_is_away_at_first_takes_the_mail_later(told, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    (pk,) = plan(MONDAY)
    DIGESTS.run(pk)
    assert NoticeDigest.objects.get().error == AWAY
    NoticeDigest.objects.update(try_after=None)
    server = Controller(box := Box(), hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    for _ in range(2):
        DIGESTS.run(pk)
    server.stop()
    assert len(box.mails) == 1
    assert NoticeDigest.objects.get().state == State.DONE


def test_names_cannot_add_lines_or_markup_to_a_mail(told, study):
    Recording.objects.update(name="S1 <b>&\u202e")
    study.title = 'Night & "study"'
    study.save()
    (text,) = sent(MONDAY)
    assert 'S1 <b>&\u202e (Night & "study")' in text


def test_a_long_list_is_cut_and_counted(told, annotator, scoring, study):
    Notice.objects.bulk_create(
        Notice(recipient=annotator, study=study, kind="reopened", about=[scoring.pk])
        for _ in range(LISTED + 4)
    )
    made_at(MONDAY - timedelta(days=1))
    (text,) = sent(MONDAY)
    assert "5 more are on the page." in text
    assert text.count("Scoring reopened") <= LISTED
