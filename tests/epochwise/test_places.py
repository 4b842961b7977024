"""The side navigation of a study: what it lists for whom, and what it marks as open."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from epochwise.places import PLACES, place_of, places_for
from studies.members import add_member
from studies.models import Role, User

# Scoring, rating, adjudication and signals take the whole window.
DESKS = {
    "scoring/workbench.html",
    "rating/rate.html",
    "adjudication/adjudication.html",
    "recordings/signals.html",
}
FRAMES = ("studies/shell.html", "recordings/page.html", "exchange/")


def labels(*roles: Role) -> list[str]:
    return [place.label for place in places_for(roles)]


@pytest.mark.parametrize(
    ("roles", "listed"),
    [
        ([Role.RATER], ["Overview"]),
        ([Role.ANNOTATOR], ["Overview", "Recordings"]),
        ([Role.ANNOTATOR, Role.RATER], ["Overview", "Recordings"]),
        ([Role.VIEWER], ["Overview", "Recordings", "Agreement", "Pre-scoring", "Models"]),
        ([Role.LEAD], [place.label for place in PLACES]),
        ([], []),
    ],
)
def test_each_role_is_offered_the_places_that_it_may_open(roles, listed):
    assert labels(*roles) == listed


@pytest.mark.parametrize(
    ("view", "place"),
    [
        ("study", "Overview"),
        ("recordings:recording", "Recordings"),
        ("annotations:recording-agreement", "Recordings"),
        ("annotations:study-pair", "Agreement"),
        ("annotations:rating-plan", "Rating studies"),
        ("inference:run", "Pre-scoring"),
        ("inference:models", "Models"),
        ("inference:recording-runs", "Recordings"),
        ("annotations:scoring-import", "Imports"),
        ("annotations:import-scoring", "Recordings"),
        ("annotations:release-terms", "Settings"),
        ("studies:phrases", "Settings"),
        ("studies:members", "People"),
        ("audit", "Audit trail"),
    ],
)
def test_a_page_belongs_to_the_place_with_the_nearest_name(view, place):
    assert place_of(view).label == place


def test_every_place_has_an_icon():
    icons = (settings.ROOT / "static/img/places.svg").read_text()
    assert {place.name for place in PLACES} < set(re.findall(r'id="(\w+)"', icons))


def test_every_page_of_a_study_has_the_side_navigation():
    templates = settings.ROOT / "templates"
    for path in templates.rglob("*.html"):
        text, name = path.read_text(), str(path.relative_to(templates))
        if "{% url 'study' " in text and "{% extends" in text and name not in DESKS | {"home.html"}:
            assert any(frame in text for frame in FRAMES) or "extends frame" in text, name


@pytest.fixture
def rater(study, member) -> User:
    return member(study, Role.RATER)


@pytest.mark.django_db
class TestPage:
    def test_the_open_place_is_marked_once_and_every_entry_opens(self, client, study, lead):
        client.force_login(lead)
        page = client.get(reverse("annotations:releases", args=[study.slug])).content.decode()
        nav = page[page.index('<nav class="places"') : page.index('id="content"')]
        assert nav.count('aria-current="page"') == 1
        assert re.search(r'releases/"\s+aria-current="page"', nav)
        for address in set(re.findall(r'href="(/[^"#]*)', nav)) - {f"/studies/{study.slug}/"}:
            opened = client.get(address)
            assert opened.status_code == 200, address
            is_icon = opened.streaming
            assert is_icon or opened.content.count(b"<h1") == 1, address

    def test_a_rater_is_offered_nothing_that_names_recordings(self, client, study, rater):
        client.force_login(rater)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        assert "Overview</span>" in page
        assert "Recordings</span>" not in page

    def test_the_roles_of_another_study_do_not_count(self, client, study, rater, other_study):
        add_member(study=other_study, user=rater, role=Role.LEAD)
        client.force_login(rater)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        assert "Settings</span>" not in page
