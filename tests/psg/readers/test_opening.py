"""Recordings by their content, compressed, in several files, and damaged."""

import gzip
import io
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import edfio
import numpy as np
import pytest

from psg.errors import RecordingFileError
from psg.readers import FORMATS, check_head, open_recording
from psg.readers.containers import files_of_zip, pack_night, siblings
from tests.helpers.edf_files import STAGES
from tests.helpers.recording_files import (
    LABELS,
    WRITERS,
    values,
    write_brainvision,
    write_edf,
    write_eeglab,
    zipped,
)
from tests.helpers.running_site import ROOT


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


def refusal(path: Path, spool: Path, name: str = "") -> str:
    with pytest.raises(RecordingFileError) as caught:
        open_recording(path, spool=spool, name=name)
    message = str(caught.value)
    assert caught.value.advice
    assert "\n" not in message
    return message


@pytest.mark.parametrize("format", ["edf", "bdf", "eeglab", "fif", "gdf"])
@pytest.mark.parametrize("suffix", ["", ".edf", ".txt", ".zip"])
def test_the_content_decides_and_not_the_name(format: str, suffix: str, tmp_path: Path, spool):
    path = WRITERS[format](tmp_path).rename(tmp_path / f"renamed{suffix}")
    night = open_recording(path, spool=spool, name=path.name)
    assert [channel.label for channel in night.channels] == list(LABELS)


@pytest.mark.parametrize("format", WRITERS)
def test_a_zip_of_a_night_is_read(format: str, tmp_path: Path, spool: Path):
    WRITERS[format](tmp_path)
    path = zipped(spool, [p for p in tmp_path.iterdir() if p.is_file()], "Ada Lovelace")
    night = open_recording(path, spool=spool)
    np.testing.assert_allclose(night.read_uv(0), values()[0], atol=0.01)
    assert not [p for p in spool.iterdir() if "Ada" in p.name and p != path]


@pytest.mark.parametrize("format", ["edf", "bdf", "eeglab", "fif", "gdf"])
def test_a_gz_of_a_night_is_read(format: str, tmp_path: Path, spool: Path):
    path = tmp_path / "night.gz"
    path.write_bytes(gzip.compress(WRITERS[format](tmp_path).read_bytes()))
    night = open_recording(path, spool=spool)
    np.testing.assert_allclose(night.read_uv(0), values()[0], atol=0.01)


def test_system_files_and_stage_files_beside_the_night_are_no_second_night(tmp_path, spool):
    path = spool / "night.zip"
    listed = [edfio.EdfAnnotation(*item) for item in STAGES]
    edfio.Edf([], annotations=listed).write(tmp_path / "stages.edf")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write_edf(tmp_path), "a/night.edf")
        archive.writestr("__MACOSX/a/._night.edf", b"0       ")
        archive.writestr("a/.DS_Store", b"x")
        archive.write(tmp_path / "stages.edf", "a/stages.edf")
        archive.writestr("a/readme.txt", b"hello")
    contents = files_of_zip(path)
    assert [night.main for night in contents.nights] == ["a/night.edf"]
    assert contents.others == ("a/stages.edf", "a/readme.txt")
    night = open_recording(path, spool=spool)
    assert night.duration_s == 90
    assert "2 other files in the folder or zip were not read" in night.warnings[-1]


