"""Nothing of the person stays of any format: not in files, rows, or answers of the API."""

from pathlib import Path

import pytest
from django.core import serializers
from django.core.management import call_command

from annotations.models import EpochScore
from psg.readers import FORMATS
from recordings.incoming import IncomingFile, file_chunks, incoming_path, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording
from studies.models import AuditEvent
from tests.helpers.jobs import expire, swept
from tests.helpers.nights import files_below
from tests.helpers.recording_files import (
    LABELS,
    WRITERS,
    write_brainvision,
    write_eeglab,
    write_eeglab_hdf5,
    write_gdf,
    zipped,
)

pytestmark = pytest.mark.long

NAME = "Ada Lovelace"
WAYS = {
    **WRITERS,
    "EEGLAB with .fdt": lambda folder, name: write_eeglab(folder, name, beside=True),
    "EEGLAB 7.3": write_eeglab_hdf5,
    "GDF 1": lambda folder, name: write_gdf(folder, name, version="1.25", kind=3),
}


def night_of(way: str, folder: Path) -> Path:
    """Write a night that names a person everywhere, also in its file names."""
    folder.mkdir(exist_ok=True)
    main = WAYS[way](folder, NAME)
    files = [path for path in folder.iterdir() if path.suffix != ".zip"]
    written = b"".join(path.read_bytes() for path in files)
    assert (
        NAME.encode() in written
        or NAME.replace(" ", "_").encode() in written
        or way in ("EEGLAB 7.3")
    )
    return main if len(files) == 1 else zipped(folder, files, NAME)


def import_batch(study, path: Path) -> Ingest:
    ingest = receive_recording(
        study=study, file=IncomingFile(chunks=file_chunks(path), name=f"{NAME}{path.suffix}")
    )
    INGESTS.run(ingest.pk)
    ingest.refresh_from_db()
    return ingest


def traces(data: bytes) -> list[str]:
    """List the spellings of the name that are in the data."""
    return [
        f"{word} in {encoding}"
        for word in ("Lovelace", "lovelace", "Ada_", "Ada L")
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        if word.encode(encoding) in data
    ]


def everything_kept(media: Path) -> bytes:
    rows = [
        *Recording.objects.all(),
        *Ingest.objects.all(),
        *AuditEvent.objects.all(),
        *(recording.subject for recording in Recording.objects.all()),
    ]
    files = files_below(media)
    names = "\n".join(str(path) for path in media.rglob("*"))
    return b"\n".join(
        [serializers.serialize("json", rows).encode(), names.encode()]
        + [path.read_bytes() for path in files]
    )


@pytest.mark.parametrize("way", WAYS)
def test_no_name_of_any_field_is_kept(
    way: str, study, media: Path, tmp_path: Path, client_of, lead
):
    ingest = import_batch(study, night_of(way, tmp_path / "from"))
    assert (ingest.state, ingest.error) == ("done", "")
    recording = ingest.recording
    assert [channel["label"] for channel in recording.channels] == list(LABELS)
    assert traces(everything_kept(media)) == []
    assert not list((media / "incoming").iterdir())
    assert len(files_below(media)) == 3
    client = client_of(lead)
    below = f"/api/v1/recordings/{recording.pk}"
    for address in (
        f"{below}/",
        f"{below}/layout/",
        f"{below}/layout/?view=raw",
        f"{below}/epochs/0/?count=3",
        f"{below}/epochs/0/?count=3&view=raw",
        f"{below}/envelope/",
        f"{below}/spectrogram.png",
        f"/recordings/{recording.pk}/",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert traces(content + str(response.headers).encode()) == [], address


def test_every_format_is_tried():
    assert {format.id for format in FORMATS} <= set(WAYS)


def test_a_file_that_is_refused_leaves_nothing(study, media: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tests.helpers.recording_files.LABELS", ("A", "B", "D", "E", "F"))
    for way in ("bdf", "brainvision", "eeglab", "fif", "gdf"):
        ingest = import_batch(study, night_of(way, tmp_path / way))
        assert ingest.state == Ingest.State.FAILED
        assert "No EEG channel" in ingest.error
    assert files_below(media) == []
    assert traces(everything_kept(media)) == []


def test_a_killed_worker_leaves_nothing_behind_in_the_end(study, media: Path, tmp_path: Path):
    path = night_of("fif", tmp_path / "from")
    ingest = receive_recording(study=study, file=IncomingFile(file_chunks(path), path.name))
    assert INGESTS.claim(ingest.pk) is not None
    left_behind = incoming_path(f"{ingest.incoming_path}.1")
    left_behind.mkdir()
    (left_behind / "samples").write_bytes(NAME.encode())
    expire(ingest)
    assert swept(INGESTS) == [ingest.pk]
    INGESTS.run(ingest.pk)
    ingest.refresh_from_db()
    assert (ingest.state, ingest.attempt) == ("done", 2)
    assert traces(everything_kept(media)) == []
    assert not list((media / "incoming").iterdir())


def test_the_command_takes_the_files_of_a_night_along(study, tmp_path: Path, media: Path):
    header = write_brainvision(tmp_path, NAME, stem=NAME)
    call_command("import_recording", str(header), study=study.slug, stages=header)
    recording = Recording.objects.get()
    scored = EpochScore.objects.order_by("epoch").values_list("epoch", "stage")
    assert list(scored) == [(0, "W"), (1, "N2")]
    assert recording.epoch_count == 3
    assert recording.start_clock_s == 22.5 * 3600
    assert traces(everything_kept(media)) == []
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.is_file()) == [
        ".eeg",
        ".vhdr",
        ".vmrk",
    ]
