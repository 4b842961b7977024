"""Leads of the site see all accounts, deactivate and reactivate them, and create reset links."""

import re

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client

from annotations.scoring.models import Scoring
from annotations.visibility import assignable_annotators, eligible_raters
from studies.authentication import make_api_token, use_api_token
from studies.models import Act, AuditEvent, Role, User
from tests.helpers.browser import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "kolibri lampe vierzehn"


@pytest.fixture
def root() -> User:
    return User.objects.create_user("root", is_staff=True)


@pytest.fixture
def site_lead(client_of, root) -> Client:
    return client_of(root)


def act(client: Client, account: User, name: str, **body: str):
    return client.post(f"/people/{account.pk}/{name}/", body)


def text(answer) -> str:
    return answer.content.decode()


def test_accounts_are_searched_and_paged(site_lead, member, django_assert_max_num_queries):
    for number in range(60):
        member(None, username=f"person-{number:02}")
    User.objects.filter(username="person-07").update(name="Grace Hopper", email="gh@navy.mil")
    with django_assert_max_num_queries(12):
        assert "1 to 50 of 61" in text(site_lead.get("/people/"))
    assert "root" in text(site_lead.get("/people/?page=2"))
    for words in ("hopper", "GH@navy", "grace person-07"):
        page = text(site_lead.get("/people/", {"q": words}))
        assert "Grace Hopper" in page
        assert "person-08" not in page
    assert "No account has" in text(site_lead.get("/people/", {"q": "nobody here"}))


@pytest.mark.parametrize("words", ["%", "x" * 5000, "' OR 1=1 --"])
def test_any_words_can_be_searched_for(site_lead, words):
    query = words.encode("utf-8", "surrogatepass").decode("latin-1")
    assert site_lead.get("/people/", {"q": query}).status_code == 200


def test_a_deactivated_person_is_out_at_once_and_the_work_stays(
    site_lead, client_of, annotator, scoring, root, sign_in
):
    working = client_of(annotator)
    _, token = make_api_token(user=annotator, name="box", days=1)
    assert act(site_lead, annotator, "deactivate", why="left the lab").status_code == 302
    assert working.get("/me/").status_code == 302
    assert working.get(f"/api/v1/scorings/{scoring.pk}/").status_code == 401
    assert use_api_token(token=token) is None
    assert sign_in(annotator.username).url == "/login/inactive/"
    assert Scoring.objects.get(pk=scoring.pk).state == scoring.state
    assert annotator.memberships.exists()
    event = AuditEvent.objects.get(act=Act.ACCOUNT_DEACTIVATED)
    assert (event.user, event.why, event.person) == (root, "left the lab", annotator)


def test_a_reactivated_person_signs_in_and_old_sessions_and_tokens_stay_ended(
    site_lead, client_of, annotator, sign_in
):
    working = client_of(annotator)
    _, token = make_api_token(user=annotator, name="box", days=1)
    act(site_lead, annotator, "deactivate", why="on leave")
    assert act(site_lead, annotator, "reactivate", why="is back").status_code == 302
    assert working.get("/me/").status_code == 302
    assert use_api_token(token=token) is None
    assert sign_in(annotator.username).url == "/"
    assert AuditEvent.objects.filter(act=Act.ACCOUNT_REACTIVATED, why="is back").exists()


def test_a_reason_is_needed(site_lead, annotator):
    assert act(site_lead, annotator, "deactivate", why=" ").status_code == 200
    annotator.refresh_from_db()
    assert annotator.is_active


def test_nobody_deactivates_the_own_account_or_that_of_a_superuser(site_lead, root):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    for account in (root, boss):
        assert act(site_lead, account, "deactivate", why="mistake").status_code == 409
    assert act(site_lead, boss, "reset-link").status_code == 409
    assert User.objects.filter(is_active=True).count() == 2


def test_leads_of_a_study_see_who_is_deactivated(client_of, study, lead, annotator, scoring):
    annotator.is_active = False
    annotator.save()
    for page in ("members", "scorings"):
        assert "deactivated" in text(client_of(lead).get(f"/studies/{study.slug}/{page}/")), page


# Links for a new password.