def office_file() -> bytes:
    """The begin of a workbook of Excel, which is a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
    return packed.getvalue()


@pytest.mark.parametrize("beside", ["protocol.xlsx", "stages.csv.gz"])
def test_documents_and_packed_tables_beside_a_night_are_passed_over(
    beside: str, tmp_path: Path, spool: Path
):
    path = spool / "night.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write_edf(tmp_path), "night.edf")
        data = gzip.compress(b"W\n") if beside.endswith(".gz") else office_file()
        archive.writestr(beside, data)
    assert files_of_zip(path).others == (beside,)
    assert (
        "1 other file in the folder or zip was not read"
        in open_recording(path, spool=spool).warnings[-1]
    )


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_gz_of_a_night_in_a_zip_or_folder_is_read(is_zip: bool, tmp_path: Path, spool: Path):
    packed = gzip.compress(write_edf(tmp_path).read_bytes())
    path = spool / "night.zip"
    if is_zip:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("night.edf.gz", packed)
    else:
        path = tmp_path / "folder"
        path.mkdir()
        (path / "night.edf.gz").write_bytes(packed)
    np.testing.assert_allclose(open_recording(path, spool=spool).read_uv(0), values()[0], atol=0.01)


def test_a_zip_of_two_nights_is_refused_and_listed(tmp_path: Path, spool: Path):
    write_brainvision(tmp_path, stem="one")
    write_brainvision(tmp_path, stem="two")
    path = spool / "nights.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(tmp_path.iterdir()):
            if file.is_file():
                archive.write(file, file.name)
    assert "2 recordings" in refusal(path, spool)
    nights = files_of_zip(path).nights
    assert [(night.main, set(night.parts)) for night in nights] == [
        ("one.vhdr", {"one.eeg", "one.vmrk"}),
        ("two.vhdr", {"two.eeg", "two.vmrk"}),
    ]


def test_a_header_alone_says_what_is_missing(tmp_path: Path, spool: Path):
    assert ".eeg" in refusal(write_brainvision(tmp_path), spool)
    assert ".fdt" in refusal(write_eeglab(tmp_path, beside=True), spool)
    assert "only a part" in refusal(tmp_path / "night.eeg", spool, "night.eeg")
    assert "only a part" in refusal(tmp_path / "night.fdt", spool, "Night.FDT")


def test_siblings_are_found_by_the_names_in_the_header(tmp_path: Path):
    header = write_brainvision(tmp_path, stem="first")
    write_brainvision(tmp_path, stem="other")
    moved = header.rename(tmp_path / "renamed.vhdr")
    assert {path.name for path in siblings(moved)} == {"first.eeg", "first.vmrk"}
    assert siblings(write_edf(tmp_path)) == ()


def test_the_same_night_packs_to_the_same_bytes_without_its_name(tmp_path: Path, spool: Path):
    packed = []
    for stem in ("Ada Lovelace", "night"):
        main = write_brainvision(tmp_path, stem=stem)
        os.utime(main, (len(packed), len(packed)))
        pack_night([tmp_path / f"{stem}{s}" for s in (".eeg", ".vmrk", ".vhdr")], spool / "z.zip")
        packed.append(zipfile.ZipFile(spool / "z.zip").read("night.eeg"))
        assert b"night.vmrk" in (spool / "z.zip").read_bytes()
    assert packed[0] == packed[1]
    assert "Ada" not in str(zipfile.ZipFile(spool / "z.zip").namelist())


def test_a_header_cannot_name_a_file_of_the_server(tmp_path: Path, spool: Path):
    secret = tmp_path / "secret.eeg"
    folder = tmp_path / "night"
    folder.mkdir()
    header = write_brainvision(folder)
    (folder / "night.eeg").rename(secret)
    text = header.read_text().replace("DataFile=night.eeg", f"DataFile={secret}")
    header.write_text(text)
    assert "missing" in refusal(folder, spool)


# Hostile and damaged containers.


def test_a_zip_in_a_zip_is_refused(tmp_path: Path, spool: Path):
    inner = zipped(tmp_path, [write_edf(tmp_path)])
    assert "another compressed file" in refusal(zipped(spool, [inner], "outer"), spool)


def test_an_archive_in_a_gz_is_refused(tmp_path: Path, spool: Path):
    path = tmp_path / "night.edf.gz"
    path.write_bytes(gzip.compress(zipped(tmp_path, [write_edf(tmp_path)]).read_bytes()))
    assert "another archive" in refusal(path, spool)


def test_a_bomb_is_refused_while_it_is_unpacked(tmp_path: Path, spool: Path, monkeypatch):
    monkeypatch.setattr("psg.readers.containers.SMALL_BYTES", 2**20)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0       " + bytes(2**25)))
    assert "too large" in refusal(path, spool)
    assert sum(file.stat().st_size for file in spool.iterdir()) < 2**24
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("night.edf", b"0       " + bytes(2**25))
    assert "too large" in refusal(tmp_path / "bomb.zip", spool)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, spool: Path):
    data = bytearray(zipped(tmp_path, [write_edf(tmp_path)]).read_bytes())
    at = data.rfind(b"PK\1\2")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path = tmp_path / "lying.zip"
    path.write_bytes(data)
    refusal(path, spool)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_container_is_refused(share: float, tmp_path: Path, spool: Path):
    edf = write_edf(tmp_path)
    for data in (zipped(tmp_path, [edf]).read_bytes(), gzip.compress(edf.read_bytes())):
        path = tmp_path / "cut"
        path.write_bytes(data[: int(len(data) * share)])
        refusal(path, spool)


def test_a_protected_zip_and_one_of_many_files_are_refused(tmp_path: Path, spool: Path):
    data = bytearray(zipped(tmp_path, [write_edf(tmp_path)]).read_bytes())
    data[data.rfind(b"PK\1\2") + 8] |= 1
    path = tmp_path / "protected.zip"
    path.write_bytes(data)
    assert "password" in refusal(path, spool)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", b"")
    assert "10,001 files" in refusal(path, spool)


@pytest.mark.parametrize("format", WRITERS)
@pytest.mark.parametrize("share", [0, 0.0005, 0.01, 0.2, 0.5, 0.9])
def test_a_truncated_file_is_refused(format: str, share: float, tmp_path: Path, spool: Path):
    folder = tmp_path / "night"
    folder.mkdir()
    path = WRITERS[format](folder)
    if format == "brainvision":
        path = folder / "night.eeg"
        (folder / "night.vhdr").write_text(
            (folder / "night.vhdr").read_text().replace("NumberOf", "DataPoints=11520\nNumberOf")
        )
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refusal(folder if format == "brainvision" else path, spool)


@pytest.mark.parametrize("format", WRITERS)
def test_damaged_bytes_give_a_sentence_or_a_night(format: str, tmp_path: Path, spool: Path):
    """Each of 15 damaged copies is refused in words, or read to finite times and rates."""
    path = WRITERS[format](tmp_path)
    data = path.read_bytes()
    rng = np.random.default_rng(7)
    for trial in range(15):
        spoiled = bytearray(data)
        # The head holds counts, rates and sizes; elsewhere are mostly samples.
        for place in rng.integers(0, min(len(data), 4096), 3):
            spoiled[place] = rng.integers(0, 256)
        folder = tmp_path / f"trial{trial}"
        folder.mkdir()
        (folder / path.name).write_bytes(spoiled)
        for part in siblings(path):
            shutil.copy(part, folder / part.name)
        inside = spool / f"{trial}"
        inside.mkdir()
        with suppress(RecordingFileError):
            night = open_recording(folder, spool=inside)
            for channel in night.channels:
                if channel.usable and night.fits_in_memory(channel.index):
                    assert np.isfinite(channel.gain)
                    assert len(night.read_uv(channel.index)) == night.sample_count(channel.index)
            night.annotations()
        shutil.rmtree(inside)


# What web processes do.


def test_a_head_is_enough_to_refuse_what_is_no_recording():
    for head in (b"", b"hello", b"\x89PNG\r\n", b"\x7fELF", b"%PDF-1.7"):
        with pytest.raises(RecordingFileError):
            check_head(head)
    check_head(b"\x1f\x8b\x08")
    check_head(b"PK\x03\x04")


def test_every_format_is_recognised_by_its_head_alone(tmp_path: Path):
    for format in FORMATS:
        head = io.BytesIO(WRITERS[format.id](tmp_path).read_bytes()).read(4096)
        assert [other.id for other in FORMATS if other.recognises(head)] == [format.id]
        check_head(head)


@pytest.mark.long
def test_web_processes_know_the_formats_without_mne():
    code = (
        "import sys; sys.path[:0] = ['.', 'platform']; import django; django.setup();"
        "import psg.readers, recordings.incoming;"
        "print([name for name in ('mne', 'torch') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "epochwise.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
