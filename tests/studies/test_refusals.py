"""Refusals have a common type, a handler for programs and a handler for pages."""

import ast
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from psg.errors import PsgError, RefusedError
from studies.models import Membership, Role

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
# What goes wrong inside the server, or ends a piece of work: nobody is refused anything by it.
NO_REFUSALS = {
    "LeaseLostError",
    "RunPausedError",
    "TooFewRatersError",
    "UnsatisfiableRangeError",
    "AdapterAwayError",
    "NoReplyError",
    "UnreachableError",
    "BrokenAnswerError",
    "UnusableAnswerError",
    "AlreadyServedError",
}


@pytest.fixture
def only_lead(study, lead) -> Membership:
    return Membership.objects.get(study=study, user=lead, role=Role.LEAD)


def take_away(client, membership: Membership, **headers):
    address = reverse("studies:remove", args=[membership.study.slug, membership.pk])
    return client.post(address, headers=headers)


def test_a_refusal_is_shown_on_the_page_that_sent_the_form(client_of, lead, study, only_lead):
    client = client_of(lead)
    page = f"http://testserver/studies/{study.slug}/members/"
    answer = take_away(client, only_lead, referer=page)
    assert (answer.status_code, answer.url) == (302, page)
    assert "This is the only lead" in client.get(page).content.decode()
    assert Membership.objects.filter(pk=only_lead.pk).exists()


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/members/"])
def test_a_refusal_without_a_page_of_this_site_has_its_own(client_of, lead, only_lead, referer):
    answer = take_away(client_of(lead), only_lead, referer=referer)
    assert answer.status_code == 409
    assert "This is the only lead" in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()


def test_a_part_of_a_page_that_is_refused_loads_the_page_anew(client_of, lead, only_lead):
    page = "http://testserver/"
    headers = {"referer": page, "HX-Request": "true"}
    answer = take_away(client_of(lead), only_lead, **headers)
    assert answer.headers["HX-Refresh"] == "true"


def test_a_refusal_says_what_where_and_what_to_do():
    refused = PsgError("The file is too large", where="over 3 MiB", advice="Leave channels out.")
    assert str(refused) == "The file is too large (over 3 MiB). Leave channels out."
    assert str(RefusedError("Nothing here.", advice="Go on.")) == "Nothing here. Go on."


def test_invalid_fields_are_named(client_of, annotator, scoring):
    url = f"/api/v1/scorings/{scoring.pk}/suggestions/?count=x"
    answer = client_of(annotator).get(url)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_understood")
    assert set(answer.json()["fields"]) == {"count"}


def test_programs_get_code_place_and_advice_beside_the_sentence(client_of, lead, study):
    url = reverse("recordings:upload", args=[study.slug])
    answer = client_of(lead).post(url, {"file": SimpleUploadedFile("a.edf", b"no EDF" * 100)})
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (400, "unusable")
    assert refusal["advice"]
    assert refusal["advice"] in refusal["detail"]


def test_every_refusal_has_the_same_base_type():
    folders = ("annotations", "inference", "platform/recordings", "platform/studies")
    modules = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    defined = {
        node.name: [ast.unparse(base) for base in node.bases]
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
    assert len(defined) > 30
    plain = {name for name, bases in defined.items() if "Exception" in bases}
    assert plain <= NO_REFUSALS
