"""Signing in: by name or e-mail, throttled by account and address, recorded, also without Redis."""

import logging
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from redis import ConnectionError as RedisAwayError

from epochwise.cache import SteadyRedisCache
from studies.accounts.passwords import BoundedArgon2, TooManyAtOnceError
from studies.addresses import client_address
from studies.models import Act, AuditEvent, User
from tests.helpers.accounts import own_address

pytestmark = pytest.mark.django_db
WRONG = "not the password"


@pytest.fixture
def ada(member) -> User:
    user = member(None, username="ada")
    user.email = "Ada@Example.org"
    user.save()
    return user


def acts(user: User) -> list[str]:
    mine = AuditEvent.objects.filter(user=user) | AuditEvent.objects.filter(person=user)
    return list(mine.order_by("pk").values_list("act", flat=True))


@pytest.mark.parametrize("name", ["ada", "ADA", " ada ", "ada@example.org", "ADA@EXAMPLE.ORG"])
def test_people_sign_in_by_name_or_e_mail(ada, sign_in, name):
    client = Client()
    answer = sign_in(name, client=client)
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert acts(ada) == [Act.LOGIN]


def test_the_field_may_also_have_the_name_that_django_allauth_gives_it(ada, client, address):
    body = {"login": "ada", "password": "correct horse battery"}
    assert client.post("/login/", body, REMOTE_ADDR=address).status_code == 302


def test_only_a_page_of_this_site_comes_next(ada, client, address):
    body = {"username": "ada", "password": "correct horse battery"}
    for after, expected in [("/me/", "/me/"), ("https://elsewhere.example/", "/")]:
        answer = Client().post("/login/", body | {"next": after}, REMOTE_ADDR=address)
        assert answer.url == expected


def test_a_failure_is_recorded_and_logged_without_what_was_typed(ada, sign_in, caplog, address):
    with caplog.at_level(logging.WARNING, "studies"):
        sign_in("ada", "my secret typed here")
        sign_in("my secret typed here", "x")
    assert [m for m in caplog.messages if m.startswith("Sign-in failed")] == [
        "Sign-in failed: account 'ada'",
        "Sign-in failed: unknown name",
    ]
    assert "typed here" not in caplog.text + str(list(AuditEvent.objects.values()))
    event = AuditEvent.objects.get(person=ada)
    assert (event.act, event.user, event.address) == (Act.LOGIN_FAILED, None, address)


def text(answer) -> str:
    return answer.content.decode()


def test_unknown_and_known_names_get_the_same_answer_after_the_same_work(ada, sign_in, monkeypatch):
    hashed: list[str] = []
    for method in ("encode", "verify"):
        plain = getattr(BoundedArgon2, method)
        monkeypatch.setattr(
            BoundedArgon2, method, lambda *a, plain=plain: hashed.append("once") or plain(*a)
        )
    User.objects.create_user("without-password")
    pages = {}
    for name in ["ada", "ada@example.org", "nobody", "nobody@example.org", "without-password"]:
        hashed.clear()
        page = text(sign_in(name, WRONG))
        pages[name] = page.replace(name, "").partition("<main")[2]
        assert hashed == ["once"], name
    tokens_apart = {page.split('csrfmiddlewaretoken" value="')[0] for page in pages.values()}
    assert len(tokens_apart) == 1
    assert all("do not match" in page for page in pages.values())


def test_an_account_is_throttled_whatever_address_and_spelling_are_used(ada, member, sign_in):
    other = member(None, username="grace")
    spellings = ["ada", "ADA", "ａｄａ", "ada@example.org", "\u0430da"]
    for spelling in spellings:
        assert sign_in(spelling, WRONG, at=own_address()).status_code == 200
    refused = sign_in("ada", at=own_address())  # even with the right password
    assert refused.status_code == 429
    assert "Too many failed attempts" in text(refused)
    assert sign_in("grace").status_code == 302
    assert acts(other) == [Act.LOGIN]


@pytest.mark.django_db(transaction=True)
def test_of_many_attempts_at_once_no_more_are_checked(ada, sign_in, monkeypatch):
    checked, plain = [], BoundedArgon2.verify
    monkeypatch.setattr(BoundedArgon2, "verify", lambda *a: checked.append("once") or plain(*a))

    def attempt(at: str) -> int:
        try:
            return sign_in("ada", WRONG, at=at).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(attempt, [own_address() for _ in range(12)]))
    assert (answers.count(200), answers.count(429)) == (5, 7)
    assert len(checked) == 5


