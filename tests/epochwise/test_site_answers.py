"""Every page and download answers HEAD, and no cache keeps what a signed-in person saw."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from epochwise.tasks import clear_sessions
from tests.epochwise.test_permission_matrix import EXPECTED
from tests.helpers.leak_walk import QUERIES
from tests.helpers.world import World

pytestmark = pytest.mark.django_db

ORDER = ["lead", "adjudicator", "rater", "owner"]
READ = [
    (name, next(person for person in ORDER if person in line.allowed))
    for name, lines in EXPECTED.items()
    for line in lines
    if line.method == "get" and not line.allowed.isdisjoint(ORDER)
]
# Addresses that refuse to be asked for everything.
WITH_QUERY = {f"annotations:adjudication-{what}" for what in ("epochs", "majority", "comments")}


@pytest.mark.long
def test_head_has_the_headers_of_get_and_nothing_is_stored(db, media):
    world = World.build()
    wrong = {}
    for name, person in READ:
        url, client = reverse(name, kwargs=world.arguments[name]), world.client(person)
        if name in WITH_QUERY:
            url += f"?{QUERIES[name.rpartition(':')[2]][0]}"
        got = client.get(url)
        head = client.head(url)
        cache = got.headers.get("Cache-Control", "")
        is_own = "no-store" in cache or cache == "private, no-cache"
        has_body = b"".join(head) if head.streaming else head.content
        if not got.status_code == head.status_code == 200 or has_body or not is_own:
            wrong[name] = (person, got.status_code, head.status_code, cache)
        for header in ("Content-Type", "Cache-Control"):
            assert head.headers.get(header) == got.headers.get(header), name
    assert wrong == {}


def test_what_only_accepts_forms_refuses_head(client):
    assert client.head("/demo/login/").status_code == 405


def test_refusals_and_pages_before_sign_in_are_not_stored_either(client):
    for path in ["/login/", "/nowhere/", "/", "/api/v1/me/keys/"]:
        assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_static_files_keep_their_own_caching(client):
    assert "no-store" not in client.get("/static/css/tokens.css").headers["Cache-Control"]


def test_expired_sessions_are_cleared_daily(client):
    sessions = [
        Session(session_key=name, session_data="", expire_date=timezone.now() + late)
        for name, late in [("old", -timedelta(days=1)), ("new", timedelta(days=1))]
    ]
    Session.objects.bulk_create(sessions)
    clear_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    daily = settings.CELERY_BEAT_SCHEDULE["epochwise.tasks.clear_sessions"]
    assert daily["schedule"].run_every.total_seconds() == 24 * 3600
