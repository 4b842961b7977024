"""Erasing recordings and subjects: nothing of them is left, and nothing else goes."""

import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse

from annotations.adjudication.lifecycle import discard_adjudication, start_adjudication
from annotations.exchange.models import Export, MassexImport
from annotations.rating.models import RatingStudyEvent
from annotations.releases import erasing as release_erasing
from annotations.releases.copies import rebuild_release, verify_copy
from annotations.releases.models import Release
from annotations.releases.verifying import verify_release
from annotations.scoring.models import EpochScore, Scoring
from epochwise.lifecycle.corrections import correct_recording
from epochwise.lifecycle.erasing import erase_recording, erase_subject
from epochwise.lifecycle.reach import InUseError
from inference.models import PreScoreRun
from inference.registry.bundles import find_bundle
from jobs.models import claim
from recordings.incoming import receive_recording
from recordings.models import FileRemoval, Ingest, Recording
from recordings.quarantine import put_into_quarantine, quarantined_files
from recordings.removals import finish_removals
from recordings.store import OtherStoreError
from studies.audit import acting_from
from studies.models import Act, AuditEvent
from tests.helpers.adjudications import finished_scoring
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import files_below, incoming, make_old, stored_night
from tests.helpers.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def erase(recording: Recording, run, reason: str = "consent withdrawn"):
    with run(execute=True):
        return erase_recording(recording=recording, user=None, reason=reason)


def text_of_database() -> str:
    """Return every value of every table as text, but for the audit trail."""
    parts = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{model._meta.db_table}" t')
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts)


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_every_recording_of_a_full_study_can_be_erased(own_store, media, run):
    """With scorings, adjudications, ratings, runs, comments, suggestions, exports, imports."""
    world = World.build()
    Release.objects.filter(state=Release.State.FROZEN).delete()  # made up, without a file
    MassexImport.objects.filter(state__in=["waiting", "running"]).delete()
    for recording in Recording.objects.filter(study=world.study):
        erase(recording, run)
    assert not Recording.objects.filter(study=world.study).exists()
    assert not Scoring.objects.filter(recording__study=world.study).exists()
    assert not files_below(media / "signals")
    events = RatingStudyEvent.objects.filter(kind=RatingStudyEvent.Kind.ERASED)
    assert events.values("rating_study").distinct().count() == 2
    lead = world.client("lead")
    for name, arguments in world.arguments.items():
        assert lead.get(reverse(name, kwargs=arguments)).status_code < 500, name


def test_nothing_of_an_erased_recording_is_left(own_store, study, media, run):
    kept = stored_night(study=study, data=edf_bytes(seconds=90, sfreq_hz=100))
    ingest = receive_recording(
        study=study, file=incoming(edf_bytes(sfreq_hz=100)), subject_code="Meier"
    )
    left = media / "incoming" / f"{ingest.incoming_path}.1" / "signals.epw"
    left.parent.mkdir()
    left.write_bytes(b"half")
    of_kept = {path for path in files_below(media) if path.name in names_of(kept)}
    subject = ingest.recording.subject
    pk = subject.pk
    with run(execute=True):
        erase_subject(subject=subject, user=None, reason="consent withdrawn")
    assert "Meier" not in text_of_database()
    assert set(files_below(media)) == {*of_kept, media / "store.json"}
    event = AuditEvent.objects.get(act=Act.ERASED)
    assert event.about == f"subject {pk}"
    assert "Meier" not in json.dumps(event.details)
    assert event.details["recordings"] == [ingest.recording_id]


def test_uploads_of_which_nobody_knows_the_night_go_too(own_store, study, run):
    night = stored_night(study=study)
    folder = own_store / "incoming"
    waiting = receive_recording(study=study, file=incoming(edf_bytes(seconds=90, sfreq_hz=100)))
    names = ("quarantined.edf", "stray.edf", "young.edf.part")
    for name in names:
        (folder / name).write_bytes(b"whose?")
    put_into_quarantine("incoming/quarantined.edf", why="no row of the database names it")
    make_old(folder / "stray.edf")
    make_old(folder / waiting.incoming_path)
    erase(night, run)
    assert quarantined_files() == []
    # What waits for its import, or is being received now, is another night.
    assert {path.name for path in files_below(folder)} == {"young.edf.part", waiting.incoming_path}


