"""Tours of a first visit: offered until seen or skipped, for each role."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from epochwise.help.tours import (
    BY_NAME,
    HELP,
    LEGS,
    remember_seen,
    skip_tours,
    steps_for,
    unseen_by,
)
from studies.members import add_member
from studies.models import Preferences, Role

# Names in a CSS selector that a template must contain: ids, classes, and values of attributes.
NAME = re.compile(r"[#.]([\w-]+)|='([^']+)'|\[([\w-]+)\]")
TEMPLATES = " ".join(path.read_text() for path in (settings.ROOT / "templates").rglob("*.html"))
HOME, SCORING = BY_NAME["home"], BY_NAME["scoring"]


def targets() -> set[str]:
    return {step[0] for leg in LEGS for steps in leg.steps.values() for step in steps}


def test_steps_point_at_what_a_template_has():
    for target in targets():
        names = ["".join(parts) for parts in NAME.findall(target)]
        assert names
        assert [name for name in names if name not in TEMPLATES] == []


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RATER, Role.ADJUDICATOR, Role.LEAD])
def test_each_role_has_a_tour_of_its_start_page_and_of_its_place_of_work(role):
    assert next(leg.name for leg in LEGS if role in leg.steps) == "home"
    assert len([leg for leg in LEGS if role in leg.steps]) >= 2


def test_two_roles_share_the_step_about_help_which_comes_last():
    steps = steps_for(HOME, {Role.LEAD, Role.RATER})
    assert [step[1] for step in steps] == ["Rationales to rate", "Studies", "Help"]
    assert steps[-1] == HELP


@pytest.mark.django_db
class TestSeen:
    def test_what_was_seen_is_not_offered_again_but_a_new_role_is(self, annotator, study):
        assert unseen_by(annotator, HOME) == {Role.ANNOTATOR}
        remember_seen(user=annotator, leg=HOME)
        assert unseen_by(annotator, HOME) == set()
        assert unseen_by(annotator, SCORING) == {Role.ANNOTATOR}
        add_member(study=study, user=annotator, role=Role.LEAD)
        assert unseen_by(annotator, HOME) == {Role.LEAD}

    def test_skipping_is_for_all_pages_and_keeps_other_preferences(self, annotator):
        Preferences.objects.create(user=annotator, keys={"undo": ["Z"]})
        skip_tours(user=annotator)
        assert [leg.name for leg in LEGS if unseen_by(annotator, leg)] == []
        assert Preferences.objects.get(user=annotator).keys == {"undo": ["Z"]}

    def test_what_two_windows_have_seen_is_remembered_one_after_the_other(self, annotator):
        Preferences.objects.create(user=annotator)
        with CaptureQueriesContext(connection) as queries:
            remember_seen(user=annotator, leg=HOME)
        reads = [q["sql"] for q in queries if q["sql"].startswith('SELECT "studies_preferences"')]
        assert "FOR UPDATE" in reads[0]  # what is read later is of nobody else


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def signed_in(self, client, annotator):
        client.force_login(annotator)

    def test_the_start_page_offers_the_tour_until_it_was_seen(self, client):
        address = reverse("help:tour", args=["home"])
        assert f'data-tour="{address}"' in client.get("/").content.decode()
        assert [s["title"] for s in client.get(address).json()["steps"]][-1] == "Help"
        assert client.post(address).status_code == 302
        assert "data-tour=" not in client.get("/").content.decode()

    def test_the_help_of_a_page_offers_its_tour_again(self, client, annotator):
        skip_tours(user=annotator)
        headers = {"HX-Request": "true"}
        assert "data-tour=" in client.get("/help/your-work/", headers=headers).content.decode()
        assert "data-tour=" not in client.get("/help/overview/", headers=headers).content.decode()

    def test_skipping_ends_the_offer_on_every_page(self, client, annotator):
        address = reverse("help:tour", args=["scoring"])
        answer = client.post(address, {"skip": "1"}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert "data-tour=" not in client.get("/").content.decode()

    def test_an_unknown_tour_is_not_found(self, client):
        assert client.get(reverse("help:tour", args=["nowhere"])).status_code == 404
