"""Sign-in, and the buttons of the demo."""

import pytest

from studies.models import Act, AuditEvent, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_user(db) -> User:
    return User.objects.create_user("annotator")


def test_without_the_demo_there_are_no_buttons_and_no_way_round(client, demo_user):
    assert b"A simulated study" not in client.get("/login/").content
    assert client.post("/demo/login/", {"username": "annotator"}).status_code == 404


def test_a_demo_button_signs_in(client, demo_user, settings):
    settings.DEMO = True
    page = client.get("/login/", headers={"host": "127.0.0.1:8000"})
    assert b"scores a night in the workbench" in page.content
    answer = client.post(
        "/demo/login/", {"username": "annotator"}, headers={"host": "127.0.0.1:8000"}
    )
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(demo_user.pk)
    assert AuditEvent.objects.filter(act=Act.LOGIN, user=demo_user).count() == 1


@pytest.mark.parametrize(
    ("elsewhere", "status"),
    [({"REMOTE_ADDR": "192.0.2.7"}, 403), ({"HTTP_HOST": "epochwise.example.org"}, 404)],
)
def test_the_demo_is_refused_on_any_other_host(client, demo_user, settings, elsewhere, status):
    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["*"]
    request = {"HTTP_HOST": "localhost", **elsewhere}
    assert b"A simulated study" not in client.get("/login/", **request).content
    answer = client.post("/demo/login/", {"username": "annotator"}, **request)
    assert answer.status_code == status


def test_the_demo_signs_nobody_else_in(client, settings, member):
    settings.DEMO = True
    member(None, username="real-person")
    answer = client.post("/demo/login/", {"username": "real-person"}, HTTP_HOST="localhost")
    assert answer.status_code == 404


def test_pages_come_with_a_strict_policy(client):
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_health_tells_of_every_part(client, empty_queues):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "degraded", "no worker and no beat run"
    assert {told[name] for name in ("database", "redis", "disk", "migrations")} == {"ok"}
    assert (told["worker"], told["beat"]) == ("down", "down")
