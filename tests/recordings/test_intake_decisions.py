"""What is said about a recording as it comes in: by options of the command and by the API."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from psg.signalstore import SignalStore
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
        "There is no F4-M1.",
        "C4-M1 is EEG Fpz-Cz.",
        "O2-M1 is EEG Pz-Oz.",
        "The mains have 60 Hz.",
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
    assert "C4-M1 is in “.V”, which is not known" in said
    assert '--unit "C4-M1=uV"' in said
    run(path, study, unit=["C4-M1=uV"])
    assert Recording.objects.get().channels[0]["unit"] == "uV"


@pytest.fixture
def lead_client(lead, client_of) -> Client:
    return client_of(lead)


def test_an_upload_takes_decisions(lead_client, study, lead):
    decisions = {"channels": dict(item.split("=") for item in MAP), "mains_hz": 60}
    response = upload(
        lead_client, study, edf_bytes(SLEEP_EDF, sfreq_hz=100), decisions=json.dumps(decisions)
    )
    state = read(response)
    assert state["derivations"] == ["C4-M1", "O2-M1", "Chin"]
    assert "missing_f4" in {doubt["code"] for doubt in state["doubts"]}
    page = lead_client.get(reverse("recordings:recording", args=[state["id"]])).content.decode()
    assert "C4-M1 is EEG Fpz-Cz." in page
    assert "60 Hz" in page
    assert page.count("No channel was found for F4-M1") == 1


@pytest.mark.parametrize(
    "decisions",
    ["[]", "{", '{"channels": {"C9": "A"}}', '{"mains_hz": "x"}', '{"channels": {"C4-M1": 7}}'],
)
def test_decisions_that_cannot_be_read_are_refused(lead_client, study, decisions):
    response = upload(lead_client, study, edf_bytes(sfreq_hz=100), decisions=decisions)
    assert response.status_code == 400
    assert not Ingest.objects.exists()


def test_the_raw_view_is_made_of_the_channels_of_the_map(lead_client, study):
    labels = ["X 1", "X 2", "X 3", "EEG C4-M1"]
    decisions = {"channels": {"C4-M1": "X 2 - X 3", "Chin": "X 1"}}
    response = upload(
        lead_client, study, edf_bytes(labels, sfreq_hz=100), decisions=json.dumps(decisions)
    )
    url = reverse("recordings:layout", args=[read(response)["id"]])
    assert lead_client.get(url).json()["stand_ins"] == {"C4-M1": "X 2 - X 3", "Chin": "X 1"}
    made_of = lead_client.get(url, {"view": "raw"}).json()["derivations"]
    assert [(one["name"], one["positive"], one["negative"]) for one in made_of] == [
        ("C4-M1", "X 2", "X 3"),
        ("Chin", "X 1", None),
    ]


def test_a_night_of_two_channels_is_shown_read_and_drawn(study, night: Path, lead_client, tmp_path):
    from psg.claims import measure_night
    from psg.render import EpochRenderer
    from psg.rules.reader import read_night

    run(night, study, channel=[*MAP, "Chin=none"])
    recording = Recording.objects.get()
    with SignalStore.open(recording.signals_file.open("rb")) as store:
        assert [d.value for d in store.derivations] == ["C4-M1", "O2-M1"]
        readings = list(read_night(store))
        assert len(readings) == 2
        measure_night(store)
        image = EpochRenderer().render(store.read_uv(0)[0], store.derivations)
        assert image.shape[:2] == (224, 448)
