"""Phrases of a study, from the lead's page to the workbench."""

import pytest
from django.urls import reverse

from psg.rules.phrases import default_phrases

pytestmark = pytest.mark.django_db


def phrases_of(client, scoring):
    return client.get(reverse("annotations:scoring", args=[scoring.pk])).json()["phrases"]


def save(client, study, text):
    return client.post(reverse("studies:phrases", args=[study.slug]), {"phrases": text})


def test_an_annotator_has_the_usual_phrases_and_then_the_lead_s(
    client_of, annotator, lead, scoring
):
    assert len(phrases_of(client_of(annotator), scoring)) > 15
    save(client_of(lead), scoring.study, "N2.1: Our spindle in {spindle}.\r\nW: Awake.")
    assert phrases_of(client_of(annotator), scoring) == [
        {"rule": "N2.1", "stages": ["N2"], "text": "Our spindle in {spindle}."},
        {"rule": None, "stages": ["W"], "text": "Awake."},
    ]


def test_a_list_with_a_mistake_is_refused_with_its_line_and_kept_on_the_page(
    client_of, lead, study
):
    page = save(client_of(lead), study, "W: Awake.\nN7: Spindle.").content.decode()
    assert "line 2" in page
    assert "N7: Spindle." in page
    study.refresh_from_db()
    assert study.phrases == ""


def test_an_emptied_or_unchanged_list_is_the_default_list(client_of, lead, study):
    for text in ("", default_phrases()):
        save(client_of(lead), study, "W: Awake.")
        save(client_of(lead), study, text)
        study.refresh_from_db()
        assert study.phrases == ""


def test_the_coarse_track_gets_no_phrases(client_of, annotator, scoring):
    scoring.track = "coarse"
    scoring.save(update_fields=["track"])
    assert phrases_of(client_of(annotator), scoring) == []


def test_the_page_shows_the_wording_in_force_and_the_names_for_braces(client_of, lead, study):
    page = reverse("studies:phrases", args=[study.slug])
    usual = client_of(lead).get(page).content.decode()
    assert default_phrases().splitlines()[0] in usual
    assert "<code>spindle</code>" in usual
    saved = (
        client_of(lead).post(page, {"phrases": "W: <b>Awake</b>."}, follow=True).content.decode()
    )
    assert "Phrases saved." in saved
    assert "W: &lt;b&gt;Awake&lt;/b&gt;." in saved
    assert "<b>Awake" not in saved
