"""Links go by mail where a mail server is configured; here a real one takes them."""

import re
from collections.abc import Iterator
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from studies.models import User
from studies.tasks import mail_reset_link
from tests.helpers.running_site import free_port

pytestmark = pytest.mark.django_db


class Box(MessageHandler):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)

    def link(self) -> str:
        text = self.mails[-1].get_payload(decode=True).decode()
        return re.search(r"https?://[^/\s]+(/\S+)", text).group(1)


@pytest.fixture
def box(settings) -> Iterator[Box]:
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()


@pytest.fixture
def ada(member) -> User:
    user = member(None, username="ada")
    user.email = "Ada@example.org"
    user.save()
    return user


@pytest.fixture
def queued(monkeypatch) -> list[str]:
    """The addresses for which a task was sent to the workers."""
    sent: list[str] = []
    monkeypatch.setattr(mail_reset_link, "apply_async", lambda args, **_: sent.extend(args))
    return sent


def request_link(client, email: str):
    return client.post("/password/reset/", {"email": email}, follow=True)


def test_an_invitation_is_sent_and_not_shown(box, client, client_of, lead, study):
    page = client_of(lead).post(
        f"/studies/{study.slug}/members/", {"email": "new@x.org", "role": "rater"}, follow=True
    )
    assert box.mails[0]["To"] == "new@x.org"
    assert "was sent to new@x.org" in page.content.decode()
    assert box.link() not in page.content.decode()
    assert client.get(box.link()).status_code == 200


def test_a_mail_that_is_not_taken_leaves_the_link_to_the_lead(settings, client_of, lead, study):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    body = {"email": "new@x.org", "role": "rater"}
    page = client_of(lead).post(f"/studies/{study.slug}/members/", body).content.decode()
    assert "could not be sent" in page
    assert "/invitations/" in page


def test_known_and_unknown_addresses_get_the_same_answer(box, client, ada, queued):
    pages = [request_link(client, e).content.decode() for e in ("ada@example.org", "no@x.org")]
    token = re.compile(r'(csrf-token" content|csrfmiddlewaretoken" value)="\w+"')
    assert token.sub("", pages[0]) == token.sub("", pages[1])
    assert "If an active account has this e-mail" in pages[0]
    assert queued == ["ada@example.org", "no@x.org"]


def test_the_link_of_a_mail_opens_the_page_for_a_new_password(box, client, ada):
    mail_reset_link("ada@example.org")
    mail_reset_link("no@example.org")
    assert [mail["To"] for mail in box.mails] == ["Ada@example.org"]
    assert "Set password" in client.get(box.link(), follow=True).content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_nothing_is_sent_to_who_cannot_use_it(box, ada, change):
    User.objects.filter(pk=ada.pk).update(**change, email_key="" if "email" in change else "a@x")
    mail_reset_link("ada@example.org")
    mail_reset_link("")
    assert box.mails == []


def test_without_a_mail_server_the_page_says_whom_to_ask(client, ada, queued):
    assert "sends no mail" in client.get("/password/reset/").content.decode()
    assert request_link(client, "ada@example.org").status_code == 409
    assert queued == []


def test_requests_for_links_are_throttled_by_e_mail(box, client, queued, address):
    for _ in range(6):
        answer = client.post("/password/reset/", {"email": f"{address}@x.org"}, REMOTE_ADDR=address)
    assert answer.status_code == 429
    assert len(queued) == 5


def test_without_redis_the_request_is_refused_with_a_sentence(box, client, ada, monkeypatch):
    from kombu.exceptions import OperationalError

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(mail_reset_link, "apply_async", fail)
    answer = request_link(client, "ada@example.org")
    assert answer.status_code == 409
    assert "cannot send mail at this moment" in answer.content.decode()


def test_a_lead_of_the_site_sends_a_reset_link_by_mail(box, client_of, ada):
    root = User.objects.create_superuser("root")
    page = client_of(root).post(f"/people/{ada.pk}/reset-link/", follow=True).content.decode()
    assert "was sent to Ada@example.org" in page
    assert box.link() not in page
