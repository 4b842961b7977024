"""API tokens allow reading what their owner may read, and nothing else."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.authentication import make_api_token, use_api_token, withdraw_api_token
from studies.models import ApiToken

pytestmark = pytest.mark.django_db
TOKENS = "/me/tokens/"


@pytest.fixture
def made(annotator) -> tuple[ApiToken, str]:
    return make_api_token(user=annotator, name="GPU box", days=30)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_token_made_on_the_page_reads_the_api_and_is_shown_once(client, client_of, annotator):
    page = client_of(annotator)
    answer = page.post(TOKENS, {"name": "GPU box", "days": 90})
    token = re.search(r"<code>(epw_[\w-]+)</code>", answer.content.decode()).group(1)
    assert client.get("/api/v1/me/display/", headers=bearer(token)).status_code == 200
    assert token not in page.get(TOKENS).content.decode()
    kept = ApiToken.objects.get()
    assert kept.used_at is not None
    assert token not in str(vars(kept))


def test_a_token_reaches_what_its_owner_reaches(client, made, scoring, lead):
    address = f"/api/v1/scorings/{scoring.pk}/"
    assert client.get(address, headers=bearer(made[1])).status_code == 200
    _, of_stranger = make_api_token(user=lead, name="other", days=1)
    lead.memberships.all().delete()
    assert client.get(address, headers=bearer(of_stranger)).status_code == 404


def test_a_token_changes_nothing(client, made):
    answer = client.put(
        "/api/v1/me/display/",
        {"pageS": 60},
        content_type="application/json",
        headers=bearer(made[1]),
    )
    assert answer.status_code == 403
    assert "reading only" in answer.json()["detail"]


def test_a_token_opens_no_page(client, made):
    assert client.get(TOKENS, headers=bearer(made[1])).status_code == 302


@pytest.mark.parametrize("ending", ["withdrawn", "run out", "owner left", "unknown"])
def test_a_token_that_is_no_good_says_so(client, made, ending):
    kept, token = made
    if ending == "withdrawn":
        withdraw_api_token(token=kept)
    elif ending == "run out":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif ending == "owner left":
        kept.user.is_active = False
        kept.user.save()
    else:
        token += "x"
    answer = client.get("/api/v1/me/display/", headers=bearer(token))
    assert answer.status_code == 401
    assert "Create a new token" in answer.json()["detail"]


def test_only_its_owner_withdraws_a_token(client_of, lead, made):
    kept, token = made
    assert client_of(lead).post(f"{TOKENS}{kept.pk}/withdraw/").status_code == 404
    assert use_api_token(token=token) == kept
    assert client_of(kept.user).post(f"{TOKENS}{kept.pk}/withdraw/").status_code == 302
    assert use_api_token(token=token) is None


@pytest.mark.parametrize("days", [0, 367, ""])
def test_a_token_lasts_a_year_at_most(client_of, annotator, days):
    page = client_of(annotator).post(TOKENS, {"name": "forever", "days": days})
    assert page.status_code == 200
    assert not ApiToken.objects.exists()