def test_throttled_attempts_are_recorded_once_a_minute(ada, sign_in):
    for _ in range(8):
        sign_in("ada", WRONG)
    throttled = AuditEvent.objects.filter(act=Act.LOGIN_FAILED, details={"throttled": True})
    assert throttled.get().person == ada
    assert AuditEvent.objects.filter(act=Act.LOGIN_FAILED, details={}).count() == 5


def test_an_attempt_that_was_not_checked_does_not_count(ada, sign_in, monkeypatch):
    with monkeypatch.context() as busy:
        busy.setattr(BoundedArgon2, "verify", Mock(side_effect=TooManyAtOnceError))
        for _ in range(6):
            assert sign_in("ada").status_code == 429
    assert sign_in("ada").status_code == 302


def test_an_address_that_is_throttled_does_not_count_against_accounts(ada, sign_in, address):
    for number in range(20):
        sign_in(f"{address}-{number}", WRONG)
    for _ in range(6):
        assert sign_in("ada", WRONG).status_code == 429
    assert sign_in("ada", at=own_address()).status_code == 302


def test_an_address_is_throttled_whatever_accounts_are_tried(ada, member, sign_in, address):
    for number in range(20):
        assert sign_in(f"{address}-{number}", WRONG).status_code == 200
    assert sign_in("ada").status_code == 429
    assert sign_in("ada", **{"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    assert sign_in("ada", at=own_address()).status_code == 302


def test_people_who_sign_in_without_failing_are_not_throttled(member, sign_in):
    for number in range(25):
        assert sign_in(member(None, username=f"shift-{number}").username).status_code == 302


def test_attempts_count_for_all_processes(ada, sign_in):
    sign_in("ada", WRONG)
    key = next(key for key in keys_in_redis() if b"login_failed" in key)
    assert key.startswith(b"cache:")


def keys_in_redis() -> list[bytes]:
    return cache._cache.get_client().keys("cache:*")


@pytest.fixture
def redis_away(monkeypatch):
    """Redis answers nothing, as when its process is dead."""

    def fail(*_: object, **__: object) -> None:
        raise RedisAwayError("Connection refused.")

    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", fail)
    yield
    SteadyRedisCache._away_until = 0.0


def test_without_redis_people_sign_in_and_attempts_count_in_the_process(ada, sign_in, redis_away):
    assert sign_in("ada").status_code == 302
    for _ in range(5):
        assert sign_in("ada", WRONG).status_code == 200
    assert sign_in("ada").status_code == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "192.0.2.1", "10.9.9.9"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "192.0.2.1", "10.9.9.9"),
        (1, "nonsense", "10.9.9.9"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "", "10.9.9.9"),
    ],
)
def test_a_forwarded_address_counts_only_behind_proxies_of_the_site(
    rf, settings, proxies, forwarded, expected
):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.9.9.9", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == expected


def test_behind_a_socket_people_sign_in(ada, sign_in):
    assert sign_in("ada", at="").status_code == 302


def test_a_deactivated_account_is_refused_with_a_page_that_says_so(ada, sign_in, client):
    ada.is_active = False
    ada.save()
    answer = sign_in("ada", client=client)
    assert "deactivated" in text(client.get(answer.url))
    assert "_auth_user_id" not in client.session
    assert Act.LOGIN not in acts(ada)


def test_the_admin_has_no_door_of_its_own(ada, client, address):
    User.objects.create_superuser("root", password="correct horse battery")
    body = {"username": "root", "password": "correct horse battery", "next": "/admin/"}
    answer = client.post("/admin/login/", body, REMOTE_ADDR=address)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["signup/", "login/code/", "accounts/signup/", "reauthenticate/"])
def test_nobody_signs_up(client, page):
    assert client.get(f"/{page}").status_code == 404


def test_signing_out_needs_a_post_and_is_recorded(ada, sign_in, client):
    sign_in("ada", client=client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").url == "/login/"
    assert acts(ada) == [Act.LOGIN, Act.LOGOUT]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("length", [5_000, 200_000])
def test_endless_names_and_passwords_are_refused(ada, sign_in, length):
    assert sign_in("x" * length).status_code == 200
    assert "at most 1000 characters" in text(sign_in("ada", "x" * length))
