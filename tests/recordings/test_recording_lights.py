"""Lights off and on of a recording, set by the lead for all scorers without own marks."""

import pytest
from django.urls import reverse

from annotations.scoring.lights import LightsWhy, bring_lights
from psg.lights import Lights


@pytest.fixture
def night(labels_only):
    """Five minutes from 22:40:00."""
    labels_only.start_clock_s, labels_only.duration_s = 22 * 3600 + 40 * 60, 300
    labels_only.lights_off_s = 12.25
    labels_only.save()
    return labels_only


def put(client, night, off="", on=""):
    return client.post(reverse("recordings:lights", args=[night.pk]), {"off": off, "on": on})


def test_a_lead_sets_them_for_all_who_marked_none_and_the_file_is_remembered(
    client_of, lead, night, scoring
):
    lead_client = client_of(lead)
    bring_lights(scoring=scoring, lights=Lights(on_s=250), why=LightsWhy.EDIT)
    assert put(lead_client, night, "22:40:30", "22:44").status_code == 302
    scoring.refresh_from_db()
    night.refresh_from_db()
    assert (night.lights, scoring.lights) == (Lights(30, 240), Lights(30, 250))
    put(lead_client, night, "22:40:30", "")
    page = lead_client.get(reverse("recordings:recording", args=[night.pk])).content.decode()
    assert 'value="22:40:30"' in page
    assert f"Set by <bdi>{lead}</bdi>" in page
    assert "In the file: off 22:40:12, on not marked" in " ".join(page.split())
    assert [change.after["on_s"] for change in night.lights_changes.all()] == [240, None]


def test_a_box_left_alone_keeps_its_fraction_of_a_second(client_of, lead, night):
    put(client_of(lead), night, "22:40:12", "22:44:00")
    night.refresh_from_db()
    assert night.lights == Lights(12.25, 240)


@pytest.mark.parametrize(
    ("off", "on", "told"),
    [
        ("22:45:01", "", "not a time of this recording"),
        ("half past", "", "not a time of this recording"),
        ("22:43", "22:42", "after lights off"),
    ],
)
def test_what_no_marks_can_be_comes_back_with_what_was_typed(client_of, lead, night, off, on, told):
    answer = put(client_of(lead), night, off, on)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert f'value="{off}"' in answer.content.decode()
    night.refresh_from_db()
    assert night.lights == Lights(12.25, None)
    assert not night.lights_changes.exists()


@pytest.fixture
def long_night(night):
    """Thirty hours from 20:00, with lights off on day 1 and lights on on day 2."""
    night.start_clock_s, night.duration_s = 20 * 3600, 30 * 3600
    night.lights_off_s, night.lights_on_s = 7200, 100_000
    night.save()
    return night


@pytest.mark.parametrize(
    ("off", "on", "expected"),
    [
        ("1 22:00:00", "23:46:41", Lights(7200, 100_001)),
        ("22:00:30", "2 23:46:40", Lights(7230, 100_000)),
        ("2 22:00:00", "2 23:46:41", Lights(93_600, 100_001)),
        ("", "7:00", Lights(None, 39_600)),
    ],
)
def test_a_mark_of_the_second_day_stays_on_it(client_of, lead, long_night, off, on, expected):
    page = client_of(lead).get(reverse("recordings:recording", args=[long_night.pk]))
    assert 'value="2 23:46:40"' in page.content.decode()
    assert put(client_of(lead), long_night, off, on).status_code == 302
    long_night.refresh_from_db()
    assert long_night.lights == expected


def test_a_time_that_could_be_on_two_days_is_refused(client_of, lead, long_night):
    long_night.lights_on_s = None
    long_night.save()
    answer = put(client_of(lead), long_night, "1 22:00:00", "23:46:41")
    assert "Enter the day before the time, such as 2 23:46:41." in answer.content.decode()
    long_night.refresh_from_db()
    assert long_night.lights == Lights(7200, None)


def test_others_read_them_and_find_no_form(client_of, annotator, night):
    page = client_of(annotator).get(reverse("recordings:recording", args=[night.pk]))
    assert "off 22:40:12, on not marked" in page.content.decode()
    assert reverse("recordings:lights", args=[night.pk]) not in page.content.decode()