def test_the_audit_trail_names_a_recording_by_its_number_alone(
    own_store, settled, member, client, run
):
    scoring = settled("01-0001")
    night, study = scoring.recording, scoring.recording.study
    lead = member(study, "lead")
    for name, subject in (("Meier-7", night.subject.code), ("Meier-8", "Meier")):
        correct_recording(
            recording=night, name=name, subject_code=subject, user=lead, reason="a wrong name"
        )
        night.refresh_from_db()
    with acting_from("192.0.2.7"):
        sides = [finished_scoring(night, name, ["N2"] * 9) for name in ("A", "B")]
        begun = start_adjudication(scorings=sides, user=lead)
        discard_adjudication(adjudication=begun, user=lead, reason="wrong scorings")
    client.force_login(lead)
    assert client.get(reverse("annotations:api-recording-agreement", args=[night.pk])).json()
    run_of_model = PreScoreRun.objects.create(
        recording=night, bundle=find_bundle("rules"), scoring=sides[0], total=9
    )
    assert client.get(reverse("inference:api-replies", args=[run_of_model.pk])).json()
    shown = client.get(reverse("audit", args=[study.slug])).content.decode()
    for words in ("Meier-8 to Meier", "agreement of Meier-8", "of Meier-8", "on Meier-8"):
        assert words in shown
    run_of_model.delete()
    erase(night, run)
    assert "Meier" not in text_of_database()
    assert client.get(reverse("audit", args=[study.slug])).status_code == 200


def names_of(recording: Recording) -> set[str]:
    fields = (recording.signals_file, recording.raw_file, recording.spectrogram_file)
    return {str(file.name).split("/")[-1] for file in fields}


def test_what_a_worker_holds_is_not_erased(own_store, study, run):
    ingest = receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))
    assert claim(Ingest, ingest.pk)
    with pytest.raises(InUseError, match="being imported"):
        erase(ingest.recording, run)
    assert Recording.objects.count() == 1


def test_nothing_is_erased_beside_the_store_of_another_database(own_store, study, run):
    night = stored_night(study=study)
    (own_store / "store.json").write_text('{"store": "2f0a7ed2-96b1-4f2c-a2f5-5cf0b8a8b0c1"}')
    with pytest.raises(OtherStoreError):
        erase(night, run)
    assert night.signals_file.storage.exists(night.signals_file.name)


