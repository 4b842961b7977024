"""A release verified and rebuilt elsewhere, from its zip and another copy of the data."""

import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.releases.models import Release
from annotations.releases.verifying import opened, stored_file
from annotations.scoring.models import EpochScore
from studies.members import create_study
from studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def release(settled, frozen) -> Release:
    for name in ("01-0001", "01-0002"):
        settled(name)
    return frozen("1.0.0", shares={"train": 50, "test": 50})


@pytest.fixture
def copy(release: Release, tmp_path: Path) -> Path:
    """The zip as somebody took it away."""
    path = tmp_path / release.file_name
    with stored_file(release) as file:
        path.write_bytes(file.read())
    return path


@pytest.fixture
def elsewhere(copy: Path) -> Study:
    """A study that has no more than what was in the zip."""
    study = create_study(slug="elsewhere", title="Another checkout")
    study.may_release_words = True
    study.save()
    call_command("import_massex", str(copy), "--study", study.slug, "--make-nights", "--write")
    return study


def call(act: str, named: Path, *options: str) -> None:
    call_command("release", act, str(named), "--study", "elsewhere", *options)


def test_a_release_is_rebuilt_with_the_same_bytes_where_its_tables_were_brought_in(
    release, copy, elsewhere, tmp_path
):
    out = tmp_path / "again"
    call("verify", copy)
    call("export", copy, "--out", str(out))
    with opened(release) as archive:
        frozen = {name: archive.read(name) for name in archive.namelist()}
    again = {
        str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()
    }
    assert again == frozen


def test_what_differs_elsewhere_is_named_and_nothing_is_written(copy, elsewhere, tmp_path, capsys):
    changed = EpochScore.objects.filter(scoring__recording__study=elsewhere).first()
    changed.stage = "R"
    changed.save()
    with pytest.raises(CommandError, match="differ from what was frozen"):
        call("verify", copy)
    assert f"01-0001 by consensus: epoch {changed.epoch} has changed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="has changed"):
        call("export", copy, "--out", str(tmp_path / "again"))
    assert not (tmp_path / "again").exists()


def test_words_stay_where_the_study_elsewhere_has_not_let_them_go(copy, elsewhere, tmp_path):
    elsewhere.may_release_words = False
    elsewhere.save()
    with pytest.raises(CommandError, match="contains words"):
        call("export", copy, "--out", str(tmp_path / "again"))


def test_a_zip_that_is_no_release_or_was_tampered_with_is_refused(copy, elsewhere, tmp_path):
    letter = tmp_path / "letter.zip"
    letter.write_bytes(b"Dear colleague")
    with pytest.raises(CommandError, match="is damaged or not a zip"):
        call("verify", letter)
    empty, tampered = tmp_path / "empty.zip", tmp_path / "tampered.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("notes.txt", "Nothing here.")
    with pytest.raises(CommandError, match="no manifest"):
        call("verify", empty)
    with zipfile.ZipFile(copy) as good, zipfile.ZipFile(tampered, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"name\n" if name == "splits.csv" else good.read(name))
    with pytest.raises(CommandError, match=r"splits\.csv does not match"):
        call("export", tampered, "--out", str(tmp_path / "again"))
