"""The page of the site: for its owner alone, with every part that works when another does not."""

import shutil
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from annotations.exchange.models import Export
from annotations.scoring.models import Scorer
from epochwise.database import patience
from epochwise.database.base import DatabaseWrapper
from epochwise.site import facts
from studies.audit import record
from studies.members import create_study
from studies.models import Act, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_superuser("root")


@pytest.fixture
def show(client_of, owner, media):
    return lambda: client_of(owner).get("/site/").content.decode()


def test_the_owner_sees_every_part_and_the_link_to_it(show, client_of, owner):
    record(Act.TOKEN_CREATED, user=owner, about="gpu box")
    text = show()
    for part in ("PostgreSQL", "Background work", "free of", "quarantine is empty", "gpu box"):
        assert part in text
    assert "Migrations" in text
    assert "complete" in text
    assert 'href="/site/"' in client_of(owner).get("/me/tokens/").content.decode()


@pytest.mark.parametrize("page", ["/site/", "/site/audit/", "/site/audit.csv"])
def test_for_others_it_does_not_exist(client_of, lead, page):
    client = client_of(lead)
    assert client.get(page).status_code == 404
    assert 'href="/site/"' not in client.get("/").content.decode()


def test_without_redis_the_page_says_so_and_shows_the_rest(show, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = show()
    assert "Redis does not answer" in text
    assert "free of" in text
    assert "Background work" in text


def test_work_that_waits_for_long_is_called_stuck(show, empty_queues):
    study = create_study(slug="sleep")
    scorer = Scorer.objects.create(study=study, label="A", kind=Scorer.Kind.CONSENSUS)
    export = Export.objects.create(study=study, scorer=scorer)
    assert "stuck" not in show()
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - timedelta(hours=2))
    text = show()
    assert "stuck" in text
    assert "2\xa0hours" in text


def test_files_in_quarantine_are_counted_with_what_to_do(show, media):
    from recordings.quarantine import put_into_quarantine

    (media / "signals").mkdir(parents=True)
    (media / "signals" / "x.epw").write_bytes(b"0" * 2048)
    put_into_quarantine("signals/x.epw", why="no row")
    text = show()
    assert "1 file without a row" in text
    assert "manage.py quarantine list" in text


def test_a_missing_migration_is_named(show, monkeypatch):
    monkeypatch.setattr(
        facts.MigrationExecutor, "migration_plan", lambda self, targets: [("studies.0099_next", 0)]
    )
    text = show()
    assert "studies.0099_next" in text
    assert "manage.py migrate" in text


def test_a_store_that_cannot_be_read_is_shown_as_such(show, settings, media, monkeypatch):
    def fail(path: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    text = show()
    assert "The files cannot be read: Input/output error." in text
    assert "PostgreSQL" in text


@pytest.mark.django_db(transaction=True)
def test_a_part_of_the_database_that_hangs_is_shown_as_such(show, monkeypatch):
    monkeypatch.setattr(patience, "ANSWER_WITHIN_S", 0.2)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE annotations_export IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(30)
    try:
        text = show()
    finally:
        done.set()
        holder.join()
    assert "The database did not answer within" in text
    assert "free of" in text


@pytest.fixture
def other_server(db, monkeypatch) -> None:
    """Let new connections go to a server that does not exist."""
    named = {**connection.get_connection_params(), "host": "/nowhere", "user": "ada"}
    monkeypatch.setattr(DatabaseWrapper, "get_connection_params", lambda self: named)


def test_redis_and_disk_are_known_while_the_database_is_away(other_server, media, monkeypatch):
    def away(self: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(DatabaseWrapper, "ensure_connection", away)
    health = {part.name: part for part in facts.part(facts.health).value}
    assert health["Database"].state == "down"
    assert "/nowhere" in health["Database"].words
    assert health["Redis"].is_well
    assert facts.part(facts.disk).value.free
    assert facts.part(facts.queues).fault == "The database does not answer."


@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_what_anybody_may_read_names_no_server_and_no_account(client, other_server, path):
    answer = client.get(path)
    assert answer.status_code == 503
    assert "The database does not answer." in answer.json()["problems"]
    assert "nowhere" not in answer.text
    assert "ada" not in answer.text
