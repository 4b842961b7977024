"""The own account: profile, password, sessions, and what was done."""

import pytest
from django.test import Client

from studies.accounts.sessions import device
from studies.authentication import make_api_token, use_api_token
from studies.models import Act, AuditEvent, User
from tests.helpers.browser import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "kolibri lampe vierzehn"
ACCOUNT, PASSWORD_PAGE, ELSEWHERE = "/me/", "/me/password/", "/me/sessions/end/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada(member) -> User:
    return member(None, username="ada")


@pytest.fixture
def home(ada, sign_in, client) -> Client:
    sign_in("ada", client=client)
    return client


@pytest.fixture
def work(ada, sign_in) -> Client:
    client = Client()
    sign_in("ada", client=client, **{"User-Agent": FIREFOX})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(ACCOUNT).status_code == 200


def change(client: Client, **fields: str):
    body = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | fields
    return client.post(PASSWORD_PAGE, body)


def acts(user: User) -> list[str]:
    return list(AuditEvent.objects.filter(user=user).order_by("pk").values_list("act", flat=True))


def test_a_new_password_ends_the_other_sessions_and_is_recorded(ada, home, work, sign_in):
    assert change(home).url == ACCOUNT
    assert (is_signed_in(home), is_signed_in(work)) == (True, False)
    assert sign_in("ada").status_code == 200
    assert sign_in("ada", NEW).status_code == 302
    assert Act.PASSWORD_CHANGED in acts(ada)
    assert NEW not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    "fields",
    [{"oldpassword": "wrong"}, {"password2": "another one"}]
    + [{"password1": weak, "password2": weak} for weak in ("qwertyuiop[]", "123456789012", "x")],
)
def test_a_password_that_is_refused_changes_nothing(ada, home, fields):
    before = ada.password
    assert change(home, **fields).status_code == 200
    ada.refresh_from_db()
    assert ada.password == before


def test_an_account_without_password_is_told_so(client_of):
    answer = client_of(User.objects.create_user("annotator")).get(PASSWORD_PAGE)
    assert answer.status_code == 409
    assert "has no password" in answer.content.decode()


def test_the_page_lists_sessions_with_device_and_ends_one(contexts, home, work):
    page = home.get(ACCOUNT).content.decode()
    assert "Firefox on Windows" in page
    assert "this session" in page
    row = next(s.row for s in home.get(ACCOUNT).context["sessions"] if not s.is_current)
    assert home.post(f"/me/sessions/{row.pk}/end/").url == ACCOUNT
    assert (is_signed_in(home), is_signed_in(work)) == (True, False)


def test_nobody_ends_the_session_of_another(contexts, home, client_of, lead):
    row = home.get(ACCOUNT).context["sessions"][0].row
    assert client_of(lead).post(f"/me/sessions/{row.pk}/end/").status_code == 404
    assert is_signed_in(home)


@pytest.mark.parametrize("with_tokens", [False, True])
def test_signing_out_everywhere_keeps_only_this_session(
    contexts, ada, home, work, client_of, with_tokens
):
    unlisted = client_of(ada)  # a session that the list does not know
    _, token = make_api_token(user=ada, name="box", days=1)
    home.post(ELSEWHERE, {"tokens": "on"} if with_tokens else {})
    assert [is_signed_in(one) for one in (home, work, unlisted)] == [True, False, False]
    assert (use_api_token(token=token) is None) == with_tokens
    assert len(home.get(ACCOUNT).context["sessions"]) == 1
    assert Act.SESSIONS_ENDED in acts(ada)


def test_a_name_changes_freely_and_an_e_mail_with_the_password(ada, home):
    body = {"name": "Ada <b>L", "email": "ada@example.org"}
    assert "not your current password" in home.post(ACCOUNT, body).content.decode()
    ada.refresh_from_db()
    assert (ada.name, ada.email) == ("", "")
    assert home.post(ACCOUNT, body | {"password": PASSWORD}).url == ACCOUNT
    assert home.post(ACCOUNT, {"name": "Ada L", "email": "ada@example.org"}).url == ACCOUNT
    ada.refresh_from_db()
    assert (ada.name, ada.email) == ("Ada L", "ada@example.org")
    changed = AuditEvent.objects.filter(act=Act.ACCOUNT_CHANGED)
    assert [event.about for event in changed] == ["name", "name and email"]


def test_an_e_mail_of_another_account_is_refused(ada, home):
    User.objects.create(username="grace", email="Grace@Example.org")
    body = {"name": "", "email": "grace@example.org", "password": PASSWORD}
    assert "Another account has this e-mail" in home.post(ACCOUNT, body).content.decode()


def test_a_session_alone_cannot_try_passwords(ada, home):
    for _ in range(5):
        home.post(ACCOUNT, {"name": "", "email": "new@example.org", "password": "guess"})
    page = home.post(ACCOUNT, {"name": "", "email": "new@example.org", "password": PASSWORD})
    assert "Too many failed attempts" in page.content.decode()


def test_the_page_shows_what_was_done_with_the_account(home, sign_in):
    sign_in("ada", "a wrong password")
    page = home.get(ACCOUNT).content.decode()
    assert "Signed in" in page
    assert "Failed to sign in" in page
    assert "no-store" in home.get(ACCOUNT).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_in_words(user_agent, words):
    assert device(user_agent) == words