@pytest.fixture
def link(contexts, site_lead, annotator) -> str:
    page = text(act(site_lead, annotator, "reset-link"))
    return re.search(r"http://testserver(/password/reset/[^<]+)<", page).group(1)


def use(client: Client, link: str, password: str = NEW):
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    assert "set-password" in form or page.context["token_fail"]
    return client.post(form, {"password1": password, "password2": password})


@pytest.fixture
def working(client_of, annotator) -> Client:
    return client_of(annotator)


def test_a_link_sets_a_new_password_once(working, client, link, annotator, sign_in):
    answer = use(client, link)
    assert (answer.status_code, answer.url) == (302, "/login/")
    assert working.get("/me/").status_code == 302
    assert sign_in(annotator.username, NEW).status_code == 302
    assert "used or has expired" in text(Client().get(link, follow=True))
    assert AuditEvent.objects.filter(act=Act.PASSWORD_RESET, user=annotator).exists()
    assert link.split("-")[-1] not in str(list(AuditEvent.objects.values()))


def test_the_key_of_a_link_leaves_the_address_at_once(client, link):
    answer = client.get(link)
    assert answer.status_code == 302
    assert link.rstrip("/").rpartition("-")[2] not in answer.url


def test_a_weak_password_is_refused_by_the_link_too(client, link, annotator, sign_in):
    assert use(client, link, "qwertyuiop[]").status_code == 200
    assert sign_in(annotator.username).status_code == 302


@pytest.mark.parametrize("ending", ["time", "deactivated", "signed out everywhere", "signed in"])
def test_a_link_ends(site_lead, client, link, annotator, settings, ending, client_of, sign_in):
    match ending:
        case "time":
            settings.PASSWORD_RESET_TIMEOUT = -1
        case "deactivated":
            act(site_lead, annotator, "deactivate", why="left")
        case "signed out everywhere":
            client_of(annotator).post("/me/sessions/end/")
        case "signed in":
            sign_in(annotator.username)
    assert "used or has expired" in text(client.get(link, follow=True))


def test_a_token_of_another_kind_is_no_key(client, annotator, link):
    key = default_token_generator.make_token(annotator)
    forged = f"{link[: link.index('-')]}-{key}/"
    assert "used or has expired" in text(client.get(forged, follow=True))


def test_a_deactivated_lead_does_not_count_as_a_lead(client_of, study, lead, member):
    second = member(study, Role.LEAD, username="second")
    User.objects.filter(pk=second.pk).update(is_active=False)
    membership = study.memberships.get(user=lead)
    client_of(lead).post(f"/studies/{study.slug}/members/{membership.pk}/remove/")
    assert study.roles_of(lead) == {Role.LEAD}


def test_the_only_lead_of_a_study_stays_until_there_is_another(site_lead, study, lead, member):
    refused = act(site_lead, lead, "deactivate", why="left the lab")
    assert refused.status_code == 409
    assert f"only lead of {study}" in text(refused)
    second = member(study, Role.LEAD, username="second")
    assert act(site_lead, lead, "deactivate", why="left the lab").status_code == 302
    assert act(site_lead, second, "deactivate", why="left the lab").status_code == 409
    assert set(User.objects.filter(is_active=False)) == {lead}


def test_nothing_new_is_given_to_a_deactivated_person(labels_only, study, member, annotator):
    rater = member(study, Role.RATER)
    User.objects.filter(pk__in=[annotator.pk, rater.pk]).update(is_active=False)
    assert not assignable_annotators(labels_only).exists()
    assert eligible_raters(study) == []


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_an_account_that_does_not_exist_is_not_found(site_lead, number):
    for page in ("", "deactivate/", "reset-link/"):
        assert site_lead.post(f"/people/{number}/{page}").status_code in {404, 405}


def test_only_the_owner_finds_the_way_to_erase_an_account(client_of, site_lead, member):
    ana = member(None, username="ana")
    owner = User.objects.create_superuser("owner")
    erase = f"/people/{ana.pk}/erase/"
    assert erase in text(client_of(owner).get(f"/people/{ana.pk}/"))
    assert erase not in text(site_lead.get(f"/people/{ana.pk}/"))
    assert f"/people/{owner.pk}/erase/" not in text(client_of(owner).get(f"/people/{owner.pk}/"))
