"""What is said about a recording as it comes in: by options of the command and by the API."""

import json
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from psg.ingest import NightDecisions
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes, with_field, write
from tests.helpers.nights import files_below
from tests.recordings.test_upload import read, upload

SLEEP_EDF = ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal", "EMG submental"]
MAP = ["C4-M1=EEG Fpz-Cz", "O2-M1=EEG Pz-Oz"]


@pytest.fixture
def night(tmp_path: Path) -> Path:
    return write(tmp_path / "night.edf", edf_bytes(SLEEP_EDF, sfreq_hz=100))


def run(path: Path, study, **options) -> str:
    out = StringIO()
    call_command("import_recording", path, study=study.slug, stdout=out, **options)
    return out.getvalue()


def refusal(path: Path, study, **options) -> str:
    with pytest.raises(CommandError) as refused:
        run(path, study, **options)
    assert not Recording.objects.exists()
    return str(refused.value)


def test_a_night_of_unknown_channels_is_refused_with_the_option_and_nothing_is_kept(
    study, night: Path, media
):
    said = refusal(night, study)
    assert "EEG Fpz-Cz" in said
    assert '--channel "C4-M1=' in said
    assert files_below(media) == []


def test_a_map_stages_from_what_there_is_and_says_what_is_missing(study, night: Path):
    said = run(night, study, channel=MAP)
    assert "S001: 2 epochs, C4-M1, O2-M1, Chin" in said
    assert "C4-M1 is EEG Fpz-Cz, as the channel map says." in said
    assert "No channel was found for E1-M2 (it may be EOG horizontal)" in said
    assert '--channel "F4-M1=' in said


def test_what_was_said_and_assumed_is_kept_with_the_recording(study, night: Path):
    report = json.loads(
        run(night, study, channel=[*MAP, "F4-M1=none"], mains=60, start_clock="23:10:00", json=True)
    )
    assert {doubt["code"] for doubt in report["doubts"]} == {"missing_e1", "missing_e2"}
    recording = Recording.objects.get()
    assert recording.mains_hz == 60
    assert recording.start_clock_s == 23 * 3600 + 600
    assert recording.derivations["C4-M1"] == {
        "label": "EEG Fpz-Cz",
        "reference": "CZ",
        "positive": "EEG Fpz-Cz",
        "negative": "",
        "is_backup": False,
        "is_alternative": False,
        "is_assumed": False,
        "is_mapped": True,
        "sfreq_hz": 100.0,
    }
    assert recording.intake["answers"] == [
        "F4-M1: not in the recording.",
        "C4-M1 is EEG Fpz-Cz.",
        "O2-M1 is EEG Pz-Oz.",
        "Mains frequency: 60 Hz.",
        "The recording starts at 23:10:00.",
    ]
    assert recording.intake["said"]["channels"] == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"channel": ["C4-M1=EEG Fpz-Cz", "O2-M1=EEG Fpz-Cz"]}, "EEG Fpz-Cz for C4-M1 and O2-M1"),
        ({"channel": MAP, "unit": ["EEG Oz=uV"]}, "no channel EEG Oz"),
        ({"channel": MAP, "start_clock": "25:00"}, "not a time of day"),
    ],
)
def test_what_does_not_fit_is_refused(study, night: Path, media, options, said):
    assert said in refusal(night, study, **options)
    assert files_below(media) == []


def test_a_unit_is_asked_for_and_said(study, tmp_path: Path, media):
    data = with_field(edf_bytes(["C4-M1"], sfreq_hz=100), "unit", 0, b".V")
    path = write(tmp_path / "night.edf", data)
    said = refusal(path, study)
    assert "The unit “.V” of C4-M1 is unknown" in said
    assert '--unit "C4-M1=uV"' in said
    run(path, study, unit=["C4-M1=uV"])
    assert Recording.objects.get().channels[0]["unit"] == "uV"


@pytest.fixture
def lead_client(lead, client_of) -> Client:
    return client_of(lead)


