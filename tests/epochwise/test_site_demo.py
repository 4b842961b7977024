"""The demo: only on its own computer, never behind a proxy or beside signs of a deployment."""

import os
import subprocess
import sys

import pytest

from epochwise.demo.guard import why_no_demo
from tests.helpers.running_site import ROOT

pytestmark = pytest.mark.django_db

FORWARDED = [
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Via",
    "CF-Connecting-IP",
    "CF-Ray",
    "True-Client-IP",
    "X-Client-IP",
    "X-Original-Host",
    "X-Envoy-External-Address",
    "Tailscale-User-Login",
    "CDN-Loop",
]


@pytest.mark.parametrize("name", FORWARDED)
def test_a_forwarded_request_is_refused_with_a_sentence(client, settings, name: str):
    settings.DEMO = True
    for path in ["/login/", "/healthz", "/static/css/tokens.css", "/nowhere"]:
        answer = client.get(path, headers={name: "192.0.2.7"})
        assert answer.status_code == 403
        assert b"same computer" in answer.content
    assert client.post("/demo/login/", headers={name: ""}).status_code == 403


@pytest.mark.parametrize("demo", [True, False])
def test_the_account_form_takes_the_focus_unless_the_people_of_the_demo_stand_above_it(
    client, settings, demo: bool
):
    settings.DEMO = demo
    page = client.get("/login/").content.decode()
    field = next(tag for tag in page.split("<") if 'name="username"' in tag)
    assert (" autofocus" in field) is not demo


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("", 200),
        ("192.0.2.7", 403), ("10.0.0.8", 403), ("::ffff:192.0.2.7", 403), ("fe80::1%eth0", 403),
        ("nonsense", 403),
    ],
)  # fmt: skip
def test_a_request_from_another_computer_is_refused(client, settings, peer: str, status: int):
    settings.DEMO = True
    assert client.get("/login/", REMOTE_ADDR=peer).status_code == status


def test_a_browser_at_the_computer_and_a_site_without_the_demo_are_served(client, settings):
    assert client.get("/login/", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200
    settings.DEMO = True
    usual = {"X-Requested-With": "XMLHttpRequest", "X-Request-ID": "0123456789", "Accept": "*/*"}
    assert client.get("/login/", headers=usual).status_code == 200


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        ({"HTTPS": "1"}, ["manage.py"]),
        ({"DATABASE_URL": "postgres://db/epochwise"}, ["manage.py"]),
        ({"ALLOWED_HOSTS": "localhost,sleep.example.org"}, ["manage.py"]),
        ({"ALLOWED_HOSTS": "*"}, ["manage.py"]),
        ({"CSRF_TRUSTED_ORIGINS": "https://sleep.example.org"}, ["manage.py"]),
        ({"SITE_URL": "https://sleep.example.org"}, ["manage.py"]),
        ({}, ["/bin/gunicorn", "epochwise.wsgi", "--bind", "0.0.0.0:8000"]),
        ({}, ["/bin/gunicorn", "epochwise.wsgi", "--bind=[::]:8000"]),
        ({}, ["/bin/gunicorn", "epochwise.wsgi", "-b", ":8000"]),
        ({}, ["/site-packages/gunicorn/__main__.py", "epochwise.wsgi", "-b192.0.2.7:80"]),
        ({"PORT": "8000"}, ["/bin/gunicorn", "epochwise.wsgi"]),
        ({"GUNICORN_CMD_ARGS": "--bind 0.0.0.0"}, ["/bin/gunicorn", "epochwise.wsgi"]),
        ({}, ["manage.py", "runserver", "0.0.0.0:8000"]),
        ({}, ["manage.py", "runserver", "0:8000", "--noreload"]),
    ],
)
def test_the_demo_does_not_start_where_others_can_reach_it(environ, arguments):
    assert "without the demo" in why_no_demo(environ, arguments)


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        ({}, ["manage.py", "up", "--demo"]),
        ({"HTTPS": "0", "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]"}, ["manage.py"]),
        ({"SITE_URL": "http://127.0.0.1:8000"}, ["manage.py"]),
        ({"PORT": "8000"}, ["/bin/gunicorn", "epochwise.wsgi", "--bind", "127.0.0.1:8000"]),
        ({}, ["/bin/gunicorn", "epochwise.wsgi", "--bind", "unix:/run/site.sock"]),
        ({}, ["/bin/gunicorn", "epochwise.wsgi"]),
        ({}, ["manage.py", "runserver", "8001"]),
        ({}, ["/bin/celery", "-A", "epochwise", "-b", "redis://broker", "worker"]),
    ],
)
def test_the_demo_starts_on_a_computer_of_its_own(environ, arguments):
    assert why_no_demo(environ, arguments) is None


@pytest.mark.parametrize(
    ("command", "demo", "sign"),
    [
        (["manage.py", "up", "--demo"], "", "DATABASE_URL"),
        (["-c", "import epochwise.settings"], "1", "HTTPS"),
    ],
)
def test_the_refusal_to_start_is_one_line(tmp_path, command: list[str], demo: str, sign: str):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "EPOCHWISE_VAR": str(tmp_path), "EPOCHWISE_DEMO": demo, sign: "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert sign in done.stderr
