"""Montages of a study: saved by its leads, there for all members."""

import pytest
from django.urls import reverse
from django.utils import timezone

from epochwise.desk.studies import clone_study
from studies.models import AuditEvent
from studies.montages import montages_of

pytestmark = pytest.mark.django_db
ROW = {"name": "C3 − O1", "plus": "EEG C3", "minus": "EEG O1", "gain": 1, "hidden": False}
NO_REFERENCES = [
    None,
    "",
    3,
    {},
    [],
    ["EEG A1"],
    ["EEG A1", "EEG A1"],
    ["EEG A1", 2],
    ["EEG A1", ["EEG A2"]],
    ["EEG A1", "EEG C3"],
    "EEG C3",
    [f"EEG {number}" for number in range(65)],
]
MEAN = {**ROW, "name": "C3 − mean(A1, A2)", "minus": ["EEG A1", "EEG A2"]}


def montage(name="bipolar", **more):
    return {"name": name, "rows": [ROW], "cuts": {"eeg": {"low": 1}}, **more}


def put(client, study, montages, version=0):
    url = reverse("studies:montages", args=[study.slug])
    body = {"montages": montages, "version": version}
    return client.put(url, body, content_type="application/json")


def get(client, study):
    return client.get(reverse("studies:montages", args=[study.slug])).json()


def test_a_montage_of_the_lead_is_there_for_the_annotators(client_of, annotator, lead, scoring):
    study = scoring.study
    none = {"montages": [], "version": 0, "may_change": False}
    assert get(client_of(annotator), study) == none
    assert put(client_of(lead), study, [montage(odd=1)]).json()["montages"] == [montage()]
    stored = {"montages": [montage()], "version": 1, "may_change": False}
    assert get(client_of(annotator), study) == stored
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
        *([montage(rows=[{**ROW, "minus": minus}])] for minus in NO_REFERENCES),
        [montage(rows=[{**ROW, "plus": None}])],
    ],
)
def test_what_is_no_list_of_montages_is_refused(client_of, lead, study, montages):
    assert put(client_of(lead), study, montages).status_code == 400
    assert montages_of(study).montages == []


def test_montages_of_an_archived_study_stay_as_they_are(client_of, lead, study):
    study.archived_at = timezone.now()
    study.save()
    assert put(client_of(lead), study, [montage()]).status_code == 409
    assert get(client_of(lead), study)["montages"] == []


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_a_lead_who_did_not_see_the_present_montages_replaces_nothing(
    client_of, lead, study, version
):
    put(client_of(lead), study, [montage()])
    answer = put(client_of(lead), study, [montage("other")], version)
    assert answer.status_code == 409
    body = answer.json()
    assert (body["code"], body["montages"], body["version"]) == (
        "montages_changed",
        [montage()],
        1,
    )
    assert "Another lead" in body["detail"]
    assert montages_of(study).montages == [montage()]
    assert put(client_of(lead), study, [montage(), montage("other")], 1).json()["version"] == 2


def test_the_mean_of_several_channels_is_a_reference(client_of, annotator, lead, study):
    mean = montage(rows=[MEAN, ROW])
    assert put(client_of(lead), study, [mean]).json()["montages"] == [mean]
    own = {"rows": [MEAN, ROW], "montages": [mean]}
    display = reverse("studies:display")
    client = client_of(annotator)
    assert client.put(display, own, content_type="application/json").status_code == 200
    assert client.get(display).json() == own


@pytest.mark.parametrize("minus", NO_REFERENCES)
def test_own_rows_and_montages_have_channels_as_references(client_of, annotator, minus):
    rows = [{**ROW, "minus": minus}]
    for display in ({"rows": rows}, {"montages": [montage(rows=rows)]}):
        url = reverse("studies:display")
        answer = client_of(annotator).put(url, display, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "montages")


def test_a_clone_of_a_study_has_its_montages(client_of, lead, study):
    put(client_of(lead), study, [montage()])
    clone = clone_study(source=study, title="Next", slug="next", members=[], by=lead)
    put(client_of(lead), study, [], 1)
    assert montages_of(clone).montages == [montage()]
