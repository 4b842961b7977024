"""Uploads: the stored recording, and the message if the import fails."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotations.scoring.models import Scoring
from recordings.incoming import stage_suffix
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import (
    edf_bytes,
    with_field,
    with_gap,
    with_record_count,
)
from tests.helpers.nights import files_below

SIX = ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"]


@pytest.fixture
def lead_client(lead, client_of) -> Client:
    return client_of(lead)


def upload(client: Client, study, data: bytes | bytearray, name: str = "Lovelace.edf", **fields):
    return client.post(
        reverse("recordings:upload", args=[study.slug]),
        {"file": SimpleUploadedFile(name, bytes(data)), **fields},
    )


def read(response) -> dict:
    """Do the worker's part for an accepted upload, and ask how it went."""
    assert response.status_code == 201, response.json()
    INGESTS.run(Ingest.objects.get(recording=response.json()["id"]).pk)
    url = reverse("recordings:api-recording", args=[response.json()["id"]])
    return response.client.get(url).json()


def refused(response, status: int = 400) -> str:
    assert response.status_code == status
    assert not Recording.objects.exists()
    return response.json()["detail"]


def failed(response, media: Path) -> str:
    """The reason on the row of a file that the worker could not read."""
    state_json = read(response)
    assert state_json["state"] == "failed"
    assert state_json["error"]
    assert "Traceback" not in state_json["error"]
    assert files_below(media) == []
    page = response.client.get(reverse("recordings:recording", args=[state_json["id"]]))
    assert "could not be read" in page.content.decode()
    return state_json["error"]


def test_a_recording_is_taken_at_once_and_read_later(lead_client, study):
    response = upload(lead_client, study, edf_bytes(), subject="01-03-0001")
    answer = response.json()
    assert (answer["name"], answer["state"]) == ("01-03-0001", "ingesting")
    assert answer["progress"] == {"state": "waiting", "step": "", "done": 0, "total": 0}
    state_json = read(response)
    assert (state_json["state"], state_json["epoch_count"], state_json["derivations"]) == (
        "ready",
        2,
        SIX,
    )
    assert state_json["progress"]["state"] == "done"
    assert [channel["label"] for channel in state_json["channels"]][:1] == ["EEG F4-CLE"]


def test_subjects_without_a_code_get_the_next_free_one(lead_client, study):
    names = [
        upload(lead_client, study, edf_bytes(seconds=seconds)).json()["name"]
        for seconds in (60, 61)
    ]
    again = upload(lead_client, study, edf_bytes(seconds=62), subject="S001").json()["name"]
    assert [*names, again] == ["S001", "S002", "S001 night 2"]


def test_nothing_of_the_person_is_stored(lead_client, study, media):
    data = edf_bytes(annotations=[(1.0, 0.0, "Mrs Lovelace coughs")])
    state_json = read(upload(lead_client, study, data))
    assert "Lovelace" not in str(state_json)
    stored = files_below(media)
    assert len(stored) == 3
    assert not any(b"Lovelace" in path.read_bytes() for path in stored)
    assert not any("Lovelace" in str(path) for path in stored)


def test_the_same_file_twice_is_refused_with_its_name(lead_client, study):
    first = upload(lead_client, study, edf_bytes(), subject="A").json()
    response = upload(lead_client, study, edf_bytes(), name="renamed.edf")
    assert response.status_code == 409
    assert "as A" in response.json()["detail"]
    assert response.json()["recording"] == first["id"]
    assert Recording.objects.count() == 1


def test_the_same_file_may_be_in_two_studies(lead_client, lead, study, other_study, member):
    upload(lead_client, study, edf_bytes())
    other_study.memberships.create(user=lead, role="lead")
    assert upload(lead_client, other_study, edf_bytes()).status_code == 201


def test_a_file_that_failed_may_come_again_under_its_name(lead_client, study, media):
    data = edf_bytes(["SaO2"])
    failed(upload(lead_client, study, data, subject="A"), media)
    assert upload(lead_client, study, edf_bytes(), subject="A").json()["name"] == "A"


def test_an_empty_file_is_refused(lead_client, study, media):
    assert "empty" in refused(upload(lead_client, study, b""))
    assert files_below(media) == []


def test_a_text_file_named_edf_is_refused(lead_client, study, media):
    assert "not supported" in refused(upload(lead_client, study, b"Dear colleague,\n" * 99))
    assert files_below(media) == []


def test_a_file_over_the_limit_is_refused(lead_client, study, settings, media):
    settings.UPLOAD_LIMIT_BYTES = 100_000
    assert "too large" in refused(upload(lead_client, study, edf_bytes(seconds=30)))
    settings.UPLOAD_LIMIT_BYTES = 1000
    assert "limit" in refused(upload(lead_client, study, edf_bytes()), 413)
    assert files_below(media) == []


def test_an_upload_without_a_file_is_refused(lead_client, study):
    response = lead_client.post(reverse("recordings:upload", args=[study.slug]), {"subject": "A"})
    assert response.json()["fields"]["file"] == ["The upload has no file."]
    refused(response)


def test_a_name_is_no_subject_code(lead_client, study):
    response = upload(lead_client, study, edf_bytes(), subject="Ada Lovelace")
    assert "never a name" in str(response.json()["fields"]["subject"])
    refused(response)


@pytest.mark.parametrize("start", ["-3", "soon", "nan"])
def test_an_epoch_start_must_be_a_time(lead_client, study, start):
    response = upload(lead_client, study, edf_bytes(), epoch_start_s=start)
    if response.status_code == 201:
        assert read(response)["state"] == "failed"
    else:
        refused(response)


