"""Log lines name their request and hold no secret."""

import io
import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from epochwise.embedded import var_dir
from epochwise.logs import LINE, SafeFormatter, request_id, without_secrets
from studies.models import User
from tests.helpers.running_site import wait_for

TOKEN = "kJ3x_secret-9Qz81nBvT"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /invitations/{TOKEN}/ HTTP/1.1",
        f"https://example.org/invitations/{TOKEN}/?next=1",
        f"/login/?next=%2Finvitations%2F{TOKEN}%2F",
        f"/accounts/password/reset/key/3-{TOKEN}/",
        f"/reset/MQ/{TOKEN}/",
        f"/password/reset/3-{TOKEN}/",
        f"/accounts/confirm-email/{TOKEN}/",
        f"/api/v1/studies/?token={TOKEN}&page=2",
        f"/x?page=2&key={TOKEN}",
        f"/x?access_token={TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"{{'HTTP_AUTHORIZATION': 'Basic {TOKEN}'}}",
        f"bearer {TOKEN}",
        f"token epw_{TOKEN}",
        f"Cookie: theme=dark; sessionid={TOKEN}",
        f"<QueryDict: {{'username': ['ada'], 'password': ['{TOKEN}']}}>",
        f'{{"new_password1": "{TOKEN}"}}',
        f"create_user(password={TOKEN})",
        f"password: {TOKEN}",
        f"postgres://epochwise:{TOKEN}@db.example.org/epochwise",
        f"secret_key = '{TOKEN}'",
    ],
)
def test_no_secret_stays_in_a_line(line: str):
    assert TOKEN not in without_secrets(line)


@pytest.mark.parametrize(
    "line",
    [
        "GET /studies/sleep/members/ HTTP/1.1",
        "This token is unknown, has expired or was withdrawn.",
        "/ratings/3/items/?arm=2&stage=N2&state=open",
        "reset of annotations.export 12 was taken over by another worker",
    ],
)
def test_other_lines_stay_as_they_are(line: str):
    assert without_secrets(line) == line


def test_a_traceback_loses_its_secrets_too_and_names_the_request():
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(SafeFormatter(LINE, style="{"))
    log = logging.Logger("test")
    log.addHandler(handler)
    known = request_id.set("request-0123")
    try:
        raise ValueError(f"could not open /invitations/{TOKEN}/")
    except ValueError:
        log.exception("failed")
    finally:
        request_id.reset(known)
    assert "[request-0123]" in written.getvalue()
    assert "ValueError" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_every_handler_of_the_site_writes_safe_lines():
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    assert all(not log["handlers"] for log in settings.LOGGING["loggers"].values())
    formatter = settings.LOGGING["formatters"][settings.LOGGING["handlers"]["console"]["formatter"]]
    assert formatter["()"] == "epochwise.logs.SafeFormatter"


@pytest.mark.django_db
class TestRequestIds:
    def test_an_answer_names_its_request(self, client):
        first, second = (client.get("/login/").headers["X-Request-ID"] for _ in range(2))
        assert len(first) == 32
        assert first != second

    def test_the_id_of_a_proxy_is_kept(self, client):
        sent = "3f6e1b2c-0000-4a4a-9d9d-1234567890ab"
        answer = client.get("/login/", headers={"X-Request-ID": sent})
        assert answer.headers["X-Request-ID"] == sent

    @pytest.mark.parametrize(
        "sent",
        [
            "",
            "-leading",
            "x" * 65,
            "two words here",
            "a\nforged line",
            "epw_0123456789abcdef",
            "<b>12345678",
        ],
    )
    def test_anything_else_is_replaced(self, client, sent: str):
        answer = client.get("/login/", headers={"X-Request-ID": sent})
        assert answer.headers["X-Request-ID"] != sent
        assert len(answer.headers["X-Request-ID"]) == 32

    def test_lines_of_a_request_have_its_id_and_not_its_link(self, client, caplog):
        caplog.handler.setFormatter(SafeFormatter(LINE, style="{"))
        answer = client.get(f"/invitations/{TOKEN}/nowhere/")
        assert answer.status_code == 404
        assert answer.headers["X-Request-ID"] in caplog.text
        assert TOKEN not in caplog.text


@pytest.mark.django_db
def test_the_log_of_the_database_keeps_nothing_of_what_was_written():
    User.objects.create_user(f"name-{TOKEN}")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(f"name-{TOKEN}")
    log = var_dir() / "log" / "postgres.log"
    wait_for(lambda: "duplicate key" in log.read_text())
    assert TOKEN not in log.read_text()