def test_an_erasure_that_fails_changes_nothing(own_store, study, run, monkeypatch):
    night = stored_night(study=study)

    def fail(*_, **__):
        raise RuntimeError("at the very end")

    monkeypatch.setattr("epochwise.lifecycle.erasing.record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(night, run)
    night.refresh_from_db()
    assert not FileRemoval.objects.exists()
    assert night.signals_file.storage.exists(night.signals_file.name)


def test_a_process_killed_after_the_commit_leaves_work_and_the_sweep_does_it(
    own_store, study, media
):
    night = stored_night(study=study)
    erase_recording(recording=night, user=None, reason="consent withdrawn")  # and nothing after
    assert FileRemoval.objects.count() >= 3
    assert files_below(media / "signals")
    assert finish_removals() == 0
    assert not files_below(media / "signals")


def test_a_file_that_cannot_be_deleted_now_is_tried_again(own_store, study, media, monkeypatch):
    night = stored_night(study=study)
    erase_recording(recording=night, user=None, reason="consent withdrawn")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert finish_removals() == FileRemoval.objects.count() > 0
    assert "Permission denied" in FileRemoval.objects.first().error
    assert finish_removals() == 0


def test_exports_and_imports_that_have_the_night_go(own_store, settled, run):
    scoring = settled("01-0001")
    study = scoring.recording.study
    export = Export.objects.create(study=study, scorer=scoring.scorer, state="done")
    export.file.save("x.zip", content("PK"))
    pending = MassexImport.objects.create(study=study, state="ready", preview=None)
    pending.file.save("massex.zip", content("PK"))
    done = MassexImport.objects.create(
        study=study,
        state="done",
        preview={"files": [{"path": "a", "recording": "01-0001"}, {"path": "b"}], "left_out": []},
        results=[{"path": "a", "night": "01-0001"}, {"path": "b", "night": "01-0002"}],
    )
    erase(scoring.recording, run)
    done.refresh_from_db()
    assert [file["path"] for file in done.preview["files"]] == ["b"]
    assert [result["path"] for result in done.results] == ["b"]
    assert not Export.objects.exists()
    assert MassexImport.objects.count() == 1
    assert "01-0001" not in text_of_database()
    assert not files_below(own_store / "exports") + files_below(own_store / "imports")


def content(text: str) -> ContentFile:
    return ContentFile(text.encode())


# Releases.


@pytest.fixture
def released(own_store, settled, frozen):
    """A frozen release of two nights, and a draft of one of them."""
    settled("01-0001")
    settled("01-0002")
    return frozen("1.0.0")


def test_a_release_is_written_again_without_the_night_and_verifies(released, run, tmp_path):
    study, before = released.study, released.sha256
    old = tmp_path / "before.zip"
    old.write_bytes(released.file.read())
    night = Recording.objects.get(name="01-0001")
    night_text = [score.rationale for score in EpochScore.objects.filter(scoring__recording=night)]
    assert night_text
    erase(night, run)
    marked = Release.objects.get()
    assert marked.rewrite_due
    assert not verify_release(release=marked).file
    assert release_erasing.rewrite_due_releases() == 0
    release = Release.objects.get()
    verified = verify_release(release=release)
    assert verified.is_good
    [told] = verified.erased
    assert "9 rows of 01-0001 by consensus" in told
    assert release.sha256 != before == release.as_frozen["sha256"]
    assert len(release.as_frozen["manifest"]["nights"]) == 2
    with zipfile.ZipFile(release.file.open()) as archive:
        assert not [name for name in archive.namelist() if "01-0001" in name]
        manifest = json.loads(archive.read("manifest.json"))
        assert [night["recording"] for night in manifest["nights"]] == ["01-0002"]
        assert manifest["erased"][0]["recording"] == "01-0001"
        assert b"01-0001" not in archive.read("rows.csv")
        assert sum(manifest["counts"]["tracks"].values()) == 9
        assert "Erased nights" in archive.read("README.md").decode()
    # It can be rebuilt, and a copy downloaded before verifies apart from what was erased.
    assert rebuild_release(release=release, folder=tmp_path / "again")
    assert len(release.preview["nights"]) == 1
    copy = verify_copy(zip_path=old, study=study)
    assert copy.is_good
    assert copy.erased == verified.erased
    assert finish_removals() == 0
    assert len(files_below(tmp_path / "media" / "releases")) == 1


def test_nobody_gets_the_file_of_a_release_with_erased_nights(
    released, run, client, member, monkeypatch
):
    monkeypatch.setattr("epochwise.lifecycle.erasing.send_rewriting", lambda: None)
    lead = member(released.study, "lead")
    erase(Recording.objects.get(name="01-0001"), run)
    client.force_login(lead)
    answer = client.get(reverse("annotations:release-download", args=[released.pk]))
    assert answer.status_code == 409
    page = client.get(reverse("annotations:release", args=[released.pk]))
    assert page.status_code == 200
    assert "being written again" in page.content.decode()


def test_what_a_killed_worker_left_of_a_release_goes_too(released, run, media):
    folder = media / "releases"
    [zipped] = files_below(folder)
    (folder / "whole.zip").write_bytes(zipped.read_bytes())
    (folder / "half.zip").write_bytes(zipped.read_bytes()[:500])
    erase(Recording.objects.get(name="01-0001"), run)
    assert not {"whole.zip", "half.zip"} & {path.name for path in files_below(folder)}


def test_a_release_whose_study_has_changed_keeps_manifest_and_hashes(released, run):
    EpochScore.objects.filter(scoring__recording__name="01-0002", epoch=0).update(stage="R")
    erase(Recording.objects.get(name="01-0001"), run)
    assert release_erasing.rewrite_due_releases() == 0
    release = Release.objects.get()
    with zipfile.ZipFile(release.file.open()) as archive:
        assert set(archive.namelist()) == {"manifest.json", "rows.csv", "README.md", "SHA256SUMS"}
        assert b"01-0001" not in archive.read("rows.csv")
    verified = verify_release(release=release)
    assert verified.file == []
    assert verified.data == ["01-0002 by consensus: epoch 0 has changed"]
    assert len(verified.erased) == 1


def test_erasing_every_night_of_a_release_leaves_its_manifest(released, run):
    for recording in Recording.objects.all():
        erase(recording, run)
        release_erasing.rewrite_due_releases()
    release = Release.objects.get()
    assert verify_release(release=release).is_good
    assert len(verify_release(release=release).erased) == 2


def test_drafts_lose_the_night_and_a_draft_of_nothing_else_goes(
    own_store, settled, draft_release, run
):
    settled("01-0001")
    settled("01-0002")
    both = draft_release()
    draft_release(recordings=("01-0001",))
    erase(Recording.objects.get(name="01-0001"), run)
    [left] = Release.objects.all()
    assert left == both
    assert list(left.preview["nights"]) == ["01-0002 by consensus"]


def test_a_release_being_frozen_holds_an_erasure_up(released, run):
    Release.objects.update(state=Release.State.WAITING)
    with pytest.raises(InUseError, match="being frozen"):
        erase(Recording.objects.get(name="01-0001"), run)


# The command.


def command(*words: str) -> str:
    out = StringIO()
    call_command("erase", *words, stdout=out)
    return out.getvalue()


def test_the_command_lists_first_and_erases_with_reason_and_name(released, run):
    listed = command("recording", "01-0001")
    assert "Nothing was erased" in listed
    assert "frozen release, written again without: Nights 1.0.0" in listed
    with pytest.raises(CommandError, match="type 01-0001 exactly"):
        command("recording", "01-0001", "--reason", "consent withdrawn", "--confirm", "01-0002")
    with pytest.raises(CommandError, match="Enter a reason"):
        command("recording", "01-0001", "--confirm", "01-0001")
    command("recording", "01-0001", "--reason", "consent withdrawn", "--confirm", "01-0001")
    assert not Recording.objects.filter(name="01-0001").exists()
    assert not Release.objects.get().rewrite_due
    event = AuditEvent.objects.get(act=Act.ERASED)
    assert (event.why, event.details["releases"]) == ("consent withdrawn", ["1.0.0"])
