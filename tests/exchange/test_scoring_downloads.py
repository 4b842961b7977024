"""A scoring leaves as EDF+ or csv with its events and a mark, and comes back as it was."""

import pytest

from annotations.downloads import FolderSink
from annotations.exchange.archive import write_export
from annotations.exchange.scoring_downloads import FILES, stages_of
from annotations.exchange.scoring_files import import_scoring_file
from annotations.scoring.events import keep_events
from psg.stagefiles import read_single
from psg.stagefiles.facts import EventKind, FileEvent
from psg.stagefiles.marks import read_mark
from psg.stages import Stage
from studies.models import AuditEvent
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db

STAGES = ["W", "N1", None, "N2", "N2", "N3", "R", "R", None, "W"]


@pytest.fixture
def scored(labels_only):
    scoring = finished_scoring(labels_only, "File", STAGES)
    events = [FileEvent(40.0, 5.0, EventKind.AROUSAL, "arousal", "C4-M1")]
    keep_events(scoring=scoring, events=events)
    return scoring


@pytest.mark.parametrize("ending", FILES)
def test_it_comes_back_with_its_stages_and_its_mark(scored, ending, tmp_path):
    write, _ = FILES[ending]
    path = tmp_path / f"scoring.{ending}"
    path.write_bytes(write(scored))
    mark = read_mark(path.read_bytes())
    assert mark.kind == "import"
    assert mark.is_of(stages_of(scored))
    assert [entry.stage for entry in read_single(path).entries] == [
        None if stage is None else Stage(stage) for stage in STAGES
    ]
    copy = import_scoring_file(recording=scored.recording, scorer_label="Again", path=path)
    assert stages_of(copy.scoring) == stages_of(scored)
    assert copy.scoring.scored_events.get().name == "arousal"


def test_the_address_gives_the_file_and_leaves_a_trace(scored, lead, client_of):
    answer = client_of(lead).get(f"/api/v1/scorings/{scored.pk}/scoring.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"arousal,C4-M1" in answer.content
    assert read_mark(answer.content).kind == "import"
    assert AuditEvent.objects.get(act="downloaded").details == {"scoring": scored.pk}


def test_an_export_has_the_events_of_its_scorings(scored, tmp_path):
    write_export(FolderSink(tmp_path), [scored])
    assert (tmp_path / "events.csv").read_text() == (
        "Subject,onset_s,duration_s,kind,name,channel\nS1,40,5,arousal,arousal,C4-M1\n"
    )
