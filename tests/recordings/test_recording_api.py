"""API and pages of a recording: layout, epochs as bytes, spectrogram."""

import numpy as np
import pytest
from django.urls import reverse

from psg.signalstore import SignalStore
from recordings.models import Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import stored_night


@pytest.fixture
def night(study) -> Recording:
    return stored_night(study=study, data=edf_bytes(seconds=100))


@pytest.fixture
def client(client_of, annotator):
    return client_of(annotator)


def get(client, name: str, *args, **query):
    return client.get(reverse(f"recordings:{name}", args=args), query)


def test_the_layout_says_where_each_channel_lies(client, night):
    layout = get(client, "layout", night.pk).json()
    names = [channel["name"] for channel in layout["channels"]]
    assert names == ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin", "Chin native"]
    assert [channel["offset_bytes"] for channel in layout["channels"]] == [
        6000 * place for place in range(7)
    ]
    assert layout["record_size"] == 6 * 6000 + 2 * 7680
    assert layout["epoch_count"] == 3


def test_epochs_come_as_their_bytes_and_may_be_kept(client, night):
    response = get(client, "epochs", night.pk, 1, count=2)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Cache-Control"] == "private, no-cache"
    with SignalStore.open(night.signals_file.open("rb")) as store:
        assert response.content == store.read_record(1, 2)
        counts = np.frombuffer(response.content[:6000], "<i2")
        scale = store.header.channels[0].scale_uv
        np.testing.assert_allclose(counts * scale, store.read_uv(1)[0, 0], rtol=1e-5)


def test_the_last_block_is_as_long_as_the_night(client, night):
    assert len(get(client, "epochs", night.pk, 2, count=16).content) == 6 * 6000 + 2 * 7680


@pytest.mark.parametrize("first", [3, 4, 99999])
def test_epochs_after_the_night_are_not_found(client, night, first):
    assert get(client, "epochs", night.pk, first).status_code == 404


@pytest.mark.parametrize("count", ["0", "17", "-1", "x", "1e9", "²"])
def test_a_count_out_of_range_is_refused(client, night, count):
    assert get(client, "epochs", night.pk, 0, count=count).status_code == 400


def test_the_unfiltered_channels_are_a_view_of_their_own(client, night):
    layout = get(client, "layout", night.pk, view="raw").json()
    assert layout["channels"][0]["name"] == "EEG F4-CLE"
    assert layout["channels"][0]["sfreq_hz"] == 256
    assert len(get(client, "epochs", night.pk, 0, view="raw").content) == layout["record_size"]


def test_the_raw_view_says_how_derivations_are_made_and_filtered(client, night):
    answered = get(client, "layout", night.pk, view="raw").json()["derivations"]
    by_name = {source["name"]: source for source in answered}
    assert set(by_name) == set(night.derivations)
    f4, chin = by_name["F4-M1"], by_name["Chin"]
    assert (f4["positive"], f4["negative"]) == ("EEG F4-CLE", None)
    assert (chin["positive"], chin["negative"]) == ("EMG Chin1", "EMG Chin2")
    assert [len(f4["band"]), len(f4["mains"]), len(f4["band"][0])] == [4, 1, 6]


def test_the_spectrogram_is_a_png(client, night):
    response = get(client, "spectrogram", night.pk)
    assert response["Content-Type"] == "image/png"
    assert response.getvalue().startswith(b"\x89PNG")


def test_a_recording_of_labels_has_no_signals_to_read(client, labels_only):
    assert get(client, "layout", labels_only.pk).status_code == 404
    assert get(client, "epochs", labels_only.pk, 0).status_code == 404
    assert get(client, "spectrogram", labels_only.pk).status_code == 404
    answered = get(client, "api-recording", labels_only.pk).json()
    assert (answered["state"], answered["progress"]) == ("labels_only", None)
    assert get(client, "recording", labels_only.pk).status_code == 200


def test_people_of_other_studies_find_nothing(client_of, member, other_study, night):
    stranger = client_of(member(other_study, "lead"))
    for name, args in (("api-recording", ()), ("layout", ()), ("epochs", (0,)), ("recording", ())):
        assert get(stranger, name, night.pk, *args).status_code == 404


def test_the_tabs_show_derivations_notes_and_spectrogram(client, night):
    tabs = ("recording", "channels", "intake-record")
    page = "".join(get(client, name, night.pk).content.decode() for name in tabs)
    assert "EMG Chin1 - EMG Chin2" in page
    assert "computed linked ears" in page
    assert reverse("recordings:spectrogram", args=[night.pk]) in page
    assert "The last 10 s do not fill an epoch" in page
    assert "3 epochs, 1 min 40 s" in " ".join(page.split())


def test_a_page_that_watches_the_ingest_reloads_when_it_is_done(client, night):
    response = client.get(
        reverse("recordings:recording", args=[night.pk]), headers={"HX-Request": "true"}
    )
    assert response.headers["HX-Refresh"] == "true"


def test_only_what_failed_can_be_removed(client_of, lead, night, study):
    client = client_of(lead)
    client.post(reverse("recordings:remove", args=[night.pk]))
    assert Recording.objects.filter(pk=night.pk).exists()
    bad = stored_night(study=study, data=edf_bytes(["SaO2"]))
    assert bad.state == Recording.State.FAILED
    client.post(reverse("recordings:remove", args=[bad.pk]))
    assert not Recording.objects.filter(pk=bad.pk).exists()


def test_the_envelope_holds_the_extremes_of_every_channel_and_may_be_kept(client, night):
    response = get(client, "envelope", night.pk)
    assert response["Cache-Control"] == "private, no-cache"
    extremes = np.frombuffer(response.content, "<i2").reshape(7, 3, -1, 2)
    with SignalStore.open(night.signals_file.open("rb")) as store:
        chin = store.read_counts(1)[0, -7680:]
    assert (extremes[6, 1, :, 0].min(), extremes[6, 1, :, 1].max()) == (chin.min(), chin.max())


@pytest.mark.parametrize(
    ("name", "rest"), [("epochs", {"first": 1}), ("envelope", {}), ("spectrogram", {})]
)
def test_a_browser_that_has_the_bytes_is_asked_who_it_is_first(client, night, name, rest):
    address = reverse(f"recordings:{name}", kwargs={"recording_id": night.pk, **rest})
    etag = client.get(address)["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-cache"
    client.logout()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 401


def test_filtered_and_raw_signals_have_tags_of_their_own(client, night):
    assert (
        get(client, "epochs", night.pk, 0)["ETag"]
        != get(client, "epochs", night.pk, 0, view="raw")["ETag"]
    )


def test_the_envelope_of_the_raw_view_has_the_channels_of_the_file(client, night):
    names = [c["name"] for c in get(client, "layout", night.pk, view="raw").json()["channels"]]
    content = get(client, "envelope", night.pk, view="raw").content
    assert np.frombuffer(content, "<i2").reshape(len(names), 3, -1, 2).any()


def test_a_recording_without_signals_has_no_envelope(client, labels_only):
    assert get(client, "envelope", labels_only.pk).status_code == 404
