"""The kappa on a recording's page is that of its agreement page, over scorers that are named."""

import pytest
from django.urls import reverse

from annotations.agreement.recording_scorings import recording_scorings
from annotations.agreement.report import agreement_report
from annotations.agreement.scope import scope_for
from annotations.scoring.models import Scoring
from annotations.scoring.scorings import model_scorer
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
OTHER = ["W", "N1", "N1", "N2", None, None, "N3", "N3", "R", "R"]
BAD = ["R", "R", "R", "R", "W", "W", "W", "W", "N1", "N1"]


def of_agreement_page(recording, user):
    chosen = scope_for(user, recording_id=recording.pk).select()
    report = agreement_report(chosen.sheet, chosen.compared)
    return report, [column.label for column in chosen.compared]


@pytest.fixture
def two_people(labels_only):
    return [finished_scoring(labels_only, *one) for one in (("Ann", NIGHT), ("Ben", OTHER))]


def by_model(recording):
    scoring = finished_scoring(recording, "Reader", BAD)
    Scoring.objects.filter(pk=scoring.pk).update(
        scorer=model_scorer(label="Reader", provenance={"weights": "y"})
    )


def copied(recording, original):
    copy = finished_scoring(recording, "Came back", NIGHT)
    Scoring.objects.filter(pk=copy.pk).update(copy_of=original)


def unfinished(recording):
    Scoring.objects.filter(pk=finished_scoring(recording, "Cy", BAD).pk).update(state="open")


def withdrawn(recording):
    Scoring.objects.filter(pk=finished_scoring(recording, "Di", BAD).pk).update(state="withdrawn")


@pytest.mark.parametrize("others", [(), ("model",), ("copy",), ("model", "copy", "open", "gone")])
def test_both_pages_give_the_same_kappa_over_the_same_scorers(
    labels_only, two_people, lead, client, others
):
    extra = {
        "model": lambda: by_model(labels_only),
        "copy": lambda: copied(labels_only, two_people[0]),
        "open": lambda: unfinished(labels_only),
        "gone": lambda: withdrawn(labels_only),
    }
    for name in others:
        extra[name]()
    report, labels = of_agreement_page(labels_only, lead)
    found = recording_scorings(labels_only, lead)
    assert sorted(found.headline_scorers) == sorted(labels) == ["Ann", "Ben"]
    kappa = report.measures["all"].mean_pairwise_kappa.value
    assert found.headline.mean_pairwise_kappa == pytest.approx(kappa)
    assert found.headline.mean_pairwise_kappa == pytest.approx(
        report.by_recording[0].mean_pairwise_kappa
    )
    client.force_login(lead)
    url = reverse("recordings:recording", args=[labels_only.pk])
    page = " ".join(client.get(url).content.decode().split())
    assert f'Kappa: <b class="num">{kappa:.3f}</b>' in page
    assert "scorers of the agreement page: <bdi>Ann</bdi>, <bdi>Ben</bdi>." in page


def test_a_single_finished_scoring_has_no_mean_and_says_so(labels_only, lead, client):
    finished_scoring(labels_only, "Ann", NIGHT)
    unfinished(labels_only)
    assert recording_scorings(labels_only, lead).headline is None
    client.force_login(lead)
    url = reverse("recordings:recording", args=[labels_only.pk])
    page = client.get(url).content.decode()
    assert "Fewer than two scorings are finished" in page
