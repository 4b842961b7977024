"""Lights off and on of a scoring: marked, taken back, and what the statistics make of them."""

import re
import uuid

import pytest
from django.urls import reverse

from annotations.adjudication.lifecycle import finish_adjudication, start_adjudication
from annotations.exchange.scoring_files import import_scoring_file
from annotations.saving import Save
from annotations.scoring.assignments import assign
from annotations.scoring.lights import set_lights
from annotations.scoring.models import LightsRevision, Scoring
from psg.lights import Lights
from recordings.models import Recording
from studies.models import Mode, Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.edf_files import edf_bytes, write
from tests.helpers.nights import stored_night

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "R", "W", "W"]


def address(scoring: Scoring) -> str:
    return reverse("annotations:lights", args=[scoring.pk])


def mark(client, scoring, **changes):
    body = {"client_uuid": str(uuid.uuid4()), "version": 0, "off_s": 60, "on_s": None, **changes}
    return client.put(address(scoring), body, content_type="application/json")


@pytest.fixture
def client(client_of, annotator):
    return client_of(annotator)


def test_every_change_stays_in_the_history_with_who_and_why(client, scoring, annotator):
    assert mark(client, scoring).json()["version"] == 1
    assert mark(client, scoring, version=1, on_s=240).json()["version"] == 2
    assert mark(client, scoring, version=2, why="undo").json()["version"] == 3
    lights = client.get(address(scoring)).json()
    assert (lights["version"], lights["off_s"], lights["on_s"]) == (3, 60, None)
    assert [
        (r["who"], r["why"], r["from"]["on_s"], r["to"]["on_s"]) for r in lights["revisions"]
    ] == [
        (str(annotator), "undo", 240, None),
        (str(annotator), "edit", None, 240),
        (str(annotator), "edit", None, None),
    ]
    assert client.get(f"/api/v1/scorings/{scoring.pk}/").json()["lights"]["off_s"] == 60


def test_a_replay_gives_the_first_answer_and_a_stale_change_both_sides(client, scoring):
    again = str(uuid.uuid4())
    assert mark(client, scoring, client_uuid=again).json() == (
        mark(client, scoring, client_uuid=again).json()
    )
    stale = mark(client, scoring, off_s=90)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert stale.json()["current"]["off_s"] == 60
    assert LightsRevision.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{"off_s": -1}, {"off_s": 301}, {"off_s": 90, "on_s": 90}, {"off_s": "x"}, {"on_s": 50}]
)
def test_marks_that_make_no_night_are_refused(client, scoring, body):
    assert mark(client, scoring, **body).status_code == 400
    assert not LightsRevision.objects.exists()


def test_a_submitted_scoring_keeps_its_marks(client, scoring):
    scoring.state = Scoring.State.SUBMITTED
    scoring.save()
    assert mark(client, scoring).json()["code"] == "submitted"


def test_nobody_learns_the_marks_of_a_colleague(client_of, labels_only, scoring, study, member):
    """Neither over the marks themselves, nor over the recording or an own scoring."""
    colleague = member(study, Role.ANNOTATOR, username="colleague")
    own = assign(recording=labels_only, annotator=colleague, assigned_by=None)
    set_lights(
        scoring=scoring,
        lights=Lights(123, 271),
        save=Save(user=scoring.scorer.user),
    )
    client = client_of(colleague)
    assert client.get(address(scoring)).status_code == 404
    for url in (
        f"/api/v1/scorings/{own.pk}/",
        f"/api/v1/recordings/{labels_only.pk}/",
        address(own),
        reverse("annotations:recording-scorings", args=[labels_only.pk]),
    ):
        answer = client.get(url)
        assert answer.status_code == 200
        assert not re.search(rb"\b(123|271)\b", answer.content)


def statistics(client, recording: Recording, name: str) -> list[str]:
    """What the table of statistics says in the column `name`, of scorer after scorer."""
    url = reverse("annotations:recording-scorings", args=[recording.pk])
    table = client.get(url).content.decode().partition('id="statistics"')[2]
    heads, *rows = table.partition("</table>")[0].split('<th scope="row">')
    names = [cell.partition("<span")[0].strip() for cell in re.findall(r'"num">(.*?)</th>', heads)]
    cells = [re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL) for row in rows]
    of_name = [row[names.index(name)] for row in cells]
    return [" ".join(re.sub("<[^>]*>", "", cell).split()) for cell in of_name]


def test_statistics_count_from_each_scorers_lights(labels_only, client_of, lead):
    Recording.objects.filter(pk=labels_only.pk).update(
        lights_on_s=270, start_clock_s=82_800, epoch0_s=0
    )
    first, _ = (finished_scoring(labels_only, label, NIGHT) for label in ("First", "Second"))
    Scoring.objects.filter(pk=first.pk).update(lights_off_s=30)
    client = client_of(lead)
    assert statistics(client, labels_only, "Lights off") == ["23:00:30 own", "not marked"]
    assert statistics(client, labels_only, "Lights on") == ["23:04:30 recording"] * 2
    assert statistics(client, labels_only, "Time in bed") == ["4.0", "4.5"]
    assert statistics(client, labels_only, "Sleep onset latency") == ["0.5", "1.0"]


def test_the_marks_of_a_file_come_with_the_recording(study):
    marks = [(12.0, None, "Lights off"), (50.5, None, "Lights on")]
    night = stored_night(study=study, data=edf_bytes(annotations=marks))
    assert night.lights == Lights(12, 50.5)


def test_the_marks_of_a_stage_file_belong_to_its_scoring(labels_only, tmp_path):
    texts = [(0, 30, "Sleep stage W"), (30, None, "Lights off"), (30, 30, "Sleep stage 2")]
    path = write(tmp_path / "hand.edf", edf_bytes(annotations=texts))
    made = import_scoring_file(recording=labels_only, scorer_label="Hand", path=path).scoring
    made.refresh_from_db()
    assert (made.lights, labels_only.lights) == (Lights(off_s=30), Lights())
    assert made.lights_revisions.get().why == "import"


def test_a_review_starts_from_the_marks_and_a_consensus_keeps_those_in_common(
    labels_only, annotator, lead
):
    sides = [finished_scoring(labels_only, label, NIGHT) for label in ("A", "B")]
    for side, on_s in zip(sides, (240, 270), strict=True):
        Scoring.objects.filter(pk=side.pk).update(lights_off_s=30, lights_on_s=on_s)
    review = assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=lead,
        mode=Mode.REVIEW,
        suggestion=Scoring.objects.get(pk=sides[0].pk),
    )
    review.refresh_from_db()
    assert review.lights == Lights(30, 240)
    settled = start_adjudication(scorings=sides, user=None)
    consensus = finish_adjudication(adjudication=settled, user=lead).consensus
    consensus.refresh_from_db()
    assert consensus.lights == Lights(off_s=30)
