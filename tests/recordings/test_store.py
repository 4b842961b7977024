"""Sweeps of the store: what is moved, what is left alone, and whose store it is."""

import json
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.exchange.models import MassexImport
from annotations.tasks import sweep_export_files
from epochwise.site import facts
from recordings import quarantine
from recordings.incoming import incoming_path, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Ingest, Recording, StoreIdentity
from recordings.orphans import sweep_store
from recordings.quarantine import quarantined_files
from recordings.store import bind_new_store, store_mark, store_problem
from recordings.tasks import sweep_files
from studies.models import Act, AuditEvent
from tests.helpers.edf_files import edf_bytes
from tests.helpers.nights import files_below, incoming, make_old, stored_night

pytestmark = pytest.mark.django_db


def left_behind(media, *names: str):
    paths = [media / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left behind")
        make_old(path)
    return paths


def command(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


# What a sweep moves.


@pytest.mark.parametrize("folder", ["signals", "raw", "spectrograms", "exports", "imports"])
def test_a_file_without_a_row_goes_to_quarantine_with_when_and_why(own_store, media, folder):
    [path] = left_behind(media, f"{folder}/x.bin")
    sweep_store()
    assert not path.exists()
    [entry] = quarantined_files()
    assert entry.place.read_bytes() == b"left behind"
    assert (entry.path, entry.why) == (f"{folder}/x.bin", "no row of the database names it")
    assert entry.day == f"{timezone.now():%Y-%m-%d}"


def test_every_folder_of_a_file_field_is_looked_at(own_store, media):
    """A new model with files joins the sweep by itself."""
    folders = {
        field.upload_to
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if hasattr(field, "upload_to")
    } - {"releases"}
    left_behind(media, *(f"{folder}/x.bin" for folder in folders))
    sweep_store(at_once=len(folders))
    assert {entry.path for entry in quarantined_files()} == {f"{f}/x.bin" for f in folders}


def test_a_release_without_a_row_is_told_and_stays(own_store, media):
    [path] = left_behind(media, "releases/night-study-1.0.0.zip")
    assert "releases/" in sweep_store().warning
    assert path.exists()
    assert "releases/" in StoreIdentity.objects.get().warning


def test_many_files_without_rows_at_once_are_told_and_stay(own_store, media):
    paths = left_behind(media, *(f"signals/{n}.epw" for n in range(11)))
    assert "11 stored files" in sweep_store().warning
    assert all(path.exists() for path in paths)
    assert "11 moved" in command("quarantine", "move")
    assert not any(path.exists() for path in paths)
    assert AuditEvent.objects.filter(act=Act.QUARANTINE_MOVED).exists()


@pytest.mark.parametrize(
    ("lost", "whole", "moved"), [(9, 9, 0), (1, 3, 1), (2, 3, 0), (2, 10, 2), (12, 252, 12)]
)
def test_a_small_share_of_the_store_may_go_at_once(own_store, study, media, lost, whole, moved):
    for n in range(whole - lost):
        Recording.objects.create(
            study=study,
            subject=study.subjects.get_or_create(code="S1")[0],
            name=str(n),
            signals_file=f"signals/{n}.epw",
        )
    left_behind(media, *(f"signals/{n}.epw" for n in range(whole - lost)))
    left_behind(media, *(f"signals/lost-{n}.epw" for n in range(lost)))
    sweep = sweep_store()
    assert (len(sweep.moved), bool(sweep.warning)) == (moved, moved == 0)
    assert len(files_below(media / "signals")) == whole - moved


def test_what_needs_the_file_and_what_is_young_stays(own_store, study, media):
    night = stored_night(study=study)
    waiting = receive_recording(study=study, file=incoming(edf_bytes(seconds=90, sfreq_hz=100)))
    kept = set(files_below(media))
    for path in kept:
        make_old(path)
    young = media / "signals" / "young.epw"
    young.write_bytes(b"being stored now")
    sweep_files()
    sweep_export_files()
    assert set(files_below(media)) == {*kept, young}
    INGESTS.run(waiting.pk)
    assert night.signals_file.storage.exists(night.signals_file.name)


def test_an_upload_without_a_row_is_deleted_since_it_may_carry_a_name(own_store, media):
    old, young = left_behind(media, "incoming/a.edf.part", "incoming/b.edf.part")
    young.touch()
    sweep_store()
    assert (old.exists(), young.exists()) == (False, True)
    assert quarantined_files() == []


def test_an_upload_whose_row_was_just_committed_is_kept_and_read(own_store, study, media):
    """As after a kill between the commit of the row and the name of the file."""
    ingest = receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))
    part = media / "incoming" / f"{ingest.incoming_path}.part"
    incoming_path(ingest.incoming_path).rename(part)
    make_old(part)
    sweep_store()
    assert part.exists()
    INGESTS.run(ingest.pk)
    ingest.refresh_from_db()
    assert (ingest.state, ingest.error) == (Ingest.State.DONE, "")
    assert files_below(media / "incoming") == []


