"""The protocol of a study; scorings in progress keep their protocol."""

import pytest

from annotations.scoring.assignments import assign
from studies.models import Role

pytestmark = pytest.mark.django_db


def test_a_new_guideline_holds_for_new_scorings_only(
    client_of, study, lead, scoring, member, labels_only
):
    answer = client_of(lead).post(
        f"/studies/{study.slug}/protocol/",
        {"title": "Night study", "guideline": "Cite the rule.", "track": "coarse", "mode": "blind"},
    )
    assert answer.status_code == 302
    study.refresh_from_db()
    scoring.refresh_from_db()
    assert (study.guideline, study.track) == ("Cite the rule.", "coarse")
    assert (scoring.guideline, scoring.track) == ("", "fine")
    labels_only.refresh_from_db()
    later = assign(
        recording=labels_only,
        annotator=member(study, Role.ANNOTATOR, username="later"),
        assigned_by=lead,
    )
    assert (later.guideline, later.track) == ("Cite the rule.", "coarse")


def test_a_mode_that_does_not_exist_changes_nothing(client_of, study, lead):
    answer = client_of(lead).post(
        f"/studies/{study.slug}/protocol/", {"title": "X", "track": "fine", "mode": "open"}
    )
    assert answer.status_code == 200
    study.refresh_from_db()
    assert study.title == "Night study"
