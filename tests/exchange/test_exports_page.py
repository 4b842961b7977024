"""The exports page: ask for one, watch its row, take the zip away."""

import io
import zipfile

import pytest

from annotations.exchange.exports import EXPORTS
from annotations.exchange.models import Export
from annotations.tasks import sweep_export_files
from epochwise.celery import app
from studies.models import Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.early import assigned_early
from tests.helpers.nights import files_below, make_old

pytestmark = pytest.mark.django_db


@pytest.fixture
def unreachable_broker(tmp_path, monkeypatch):
    monkeypatch.setitem(app.conf, "broker_url", f"redis+socket://{tmp_path}/nobody.sock")
    monkeypatch.setattr(app.amqp, "_producer_pool", None)


@pytest.fixture
def page(study) -> str:
    return f"/studies/{study.slug}/exports/"


@pytest.fixture
def scored(labels_only):
    return finished_scoring(labels_only, "=Anna", ["W", "N1"])


def test_without_scorings_the_page_says_what_exports_are_made_of(client_of, lead, page):
    content = client_of(lead).get(page).content
    assert b"Nothing to export yet" in content
    assert b"No worker is running" in content


def test_a_lead_asks_for_an_export_watches_it_and_takes_it_away(client_of, lead, page, scored):
    client = client_of(lead)
    answer = client.post(page, {"scorer": scored.scorer_id}, follow=True)
    assert b"You can leave this page" in answer.content
    export = Export.objects.get()
    assert export.requested_by == lead
    row, file = f"/exports/{export.pk}/row/", f"/exports/{export.pk}/download/"
    assert b"hx-get" in client.get(row).content
    assert client.get(file).status_code == 404
    EXPORTS.run(export.pk)
    done = client.get(row).content
    assert file.encode() in done
    assert b"hx-get" not in done
    taken = client.get(file)
    assert taken["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))) as archive:
        assert archive.testzip() is None
        assert "SHA256SUMS" in archive.namelist()


def test_a_scorer_of_another_study_is_no_choice(client_of, lead, page, scored, other_study):
    scored.scorer.study = other_study
    scored.scorer.save()
    scored.recording.study = other_study
    scored.recording.save()
    answer = client_of(lead).post(page, {"scorer": scored.scorer_id})
    assert answer.status_code == 200
    assert not Export.objects.exists()


def test_an_export_is_kept_and_swept_up_later_while_the_broker_is_away(
    client_of, lead, page, scored, django_capture_on_commit_callbacks, unreachable_broker
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(lead).post(page, {"scorer": scored.scorer_id})
    assert answer.status_code == 302
    assert Export.objects.get().state == Export.State.WAITING


def test_zips_without_a_row_are_swept_and_others_stay(
    own_store, client_of, lead, page, scored, media
):
    client_of(lead).post(page, {"scorer": scored.scorer_id})
    EXPORTS.run(Export.objects.get().pk)
    kept = files_below(media)
    left_behind = media / "exports" / "left-behind.zip"
    left_behind.write_bytes(b"PK")
    for path in [*kept, left_behind]:
        make_old(path)
    sweep_export_files()
    assert not left_behind.exists()
    assert all(path.exists() for path in kept)


def test_who_still_scores_a_night_blind_gets_no_export_of_others(
    client_of, lead, member, study, page, scored
):
    client_of(lead).post(page, {"scorer": scored.scorer_id})
    export = Export.objects.get()
    EXPORTS.run(export.pk)
    both = member(study, Role.LEAD, Role.ANNOTATOR, username="both")
    own = assigned_early(scored.recording, both)
    client = client_of(both)
    assert client.get(f"/exports/{export.pk}/download/").status_code == 403
    refused = client.post(page, {"scorer": scored.scorer_id})
    assert b"You still score" in refused.content
    client.post(page, {"scorer": own.scorer_id, "include_open": "on"})
    assert Export.objects.filter(requested_by=both).count() == 1
