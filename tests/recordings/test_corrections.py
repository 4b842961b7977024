"""Correcting the signals of a recording after its import, from its raw store."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import edfio
import numpy as np
import pytest
from django.urls import reverse

from annotations.saving import Save
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.reading import signals_scored_on
from annotations.scoring.scores import ScoreContent, add_scores, score_epoch
from epochwise.lifecycle import signal_corrections
from epochwise.lifecycle.corrections import frozen_on
from epochwise.lifecycle.erasing import erase_recording, nights_of
from epochwise.lifecycle.reach import reach_of
from epochwise.lifecycle.signal_corrections import request_correction
from jobs.reader import Reader
from psg.doubts import OpenDoubtsError
from psg.errors import PsgError, RefusedError
from psg.ingest import NightDecisions
from psg.ingest.decisions import ChannelSource
from psg.montage import Derivation
from psg.signalstore import SignalStore
from psg.stagefiles import StageOptions
from recordings.corrections import work
from recordings.corrections.planning import (
    CorrectionRefusedError,
    OutdatedCorrectionError,
    plan_correction,
    state_of_signals,
)
from recordings.corrections.work import CORRECTIONS, dependents_of
from recordings.incoming import incoming_path
from recordings.models import EpochCandidates, Recording, SignalCorrection
from studies.models import Act, AuditEvent
from tests.helpers.edf_files import MASS_LABELS, edf_bytes, signal, with_field
from tests.helpers.jobs import expire
from tests.helpers.nights import files_below, stored_night

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LABELS = (*MASS_LABELS, "EMG Leg1", "EMG Leg2")
MAINS = NightDecisions(mains_hz=60)
LEG = NightDecisions(channels={Derivation.CHIN: ChannelSource("EMG Leg1", "EMG Leg2")})


@pytest.fixture
def scored(annotator, lead) -> Callable[[Recording], Scoring]:
    """Give a night a scoring of a person with one epoch."""

    def make(night: Recording) -> Scoring:
        scoring = assign(recording=night, annotator=annotator, assigned_by=lead)
        contents = [(0, ScoreContent(stage="W"))]
        add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.EDIT)
        return scoring

    return make


def saved(scoring: Scoring, epoch: int, shown: dict[str, object]) -> None:
    """Save an epoch as a page or a program does that shows the signals."""
    scoring = Scoring.objects.get(pk=scoring.pk)
    current = scoring.scores.filter(epoch=epoch).first()
    save = Save(
        user=scoring.scorer.user, seen_version=current.version if current else 0, shown=shown
    )
    score_epoch(scoring=scoring, epoch=epoch, content=ScoreContent(stage="N2"), save=save)


@pytest.fixture
def night(study, own_store) -> Recording:
    return stored_night(study=study, data=edf_bytes(LABELS, sfreq_hz=200))


def corrected(night, given, user=None):
    correction = request_correction(recording=night, given=given, user=user, why="as the lab says")
    CORRECTIONS.run(correction.pk)
    correction.refresh_from_db()
    night.refresh_from_db()
    return correction


def models_see(night, path=None):
    with SignalStore.open(path or night.signals_file.path) as store:
        return store.read_uv(0, store.epoch_count)


def test_other_mains_give_people_another_signal_and_models_the_same(night, lead, media):
    before = models_see(night)
    name = night.signals_file.name
    digest = hashlib.sha256(Path(night.signals_file.path).read_bytes()).hexdigest()
    correction = corrected(night, MAINS, lead)
    assert (correction.state, correction.error) == ("done", "")
    assert (night.mains_hz, night.signals_version) == (60, 2)
    np.testing.assert_array_equal(models_see(night), before)
    with SignalStore.open(night.signals_file.path) as store:
        assert "Chin for people" in [channel.name for channel in store.header.channels]
    assert night.signals_file.name != name
    assert (correction.sha256_before, correction.user) == (digest, lead)
    assert correction.sha256_after != digest
    assert (correction.before["mains_hz"], correction.after["mains_hz"]) == (None, 60)
    event = AuditEvent.objects.get(act=Act.SIGNALS_CORRECTED)
    assert (event.why, event.details["changes"]) == ("as the lab says", ["mains"])


def test_a_derivation_is_made_of_other_channels_and_the_others_stay_as_they_are(night):
    before = models_see(night)
    correction = corrected(night, LEG)
    assert correction.error == ""
    after = models_see(night)
    np.testing.assert_array_equal(after[:, :5], before[:, :5])
    assert np.abs(after[:, 5] - before[:, 5]).max() > 1
    chin = night.derivations["Chin"]
    assert (chin["positive"], chin["negative"], chin["is_mapped"]) == ("EMG Leg1", "EMG Leg2", True)
    assert night.derivations["F4-M1"]["label"] == "EEG F4-CLE"
    assert any(note.startswith("Clipping of Chin is not known") for note in night.notes)


def test_a_derivation_can_be_declared_missing_and_given_again(night):
    corrected(night, NightDecisions(channels={Derivation.E1: None}))
    assert "E1-M2" not in night.derivations
    again = NightDecisions(channels={Derivation.E1: ChannelSource("EOG Left Horiz")})
    assert corrected(night, again).error == ""
    assert night.derivation_names == ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"]
    assert night.signals_version == 3


def test_a_unit_that_the_file_stated_wrongly_is_corrected_in_both_stores(study, own_store):
    data = with_field(edf_bytes(LABELS, sfreq_hz=200), "unit", 5, b"mV")
    for channel in (5, 6):  # so quiet that mV can be
        for name, bound in (("physical_min", b"-25"), ("physical_max", b"25")):
            data = with_field(data, name, channel, bound)
    night = stored_night(study=study, data=data)
    before = models_see(night)
    given = NightDecisions(units={"EMG Chin1": "uV"})
    assert corrected(night, given).error == ""
    with SignalStore.open(night.raw_file.path) as raw:
        chin1, chin2 = (raw.read_channel_uv(f"EMG Chin{n}", 0, 2) for n in (1, 2))
    assert np.std(chin1) == pytest.approx(np.std(chin2), rel=0.1)
    after = models_see(night)
    np.testing.assert_array_equal(after[:, :5], before[:, :5])
    assert np.std(before[:, 5]) > 100 * np.std(after[:, 5])
    again = corrected(night, NightDecisions(units={"EMG Chin1": "mV"}))
    np.testing.assert_allclose(models_see(night)[:, 5], before[:, 5], rtol=0.01, atol=2)
    assert (again.version_after, night.channels[5]["uv_per_unit"]) == (3, 1000)


def test_a_clock_needs_no_new_store(night):
    name = night.signals_file.name
    corrected(night, NightDecisions(start_clock_s=80_000))
    assert (night.start_clock_s, night.signals_file.name) == (80_000, name)
    assert night.signals_version == 1


def test_other_recordings_are_not_compared_with_a_clock_that_was_wrong(night):
    Recording.objects.update(stretches=["digest"])
    corrected(night, MAINS)
    assert night.stretches == ["digest"]
    corrected(night, NightDecisions(start_clock_s=80_000))
    assert night.stretches == []


def test_what_was_assumed_and_is_stated_now_is_no_longer_noted(study, own_store):
    night = stored_night(study=study, data=edf_bytes(LABELS[:5], sfreq_hz=200))
    noted = "No channel was found for Chin"
    assert any(noted in note for note in night.notes)
    corrected(night, NightDecisions(channels={Derivation.CHIN: None}, start_clock_s=80_000))
    assert not any(noted in note for note in night.notes)


def with_hum(label: str, hz: float) -> bytes:
    """A night in which the mains hum in one channel."""
    signals = [signal(name, 60, 200, seed=place) for place, name in enumerate(LABELS)]
    chin = signals[LABELS.index(label)]
    hum_uv = 100 * np.sin(2 * np.pi * hz * np.arange(len(chin.data)) / 200)
    signals[LABELS.index(label)] = edfio.EdfSignal(
        chin.data + hum_uv,
        200,
        label=label,
        physical_dimension="uV",
        physical_range=(-800, 800),
    )
    return edfio.Edf(signals).to_bytes()


def test_notes_on_a_line_of_the_mains_follow_the_notch(study, own_store):
    night = stored_night(study=study, data=with_hum("EMG Chin1", 60))

    def lines():
        return [note for note in night.notes if "-Hz interference" in note]

    assert len(lines()) == 1
    assert "A mains frequency of 50 Hz was assumed" in lines()[0]
    corrected(night, MAINS)
    assert lines() == []
    corrected(night, NightDecisions(mains_hz=50))
    assert lines() == ["Chin contains strong 60-Hz interference after the notch at 50 Hz."]
    corrected(night, MAINS)
    assert lines() == []


def test_every_note_is_there_once_and_goes_with_its_derivation(night):
    for source in (ChannelSource("EMG Leg1"), ChannelSource("EMG Leg2"), None):
        corrected(night, NightDecisions(channels={Derivation.CHIN: source}))
        notes = [note for note in night.notes if note.startswith("Clipping of Chin")]
        assert len(notes) == (source is not None)


def test_mains_of_50_hz_are_written_down_and_need_no_new_store(night):
    correction = corrected(night, NightDecisions(mains_hz=50))
    assert (night.mains_hz, night.signals_version) == (50, 1)
    assert correction.version_after == 1


def test_the_store_before_stays_as_long_as_something_was_made_on_it(night, scored, media):
    scoring = scored(night)
    before = models_see(night)
    first = corrected(night, LEG)
    assert first.rests == {"scorings": [scoring.pk], "runs": []}
    np.testing.assert_array_equal(models_see(night, first.signals_file.path), before)
    assert first.signals_file.name != night.signals_file.name


def test_a_scoring_says_on_which_version_of_the_signals_it_was_made(night, scored, client_of, lead):
    scoring = scored(night)
    saved(scoring, 0, {"signals_version": 1})
    corrected(night, LEG)
    saved(scoring, 1, {})
    scoring = Scoring.objects.get(pk=scoring.pk)
    assert signals_scored_on(scoring) == [1, 2]
    page = client_of(lead).get(reverse("annotations:scoring-page", args=[scoring.pk]))
    text = " ".join(page.content.decode().split())
    assert "scored on version 1 and 2; the recording has version 2" in text


def test_an_erasure_deletes_the_stores_before_with_the_recording(night, scored, media):
    scored(night)
    correction = corrected(night, LEG)
    names = {correction.signals_file.name, night.signals_file.name, night.raw_file.name}
    assert names <= set(reach_of(nights_of(night.study, [night.pk])).files)
    erase_recording(recording=night, user=None, reason="consent withdrawn")
    assert not Recording.objects.exists()
    assert not SignalCorrection.objects.exists()


def test_the_store_before_is_deleted_if_nothing_was_made_on_it(
    night, media, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        correction = corrected(night, MAINS)
    assert not correction.signals_file
    assert len(files_below(media / "signals")) == len(files_below(media / "spectrograms")) == 1


def test_grid_and_scores_stay(night, scored):
    scoring = scored(night)
    grid = night.grid
    corrected(night, LEG)
    assert night.grid == grid
    assert scoring.scores.count() == 1


def test_detected_waves_are_looked_for_again(night):
    EpochCandidates.objects.create(recording=night, epoch=0, detectors_version=3)
    corrected(night, MAINS)
    assert not EpochCandidates.objects.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (NightDecisions(), "correction changes nothing"),
        (NightDecisions(channels={Derivation.CHIN: ChannelSource("EMG Arm")}), "EMG Arm"),
        (NightDecisions(units={"EMG Leg1": "furlong"}), "no unit of a voltage"),
        (NightDecisions(mains_hz=60, stages=StageOptions(codes="yasa")), "cannot change stages"),
    ],
)
def test_what_changes_nothing_or_fits_nothing_is_refused(night, given, message):
    with pytest.raises(RefusedError, match=message):
        request_correction(recording=night, given=given, user=None, why="x")
    assert not SignalCorrection.objects.exists()


def test_a_night_without_any_eeg_stays_a_question(night):
    none = dict.fromkeys([Derivation.F4, Derivation.C4, Derivation.O2])
    with pytest.raises(OpenDoubtsError):
        request_correction(recording=night, given=NightDecisions(channels=none), user=None, why="x")


def test_a_reason_is_needed_and_only_one_correction_at_a_time(night):
    with pytest.raises(CorrectionRefusedError, match="reason"):
        request_correction(recording=night, given=MAINS, user=None, why=" ")
    request_correction(recording=night, given=MAINS, user=None, why="x")
    with pytest.raises(CorrectionRefusedError, match="already"):
        request_correction(recording=night, given=LEG, user=None, why="x")


@pytest.mark.parametrize("name", ["raw_file", "signals_file"])
def test_a_store_that_is_missing_is_told_at_once(night, name, media):
    Path(getattr(night, name).path).unlink()
    missing = "signals of this recording is missing"
    if name == "raw_file":
        with pytest.raises(CorrectionRefusedError, match=missing):
            request_correction(recording=night, given=MAINS, user=None, why="x")
        return
    correction = corrected(night, MAINS)
    assert (correction.state, correction.attempt) == (SignalCorrection.State.FAILED, 1)
    assert correction.error.startswith(f"A file with the stored {missing}")


@pytest.mark.parametrize("kept_bytes", [0, 20, 9000])
def test_a_raw_store_that_is_damaged_changes_nothing(night, media, kept_bytes, client_of, lead):
    path = Path(night.raw_file.path)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    name = night.signals_file.name
    with pytest.raises(RefusedError):
        request_correction(recording=night, given=MAINS, user=None, why="x")
    page = client_of(lead).get(reverse("lifecycle:correct-signals", args=[night.pk]))
    assert "damaged" in page.content.decode()
    night.refresh_from_db()
    assert night.signals_file.name == name


def test_a_recording_without_signals_is_refused(labels_only):
    with pytest.raises(CorrectionRefusedError, match="no unfiltered signals"):
        plan_correction(labels_only, MAINS)


def test_a_killed_worker_leaves_the_recording_as_it_was(night):
    name = night.signals_file.name
    correction = request_correction(recording=night, given=MAINS, user=None, why="x")
    for _ in range(3):
        assert CORRECTIONS.claim(correction.pk) is not None
        expire(correction)
    CORRECTIONS.sweep()
    correction.refresh_from_db()
    night.refresh_from_db()
    assert correction.state == SignalCorrection.State.FAILED
    assert (night.signals_file.name, night.signals_version) == (name, 1)


def test_a_second_correction_planned_before_the_first_was_finished_is_refused(night):
    """A clock makes no new version of the signals, and is still not overwritten."""
    opened = state_of_signals(night)
    corrected(night, NightDecisions(start_clock_s=80_000))
    with pytest.raises(OutdatedCorrectionError, match="after this was opened"):
        request_correction(recording=night, given=LEG, user=None, why="x", seen=opened)
    assert state_of_signals(night) != opened
    request_correction(recording=night, given=LEG, user=None, why="x", seen=state_of_signals(night))


def test_a_correction_is_never_planned_on_signals_that_were_replaced_meanwhile(night, monkeypatch):
    def plan_slowly(recording, given):
        if given == MAINS:
            corrected(Recording.objects.get(pk=night.pk), NightDecisions(start_clock_s=80_000))
        return plan_correction(recording, given)

    monkeypatch.setattr("epochwise.lifecycle.signal_corrections.plan_correction", plan_slowly)
    with pytest.raises(OutdatedCorrectionError):
        request_correction(recording=night, given=MAINS, user=None, why="x")
    night.refresh_from_db()
    assert (night.start_clock_s, night.mains_hz) == (80_000, None)


def killed(night) -> list[Path]:
    """Let the worker of a correction be killed; returns the folder that it leaves behind."""
    correction = request_correction(recording=night, given=MAINS, user=None, why="x")
    claimed = CORRECTIONS.claim(correction.pk)
    folder = incoming_path(f"{claimed.folder_name}.{claimed.attempt}")
    folder.mkdir(parents=True)
    (folder / "signals.epw").write_bytes(b"signals of a person")
    expire(correction)
    return [folder]


def test_an_erasure_takes_what_a_killed_correction_left(
    night, media, django_capture_on_commit_callbacks
):
    left = killed(night)
    with django_capture_on_commit_callbacks(execute=True):
        erase_recording(recording=night, user=None, reason="consent withdrawn")
    assert not any(folder.exists() for folder in left)


def test_what_a_killed_correction_left_is_deleted_when_it_is_given_up(night, media):
    left = killed(night)
    SignalCorrection.objects.update(attempt=3)
    CORRECTIONS.sweep()
    assert SignalCorrection.objects.get().state == SignalCorrection.State.FAILED
    assert not any(folder.exists() for folder in left)


def test_temporary_files_of_a_correction_lie_in_its_folder(night, monkeypatch, settings):
    def where(*args, **options):
        raise PsgError("Spooled", where=tempfile.gettempdir())

    monkeypatch.setattr("recordings.corrections.work.rebuild_night", where)
    correction = corrected(night, MAINS)
    assert str(incoming_path(f"{correction.folder_name}.1")) in correction.error


def test_a_correction_gets_no_more_memory_than_an_import(night, monkeypatch, settings):
    limits = []

    class Noting(Reader):
        def read(self, work, **options):
            limits.append(self.limit_bytes)
            return super().read(work, **options)

    monkeypatch.setattr("recordings.nightwork.Reader", Noting)
    corrected(night, MAINS)
    assert limits == [settings.READ_NIGHT_LIMIT_BYTES]


def test_a_finished_correction_has_no_lease(night):
    correction = corrected(night, MAINS)
    assert (correction.lease_token, correction.lease_expires_at) == (None, None)


def test_the_store_before_stays_for_an_epoch_that_is_still_shown(night, annotator, lead, media):
    """Somebody may look at the signals now, and save after they were replaced."""
    scoring = assign(recording=night, annotator=annotator, assigned_by=lead)
    correction = corrected(night, LEG)
    assert correction.rests["scorings"] == [scoring.pk]
    saved(scoring, 0, {"signals_version": 1})
    assert Path(correction.signals_file.path).exists()


def test_asking_what_rests_on_signals_changes_nothing(night, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        dependents_of(night)
    assert callbacks == []


def test_results_of_agreement_are_forgotten_when_signals_are_replaced(
    night, monkeypatch, django_capture_on_commit_callbacks
):
    forgotten = []
    monkeypatch.setattr(
        "epochwise.lifecycle.signal_corrections.forget_all", lambda: forgotten.append(1)
    )
    with django_capture_on_commit_callbacks(execute=True):
        corrected(night, MAINS)
    assert forgotten == [1]


def test_what_was_frozen_meanwhile_keeps_its_signals(night, monkeypatch):
    correction = request_correction(recording=night, given=MAINS, user=None, why="x")
    monkeypatch.setattr(
        "epochwise.lifecycle.signal_corrections.frozen_on", lambda recording: ["release Nights 1"]
    )
    CORRECTIONS.run(correction.pk)
    correction.refresh_from_db()
    night.refresh_from_db()
    assert (correction.state, night.signals_version) == ("failed", 1)
    assert "because these depend on them: release Nights 1" in correction.error
    assert frozen_on(night) == []


def test_a_correction_between_what_a_person_saw_and_the_lock_is_noticed(night, monkeypatch):
    seen = state_of_signals(night)
    check, done = signal_corrections.refuse_outdated, []

    def and_then_the_clock_is_corrected(recording, state):
        check(recording, state)
        if not done:
            done.append(True)
            corrected(Recording.objects.get(), NightDecisions(start_clock_s=80_000))

    monkeypatch.setattr(signal_corrections, "refuse_outdated", and_then_the_clock_is_corrected)
    with pytest.raises(OutdatedCorrectionError):
        request_correction(
            recording=night, given=MAINS, user=None, why="as the lab says", seen=seen
        )
    assert SignalCorrection.objects.count() == 1


def test_a_note_that_is_added_while_a_worker_corrects_stays(night, monkeypatch):
    replace = work._replace

    def and_noted_meanwhile(*arguments):
        Recording.objects.update(notes=["C4: out of range for 2 s.", "O2 was loose."])
        replace(*arguments)

    monkeypatch.setattr(work, "_replace", and_noted_meanwhile)
    corrected(night, MAINS)
    assert "O2 was loose." in night.notes
