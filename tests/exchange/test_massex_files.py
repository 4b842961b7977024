"""Zips of strangers: bombs, tricks and damage are refused before anything of them is used."""

import io
import stat
import zipfile

import pytest

from annotations.exchange.files import files_of_paths, files_of_zip, lay_out
from psg.errors import StageFileError


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("S1.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:/x.csv", "a//b.csv", "a\\b", "a\nb"]
)
def test_paths_that_lead_elsewhere_are_refused(name):
    with pytest.raises(StageFileError, match="leads elsewhere"):
        files_of_zip(zipped((name, b"")))


@pytest.mark.long
def test_bombs_links_and_masses_are_refused():
    bomb = zipped(*((f"{n}.csv", b"\0" * 2**27) for n in range(5)))
    assert len(bomb.getvalue()) < 2**20
    with pytest.raises(StageFileError, match="unpacked zip is too large"):
        files_of_zip(bomb)
    with pytest.raises(StageFileError, match="link"):
        files_of_zip(zipped((link(), b"/etc/passwd")))
    with pytest.raises(StageFileError, match="files"):
        files_of_zip(zipped(*((f"{n}.csv", b"") for n in range(5_001))))


def test_a_directory_of_a_million_entries_is_not_read():
    end = bytearray(zipped(("S1.csv", b"x")).getvalue())
    at = end.rfind(b"PK\x05\x06")
    end[at + 12 : at + 16] = (2**31).to_bytes(4, "little")
    with pytest.raises(StageFileError, match="too many"):
        files_of_zip(io.BytesIO(bytes(end)))


def test_a_zip_that_was_cut_off_or_damaged_is_refused():
    whole = zipped(("Doe.csv", bytes(range(256)) * 40)).getvalue()
    with pytest.raises(StageFileError, match="cut off"):
        files_of_zip(io.BytesIO(whole[:-30]))
    with pytest.raises(StageFileError, match="cut off"):
        files_of_zip(io.BytesIO(b"custom_id,Subject\n"))
    damaged = bytearray(whole)
    damaged[60] ^= 0xFF
    (file,) = files_of_zip(io.BytesIO(bytes(damaged)))
    with pytest.raises(StageFileError, match="damaged") as refused:
        file.read()
    # Python's words name the file, and so perhaps a person.
    assert "Doe" not in str(refused.value)


def test_folders_are_sorted_into_bundles_and_the_rest_is_named(tmp_path):
    paths = [
        "rel/massex/expert-1/annotations/fine/S1.csv",
        "rel/massex/expert-1/annotations/epochs.csv",
        "rel/massex/model/annotations/coarse/S1.csv",
        "rel/massex/model/annotations/lights.csv",
        "rel/rows.csv",
        "rel/SHA256SUMS",
        "rel/edf/expert-1/S1.edf",
        "rel/spreadsheet/fine/S1.csv",
    ]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / "rel/annotations").mkdir()
    (tmp_path / "rel/annotations/link.csv").symlink_to("/etc/passwd")
    layout = lay_out(files_of_paths([tmp_path / "rel"]))
    assert [
        (b.scorer, [t.path for t in b.tables], bool(b.epochs), bool(b.lights))
        for b in layout.bundles
    ] == [
        ("expert-1", [paths[0]], True, False),
        ("model", [paths[2]], False, True),
    ]
    assert [path for path, _ in layout.left_out] == [paths[6], paths[4], paths[7]]
    assert [file.path for file in layout.checksums] == ["rel/SHA256SUMS"]


def test_bare_files_are_tables_too(tmp_path):
    for name in ("S1.csv", "epochs.csv"):
        (tmp_path / name).write_text("x")
    (bundle,) = lay_out(files_of_paths([tmp_path / "S1.csv", tmp_path / "epochs.csv"])).bundles
    assert [file.path for file in bundle.tables] == ["S1.csv"]
    assert bundle.epochs is not None