def test_an_upload_that_was_imported_is_deleted(own_store, study, media):
    ingest = receive_recording(study=study, file=incoming(edf_bytes(sfreq_hz=100)))
    name = ingest.incoming_path
    INGESTS.run(ingest.pk)
    left_behind(media, f"incoming/{name}")
    sweep_store()
    assert not incoming_path(name).exists()
    assert quarantined_files() == []


def test_an_upload_that_no_row_knows_is_quarantined_with_its_work_folder(own_store, media):
    left_behind(media, "incoming/x.edf", "incoming/x.edf.1/signals.epw")
    make_old(media / "incoming" / "x.edf.1")
    sweep_store(at_once=2)
    assert [entry.path for entry in quarantined_files()] == ["incoming/x.edf", "incoming/x.edf.1"]


def test_a_full_disk_moves_nothing_without_its_line(own_store, media, monkeypatch):
    [path] = left_behind(media, "signals/x.epw")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(quarantine.json, "dumps", full)
    with pytest.raises(OSError, match="No space"):
        sweep_store()
    assert path.exists()


# A clock that jumps.


@pytest.fixture
def clock(monkeypatch):
    """Return a function that lets the clock be off by so many hours."""
    now = timezone.now

    def be_off(hours: float) -> None:
        monkeypatch.setattr(quarantine.timezone, "now", lambda: now() + timedelta(hours=hours))

    return be_off


def test_a_clock_that_jumps_forward_empties_and_moves_nothing_for_a_day(
    own_store, study, media, clock
):
    left_behind(media, "signals/old.epw")
    sweep_store()
    fresh = media / "signals" / "fresh.epw"
    fresh.write_bytes(b"being stored now")
    forgotten = MassexImport.objects.create(study=study, state=MassexImport.State.READY)
    clock(40 * 24)
    sweep_files()
    sweep_export_files()
    assert "jumped" in StoreIdentity.objects.get().warning
    clock(40 * 24 + 2)
    sweep_files()
    sweep_export_files()
    assert "jumped" in StoreIdentity.objects.get().warning
    clock(0)  # corrected by a person
    sweep_files()
    sweep_export_files()
    assert fresh.exists()
    assert [entry.path for entry in quarantined_files()] == ["signals/old.epw"]
    forgotten.refresh_from_db()
    assert forgotten.state == MassexImport.State.READY
    for hours in (8, 16, 24.5):
        clock(hours)
        sweep_store()
    assert StoreIdentity.objects.get().warning == ""
    assert fresh.exists() is False  # a day old, without a row


@pytest.mark.parametrize("hours", [-2, 25, 24 * 365])
def test_a_pause_that_no_clock_explains_holds_the_sweep(own_store, media, clock, hours):
    sweep_store()
    [path] = left_behind(media, "signals/x.epw")
    clock(hours)
    assert "Check the clock" in sweep_store().warning
    assert path.exists()
    command("quarantine", "move")  # a person may
    assert not path.exists()


@pytest.mark.parametrize("hours", [-0.5, 1, 20])
def test_a_pause_of_a_night_holds_nothing(own_store, media, clock, hours):
    sweep_store()
    left_behind(media, "signals/x.epw")
    clock(hours)
    assert sweep_store().warning == ""
    assert len(quarantined_files()) == 1


# Whose store it is.


