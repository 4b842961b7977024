"""The rule checks during scoring, and the history of an epoch."""

import pytest

from tests.scoring.test_epoch_scores import save

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of, annotator):
    return client_of(annotator)


def findings(client, scoring):
    return client.get(f"/api/v1/scorings/{scoring.pk}/findings/").json()["findings"]


def history(client, scoring, epoch=0):
    return client.get(f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/history/").json()


def test_a_warning_comes_with_its_epoch_and_goes_with_its_cause(client, scoring):
    save(client, scoring, epoch=0, stage="W", rules=[])
    save(client, scoring, epoch=1, stage="N3", rules=["N3.1"])
    (finding,) = findings(client, scoring)
    assert (finding["epoch"], finding["level"], finding["code"]) == (1, "warning", "wake-jump")
    save(client, scoring, epoch=0, version=1, stage="N2", rules=[])
    assert findings(client, scoring) == []


def test_a_rule_that_cannot_support_the_stage_is_an_error(client, scoring):
    save(client, scoring, stage="R", rules=["N2.1"])
    assert [finding["level"] for finding in findings(client, scoring)] == ["error"]


def test_history_tells_who_changed_what_when_and_why(client, scoring, annotator):
    save(client, scoring, stage="N2")
    save(client, scoring, stage="N3", rules=["N3.1"], version=1, why="undo")
    changes = history(client, scoring)["revisions"]
    assert [(change["version"], change["why"], change["who"]) for change in changes] == [
        (2, "undo", str(annotator)),
        (1, "edit", str(annotator)),
    ]
    assert (changes[0]["from"]["stage"], changes[0]["to"]["stage"]) == ("N2", "N3")
    assert changes[1]["from"] is None
    assert "shown" not in changes[0]


def test_an_epoch_never_saved_has_an_empty_history(client, scoring):
    assert history(client, scoring, epoch=4) == {"epoch": 4, "revisions": []}
