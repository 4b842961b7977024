"""Imports by the page: give files, look, confirm, and what a worker makes of it."""

import io
import json
import re
import tempfile
import zipfile
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.exchange.import_work import IMPORTS
from annotations.exchange.models import MassexImport
from annotations.releases.composition import ReleaseSource
from annotations.scoring.models import Scorer, Scoring
from annotations.tasks import sweep_export_files
from studies.models import Role
from tests.helpers.jobs import swept
from tests.helpers.massex_tables import night_csv
from tests.helpers.nights import files_below, make_old

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_room_for_temporary_files(monkeypatch, tmp_path):
    """As where the folder of temporary files of the system is full or away."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "away"))


EPOCHS = {"counting": "epochs"}


@pytest.fixture
def give(client_of, lead, study):
    """Upload files as the page does: `give({"a/S1.csv": text})`."""

    def upload(files: dict[str, str | bytes], into=study, by=lead, **options):
        parts = [
            SimpleUploadedFile(path, data if isinstance(data, bytes) else data.encode())
            for path, data in files.items()
        ]
        return client_of(by).post(
            f"/api/v1/studies/{into.slug}/imports/",
            {"file": parts, "path": list(files), **options},
        )

    return upload


def read(answer) -> MassexImport:
    assert answer.status_code == 201, answer.content
    IMPORTS.run(answer.json()["id"])
    return MassexImport.objects.get(pk=answer.json()["id"])


def test_files_are_looked_at_confirmed_and_written(
    give, client_of, lead, labels_only, media, no_room_for_temporary_files
):
    files = {"in/S1.csv": night_csv("S1", ["W", "N1"]), "in/S2.csv": night_csv("S2", ["W"])}
    given = give(files, scorer="Anna <b>", **EPOCHS)
    client, page = client_of(lead), given.json()["address"]
    waiting = client.get(page).content.decode()
    assert "Reading" in waiting
    assert "No worker is running" in waiting
    read(given)
    shown = client.get(page).content.decode()
    assert "1 new, 0 different" in shown
    cells = re.findall(r'<td class="num">(\d*)</td>', shown)
    assert cells[:5] == ["1", "1", "0", "0", "0"]
    assert "no recording or subject S2" in shown
    assert "Anna &lt;b&gt;" in shown
    refused = client.post(f"{page}confirm/", {"path": "in/S2.csv"}, follow=True)
    assert b"Choose at least one file" in refused.content
    client.post(f"{page}confirm/", {"path": "in/S1.csv"})
    assert not Scoring.objects.exists()
    IMPORTS.run(given.json()["id"])
    assert Scoring.objects.get().revisions.filter(user=lead).count() == 2
    done = client.get(page).content.decode()
    assert "2 epochs imported" in done
    assert client.get(f"{page}progress/")["HX-Refresh"] == "true"
    assert client.post(f"{page}confirm/", {"path": "in/S1.csv"}).status_code == 409
    assert MassexImport.objects.get().state == "done"


def test_the_files_go_when_it_is_over_or_forgotten(
    give, client_of, lead, labels_only, media, django_capture_on_commit_callbacks
):
    made = read(give({"S1.csv": night_csv("S1", ["W"])}, **EPOCHS))
    assert len(files_below(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        client_of(lead).post(f"/imports/{made.pk}/discard/")
    assert files_below(media) == []
    forgotten = read(give({"S1.csv": night_csv("S1", ["W"])}, **EPOCHS))
    forgotten.created_at = forgotten.created_at.replace(year=2020)
    forgotten.save()
    for path in files_below(media):
        make_old(path)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_export_files()
    assert files_below(media) == []
    assert {one.state for one in MassexImport.objects.all()} == {"discarded"}
    assert not Scoring.objects.exists()


def test_what_stays_of_an_import_names_no_file(give, client_of, lead, labels_only):
    made = read(give({"Doe/S1.csv": night_csv("S1", ["W"])}, **EPOCHS))
    client_of(lead).post(f"/imports/{made.pk}/confirm/", {"path": "Doe/S1.csv"})
    IMPORTS.run(made.pk)
    left = read(give({"Doe.csv": "x"}, **EPOCHS))
    client_of(lead).post(f"/imports/{left.pk}/discard/")
    for row in MassexImport.objects.values("preview", "results", "chosen", "options", "error"):
        assert "Doe" not in json.dumps(row)


def test_read_otherwise_the_same_files_find_their_place(give, client_of, lead, labels_only):
    made = read(give({"S1.csv": night_csv("S1", ["W"])}))
    page, client = f"/imports/{made.pk}/", client_of(lead)
    assert "contains no epoch times" in client.get(page).content.decode()
    wrong = client.post(f"{page}again/", {"counting": "staged"}, follow=True)
    assert b"Choose the scorer whose staged epochs" in wrong.content
    client.post(f"{page}again/", EPOCHS)
    IMPORTS.run(made.pk)
    assert "1 new" in client.get(page).content.decode()


def test_a_release_is_imported_scorer_by_scorer(
    give, client_of, member, other_study, settled, frozen, draft_release
):
    settled("01-0001")
    settled("01-0002")
    release = frozen("1.0.0", source=ReleaseSource.ALL)
    data = release.file.read()
    other_lead = member(other_study, Role.LEAD)
    made = read(give({"r.zip": data}, into=other_study, by=other_lead, make_nights="on"))
    rows = made.preview["files"]
    assert [(row["path"], row["scorer"], row["outcome"]) for row in rows] == [
        (f"massex/consensus/annotations/fine/{name}.csv", "consensus", "new")
        for name in ("01-0001", "01-0002")
    ]
    client = client_of(other_lead)
    client.post(f"/imports/{made.pk}/confirm/", {"path": [row["path"] for row in rows]})
    IMPORTS.run(made.pk)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        released = archive.read(rows[0]["path"]).decode().splitlines()
    scoring = Scoring.objects.get(recording__study=other_study, recording__name="01-0001")
    assert scoring.scorer.kind == Scorer.Kind.IMPORT
    assert scoring.recording.epoch0_s == 12.5
    assert scoring.scores.filter(stage__isnull=False).count() == len(released) - 1


def test_what_cannot_be_taken_is_told_and_not_kept(give, media):
    assert "No file received" in give({}).json()["detail"]
    assert "Too many files" in give({"a.zip": b"", "b.csv": b""}).json()["detail"]
    assert "leads elsewhere" in give({"../S1.csv": b""}).json()["detail"]
    assert give({"S1.csv": b""}, counting="days").json()["fields"]["counting"]
    assert not MassexImport.objects.exists()
    assert files_below(media) == []


def test_a_broken_zip_says_so_and_can_be_let_go(give, client_of, lead):
    made = read(give({"x.zip": b"PK\x03\x04 cut off"}))
    page = client_of(lead).get(f"/imports/{made.pk}/").content.decode()
    assert made.state == "failed"
    assert "The zip has no end" in page
    assert "Discard" in page


def test_a_worker_that_died_costs_nothing_and_doubles_nothing(give, client_of, lead, labels_only):
    made = read(give({"S1.csv": night_csv("S1", ["W", "N1"])}, **EPOCHS))
    client_of(lead).post(f"/imports/{made.pk}/confirm/", {"path": "S1.csv"})
    assert IMPORTS.claim(made.pk) is not None
    assert IMPORTS.claim(made.pk) is None
    assert swept(IMPORTS) == []
    MassexImport.objects.update(lease_expires_at=made.created_at)
    assert swept(IMPORTS) == [made.pk]
    IMPORTS.run(made.pk)
    IMPORTS.run(made.pk)
    assert Scoring.objects.get().revisions.count() == 2
    assert MassexImport.objects.get().attempt == 2


def test_imports_of_earlier_versions_lose_the_names_of_their_files(
    give, client_of, lead, labels_only
):
    made = read(give({"Doe/S1.csv": night_csv("S1", ["W"])}, **EPOCHS))
    result = {"path": "Doe/S1.csv", "scorer": "Anna", "night": "S1", "epochs": 1, "refused": ""}
    MassexImport.objects.filter(pk=made.pk).update(
        state="done", results=[result], chosen=["Doe/S1.csv"]
    )
    left = read(give({"Doe/S1.csv": night_csv("S1", ["W"])}, **EPOCHS))
    MassexImport.objects.filter(pk=left.pk).update(state="discarded")
    import_module("annotations.migrations.0025_forget_files_of_imports").forget(apps, None)
    for row in MassexImport.objects.values("preview", "results", "chosen", "options", "error"):
        assert "Doe" not in json.dumps(row)
    for pk in (made.pk, left.pk):
        assert client_of(lead).get(f"/imports/{pk}/").status_code == 200