def test_the_store_of_another_database_is_not_touched(own_store, study, media):
    mark = media / "store.json"
    mark.write_text(json.dumps({"store": str(uuid.uuid4())}))
    paths = left_behind(media, "signals/x.epw", "incoming/y.edf.part", "imports/massex.zip")
    forgotten = MassexImport.objects.create(
        study=study,
        state=MassexImport.State.READY,
        file="imports/massex.zip",
        created_at=timezone.now() - timedelta(days=30),
    )
    sweep_files()
    sweep_export_files()
    assert all(path.exists() for path in paths)
    assert "another database" in StoreIdentity.objects.get().warning
    forgotten.refresh_from_db()
    assert forgotten.state == MassexImport.State.READY
    with pytest.raises(CommandError, match="another database"):
        command("quarantine", "empty")


@pytest.mark.parametrize("has_row", [True, False])
def test_a_store_without_an_id_is_not_touched(media, has_row):
    if not has_row:
        StoreIdentity.objects.all().delete()
    [path] = left_behind(media, "signals/x.epw")
    sweep_store()
    assert path.exists()
    assert store_problem()


def test_an_empty_database_takes_no_full_store(media, caplog):
    StoreIdentity.objects.all().delete()
    left_behind(media, "signals/x.epw")
    bind_new_store()
    assert store_mark() is None
    assert "No file is swept" in caplog.text


def test_a_database_does_not_take_back_a_store_that_lost_its_id(own_store, study, media):
    stored_night(study=study)
    (media / "store.json").unlink()
    bind_new_store()
    assert store_mark() is None


def test_a_new_database_and_an_empty_store_get_an_id(media):
    StoreIdentity.objects.all().delete()
    bind_new_store()
    assert store_problem() == ""
    before = store_mark()
    bind_new_store()
    assert store_mark() == before


def test_a_site_of_an_earlier_version_gets_an_id_where_every_file_is_there(study, media):
    StoreIdentity.objects.all().delete()
    night = stored_night(study=study)
    path = media / night.raw_file.name
    path.rename(media / "away")
    bind_new_store()
    assert store_mark() is None
    (media / "away").rename(path)
    bind_new_store()
    assert store_problem() == ""


def test_adopting_is_an_act_with_a_reason(media):
    (media).mkdir(exist_ok=True)
    (media / "store.json").write_text("{}")
    with pytest.raises(CommandError, match="lost its id"):
        command("store", "status")
    command("store", "adopt", "--reason", "moved to a new server")
    assert "no id" not in command("store", "status")
    assert AuditEvent.objects.get(act=Act.STORE_ADOPTED).why == "moved to a new server"


def test_the_page_of_the_site_shows_the_state_of_the_store(own_store, media):
    left_behind(media, "signals/x.epw")
    sweep_store()
    state = facts.quarantine()
    assert (state.warning, state.count, state.size) == ("", 1, len(b"left behind"))
    assert state.swept_at is not None
    (media / "store.json").unlink()
    assert "lost its id" in facts.quarantine().warning


# The commands of the quarantine.


def test_a_file_comes_back_from_quarantine_and_is_left_alone_for_a_day(own_store, media):
    [path] = left_behind(media, "signals/x.epw")
    sweep_store()
    [entry] = quarantined_files()
    assert entry.name in command("quarantine", "list")
    command("quarantine", "restore", entry.name)
    sweep_store()
    assert path.read_bytes() == b"left behind"
    assert files_below(media / "quarantine") == []
    with pytest.raises(CommandError, match="not in quarantine"):
        command("quarantine", "restore", "../../etc/passwd")


def test_nothing_is_restored_over_a_file(own_store, media):
    [path] = left_behind(media, "signals/x.epw")
    sweep_store()
    path.write_bytes(b"new")
    with pytest.raises(CommandError, match="exists in the store"):
        command("quarantine", "restore", quarantined_files()[0].name)
    assert path.read_bytes() == b"new"


def test_two_files_of_the_same_path_do_not_meet_in_quarantine(own_store, media):
    for _ in range(2):
        left_behind(media, "signals/x.epw")
        sweep_store()
    assert len({entry.name for entry in quarantined_files()}) == 2


def test_the_quarantine_keeps_for_thirty_days(own_store, media, monkeypatch):
    left_behind(media, "signals/x.epw")
    sweep_store()
    command("quarantine", "empty")
    assert len(quarantined_files()) == 1
    later = timezone.now() + timedelta(days=31)
    StoreIdentity.objects.update(swept_at=later - timedelta(hours=1))
    monkeypatch.setattr(quarantine.timezone, "now", lambda: later)
    sweep_store()
    assert quarantined_files() == []
    assert files_below(media / "quarantine") == []
