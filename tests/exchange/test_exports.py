"""An export is work on a row: one worker has it, a dead one loses it, no half is offered."""

import hashlib
import zipfile

import pytest
from django.core.management import CommandError, call_command

from annotations.exchange.exports import EXPORTS, NothingToExportError, make_export, request_export
from annotations.exchange.models import Export
from jobs.models import ATTEMPTS, LeaseLostError
from tests.helpers.jobs import expire, swept

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(study, imported):
    scorer = imported("Anna", ["W", "N1"]).scorer
    return request_export(study=study, scorer=scorer, include_open=False, requested_by=None)


def test_the_worker_stores_a_whole_zip_with_its_checksum(export):
    EXPORTS.run(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done, export.total) == (Export.State.DONE, 1, 1)
    with export.file.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == export.sha256
        assert zipfile.ZipFile(file).testzip() is None


def test_an_export_whose_worker_died_is_taken_up_again(export):
    EXPORTS.claim(export.pk)
    assert swept(EXPORTS) == []
    expire(export)
    assert swept(EXPORTS) == [export.pk]
    EXPORTS.run(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Export.State.DONE, 2)


def test_a_worker_that_lost_its_lease_leaves_nothing_behind(export, media):
    slow = EXPORTS.claim(export.pk)
    expire(export)
    assert EXPORTS.claim(export.pk)
    with pytest.raises(LeaseLostError):
        make_export(slow)
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_after_the_last_attempt_it_has_failed_and_says_so(export):
    for _ in range(ATTEMPTS):
        assert EXPORTS.claim(export.pk)
        expire(export)
    assert swept(EXPORTS) == []
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "Start a new export" in export.error


def test_open_scorings_are_exported_only_on_demand(study, scoring):
    with pytest.raises(NothingToExportError):
        request_export(study=study, scorer=scoring.scorer, include_open=False, requested_by=None)
    assert request_export(study=study, scorer=scoring.scorer, include_open=True, requested_by=None)


def test_the_command_writes_a_folder_and_never_over_another(study, imported, tmp_path, capsys):
    imported("Anna", ["W", "N1"])
    call_command("export_massex", "--study", study.slug, "--out", tmp_path / "out")
    assert "1 night(s) by Anna" in capsys.readouterr().out
    assert (tmp_path / "out/annotations/coarse/S1.csv").exists()
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("export_massex", "--study", study.slug, "--out", tmp_path / "out")


def test_the_command_asks_who_is_meant_and_prefers_people_to_models(
    study, imported, by_model, tmp_path, capsys
):
    by_model(["W"])
    imported("Anna", ["W"])
    call_command("export_massex", "--study", study.slug, "--out", tmp_path / "one")
    assert "by Anna" in capsys.readouterr().out
    imported("Ben", ["W"])
    with pytest.raises(CommandError, match=r"Anna, Ben"):
        call_command("export_massex", "--study", study.slug, "--out", tmp_path / "two")
    with pytest.raises(CommandError, match="There is no study nowhere"):
        call_command("export_massex", "--study", "nowhere", "--out", tmp_path / "two")
