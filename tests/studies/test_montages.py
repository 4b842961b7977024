"""Montages of a study: saved by its leads, there for all members."""

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.models import AuditEvent

pytestmark = pytest.mark.django_db
ROW = {"name": "C3 − O1", "plus": "EEG C3", "minus": "EEG O1", "gain": 1, "hidden": False}


def montage(name="bipolar", **more):
    return {"name": name, "rows": [ROW], "cuts": {"eeg": {"low": 1}}, **more}


def put(client, study, montages):
    url = reverse("studies:montages", args=[study.slug])
    return client.put(url, {"montages": montages}, content_type="application/json")


def get(client, study):
    return client.get(reverse("studies:montages", args=[study.slug])).json()


def test_a_montage_of_the_lead_is_there_for_the_annotators(client_of, annotator, lead, scoring):
    study = scoring.study
    assert get(client_of(annotator), study) == {"montages": [], "may_change": False}
    assert put(client_of(lead), study, [montage(odd=1)]).json()["montages"] == [montage()]
    assert get(client_of(annotator), study) == {"montages": [montage()], "may_change": False}
    assert get(client_of(lead), study)["may_change"] is True
    details = AuditEvent.objects.latest("pk").details
    assert details == {"montages": {"old": [], "new": ["bipolar"]}}


def test_annotators_do_not_change_the_montages_of_the_study(client_of, annotator, scoring):
    assert put(client_of(annotator), scoring.study, [montage()]).status_code == 403


@pytest.mark.parametrize(
    "montages",
    [
        None,
        "bipolar",
        {"name": "bipolar"},
        [1],
        [{"name": "bipolar"}],
        [montage(rows=[1])],
        [montage(cuts=[])],
        [montage(name=5)],
        [montage(name="  ")],
        [montage(name="x" * 5000)],
        [montage(name="\0")],
        [montage(), montage()],
        [montage(name=str(number)) for number in range(21)],
        [montage(rows=[{"name": "x" * 70_000}])],
    ],
)
def test_what_is_no_list_of_montages_is_refused(client_of, lead, study, montages):
    assert put(client_of(lead), study, montages).status_code == 400
    study.refresh_from_db()
    assert study.montages == []


def test_montages_of_an_archived_study_stay_as_they_are(client_of, lead, study):
    study.archived_at = timezone.now()
    study.save()
    assert put(client_of(lead), study, [montage()]).status_code == 409
    assert get(client_of(lead), study) == {"montages": [], "may_change": False}