def test_a_truncated_file_says_so(lead_client, study, media):
    data = edf_bytes()
    assert "truncated" in failed(upload(lead_client, study, data[: len(data) // 2]), media)


def test_a_record_count_that_is_too_high_says_so(lead_client, study, media):
    data = with_record_count(edf_bytes(), 999)
    assert "declares 999" in failed(upload(lead_client, study, data), media)


def test_a_record_count_of_minus_one_is_read_with_a_warning(lead_client, study):
    state_json = read(upload(lead_client, study, with_record_count(edf_bytes(), -1)))
    assert state_json["state"] == "ready"
    assert "declares -1" in state_json["warnings"][0]


def test_a_gap_is_read_on_the_clock_with_a_warning(lead_client, study):
    data = with_gap(edf_bytes(annotations=[]), after_s=30, gap_s=35, seconds=60)
    state_json = read(upload(lead_client, study, data))
    assert (state_json["state"], state_json["epoch_count"]) == ("ready", 3)
    assert "30 s to 65 s" in state_json["warnings"][0]


def test_a_file_without_eeg_says_which_channels_it_has(lead_client, study, media):
    assert "SaO2" in failed(upload(lead_client, study, edf_bytes(["SaO2", "EMG chin"])), media)


def test_one_dummy_channel_does_not_lose_the_night(lead_client, study):
    data = with_field(edf_bytes(), "physical_min", 4, b"500")
    state_json = read(upload(lead_client, study, data))
    assert state_json["state"] == "ready"
    assert state_json["derivations"] == [name for name in SIX if name != "E2-M2"]
    assert "EOG Right Horiz was skipped" in state_json["warnings"][0]


def test_labels_outside_ascii_are_shown(lead_client, study):
    data = with_field(edf_bytes(), "label", 6, "Größe Ω".encode())
    state_json = read(upload(lead_client, study, data))
    assert state_json["channels"][6]["label"] == "Größe Ω"
    page = lead_client.get(reverse("recordings:channels", args=[state_json["id"]])).content.decode()
    assert "Größe Ω" in page


def test_a_label_is_text_and_never_markup(lead_client, study):
    data = with_field(edf_bytes(), "label", 6, b"<script>x()</scr")
    state_json = read(upload(lead_client, study, data))
    page = lead_client.get(reverse("recordings:channels", args=[state_json["id"]])).content.decode()
    assert "<script>x()" not in page


@pytest.mark.parametrize("sfreq_hz", [1000, 2000])
def test_fast_recordings_are_read(lead_client, study, sfreq_hz):
    state_json = read(upload(lead_client, study, edf_bytes(["C4-M1", "chin"], sfreq_hz=sfreq_hz)))
    assert (state_json["state"], state_json["derivations"]) == ("ready", ["C4-M1", "Chin"])


def stage_file(*texts: str, start_s: float = 0.0) -> SimpleUploadedFile:
    rows = [f"{start_s + 30 * i},{text}" for i, text in enumerate(texts)]
    return SimpleUploadedFile("stages.csv", "\n".join(["onset_s,stage", *rows]).encode())


def test_stages_that_come_along_become_a_scoring_and_set_the_grid(lead_client, study, media):
    stages = stage_file("W", "?", "N2", start_s=12.3)
    state_json = read(upload(lead_client, study, edf_bytes(seconds=110), stages=stages))
    assert (state_json["epoch0_s"], state_json["epoch_count"]) == (12.3, 3)
    scoring = Scoring.objects.get(recording=state_json["id"])
    assert list(scoring.scores.values_list("epoch", "stage")) == [(0, "W"), (1, None), (2, "N2")]
    unscored = "1 of 3 epochs have no stage in the file, 1 of them between scored epochs."
    assert unscored in state_json["notes"]
    assert len(files_below(media)) == 3


@pytest.mark.parametrize(
    ("texts", "start_s", "fields", "said"),
    [
        (["W"] * 9, 0.0, {}, "longer than the recording"),
        (["W", "N9"], 0.0, {}, "not understood"),
        (["W", "N2"], 12.3, {"epoch_start_s": "0"}, "starts at 0 s"),
        (["0", "1"], 0.0, {"stage_codes": "nonsense"}, "not valid"),
    ],
)
def test_a_stage_file_that_does_not_fit_stops_the_ingest(
    lead_client, study, media, texts, start_s, fields, said
):
    stages = stage_file(*texts, start_s=start_s)
    response = upload(lead_client, study, edf_bytes(), stages=stages, **fields)
    said_by = refused(response) if response.status_code == 400 else failed(response, media)
    assert said in said_by
    assert not Scoring.objects.exists()


def test_only_leads_of_the_study_may_upload(client_of, annotator, study, other_study, member):
    assert upload(client_of(annotator), study, edf_bytes()).status_code == 403
    stranger = client_of(member(other_study, "lead"))
    assert upload(stranger, study, edf_bytes()).status_code == 404
    assert upload(Client(), study, edf_bytes()).status_code == 401
    assert not Recording.objects.exists()


def test_an_upload_needs_the_page_it_comes_from(lead, study):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead)
    assert upload(client, study, edf_bytes()).status_code == 403


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("S01.annot", ".annot"),
        ("S01.v2.HYP", ".hyp"),
        ("S01.csv.gz", ".csv.gz"),
        ("S01.rml", ".rml"),
        ("scored by.lovelace", ".txt"),
        ("lovelace", ".txt"),
    ],
)
def test_of_the_name_of_a_stage_file_a_known_suffix_is_kept_alone(name, suffix):
    assert stage_suffix(name) == suffix