def test_an_upload_takes_decisions(lead_client, study):
    decisions = {
        "channels": {"C4-M1": "EEG Fpz-Cz", "O2-M1": "EEG Pz-Oz - EOG horizontal", "Chin": None},
        "mains_hz": 60,
    }
    response = upload(
        lead_client, study, edf_bytes(SLEEP_EDF, sfreq_hz=100), decisions=json.dumps(decisions)
    )
    state = read(response)
    assert state["derivations"] == ["C4-M1", "O2-M1"]
    assert "missing_f4" in {doubt["code"] for doubt in state["doubts"]}
    page = lead_client.get(reverse("recordings:intake-record", args=[state["id"]])).content.decode()
    assert "C4-M1 is EEG Fpz-Cz." in page
    assert "60 Hz" in page
    assert page.count("No channel was found for F4-M1") == 1

    url = reverse("recordings:layout", args=[state["id"]])
    assert lead_client.get(url).json()["stand_ins"] == {
        "C4-M1": "EEG Fpz-Cz",
        "O2-M1": "EEG Pz-Oz - EOG horizontal",
    }
    made_of = lead_client.get(url, {"view": "raw"}).json()["derivations"]
    assert [(one["name"], one["positive"], one["negative"]) for one in made_of] == [
        ("C4-M1", "EEG Fpz-Cz", None),
        ("O2-M1", "EEG Pz-Oz", "EOG horizontal"),
    ]


@pytest.mark.parametrize(
    "decisions",
    [
        "[]",
        "{",
        '{"mains": 60}',
        '{"channels": {"C9": "A"}}',
        '{"mains_hz": "x"}',
        '{"channels": {"C4-M1": 7}}',
    ],
)
def test_decisions_that_cannot_be_read_are_refused(lead_client, study, decisions):
    response = upload(lead_client, study, edf_bytes(sfreq_hz=100), decisions=decisions)
    assert response.status_code == 400
    assert not Ingest.objects.exists()


def test_an_earlier_database_keeps_what_was_said_and_names_both_channels(study, lead):
    """The functions of the migration, on rows as an earlier version wrote them."""
    migration = import_module("recordings.migrations.0012_decisions_and_intake")
    subject = study.subjects.create(code="A")
    channels = [{"label": label} for label in ("EEG C4", "EEG A1", "F4 - M1")]
    sources = {"C4-M1": {"label": "EEG C4 - EEG A1"}, "F4-M1": {"label": "F4 - M1"}}
    recording = Recording.objects.create(
        study=study, subject=subject, name="A", channels=channels, derivations=sources
    )
    ingest = Ingest.objects.create(recording=recording, stage_codes="yasa", epoch_start_s=12.3)
    migration.keep_what_was_said(apps, None)
    migration.name_both_channels(apps, None)
    ingest.refresh_from_db()
    recording.refresh_from_db()
    decisions = NightDecisions.from_json(ingest.decisions)
    assert (decisions.stages.codes, decisions.epoch_start_s) == ("yasa", 12.3)
    places = [(s["positive"], s["negative"]) for s in recording.derivations.values()]
    assert sorted(places) == [("EEG C4", "EEG A1"), ("F4 - M1", "")]


@pytest.mark.parametrize(
    ("labels", "label", "pair"),
    [
        (["EEG C4 - Ref", "EEG A1"], "EEG C4 - Ref - EEG A1", ("EEG C4 - Ref", "EEG A1")),
        (["EEG C4", "A1 - Ref - 2"], "EEG C4 - A1 - Ref - 2", ("EEG C4", "A1 - Ref - 2")),
        (["C4 - A1 - x", "C4"], "C4 - A1 - x", ("C4 - A1 - x", "")),
        (["EMG", "EMG"], "EMG - EMG (2)", ("EMG", "EMG (2)")),
    ],
)
@pytest.mark.parametrize("said", [{}, {"positive": "EEG C4", "negative": "Ref - EEG A1"}])
def test_channels_are_named_rightly_whatever_their_labels(study, labels, label, pair, said):
    """Also where the migration in its first form has named a wrong pair."""
    migration = import_module("recordings.migrations.0012_decisions_and_intake")
    recording = Recording.objects.create(
        study=study,
        subject=study.subjects.create(code="A"),
        name="A",
        channels=[{"label": label} for label in labels],
        derivations={"C4-M1": {"label": label} | said},
    )
    for _ in range(2):
        migration.name_both_channels(apps, None)
        recording.refresh_from_db()
        source = recording.derivations["C4-M1"]
        assert (source["positive"], source["negative"]) == pair
