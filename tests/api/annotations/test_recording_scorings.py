"""The scorings of a night beside one another."""

import pytest
from django.urls import reverse

from studies.models import Role
from tests.adjudications import finished_scoring

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
OTHER = ["W", "N1", "N1", "N2", None, None, "N3", "N3", "R", "R"]


@pytest.fixture
def page(labels_only, study, member, client_of):
    finished_scoring(labels_only, "First", NIGHT)
    finished_scoring(labels_only, "Second", OTHER)

    def read(role: Role) -> str:
        url = reverse("annotations:recording-scorings", args=[labels_only.pk])
        return client_of(member(study, role)).get(url).content.decode()

    return read


def test_an_adjudicator_is_led_from_the_differences_to_their_settlement(page, labels_only) -> None:
    link = reverse("annotations:adjudicate", args=[labels_only.pk])
    assert link in page(Role.ADJUDICATOR)
    assert link not in page(Role.VIEWER)


def test_differences_say_whose_stage_is_whose(page) -> None:
    assert "Stages in the order of First, Second." in page(Role.LEAD)


def test_minutes_left_unscored_stand_in_the_statistics(page) -> None:
    row = page(Role.LEAD).partition("Not scored in between")[2].partition("</tr>")[0]
    assert row.count("0.0") == 1
    assert row.count("1.0") == 1
