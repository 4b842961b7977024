"""What goes wrong around a freeze: nothing half-written is ever offered."""

import threading

import pytest
from django.db import connection
from django.db.models import ProtectedError

from annotations.rating.models import RatingStudy
from annotations.releases.composition import ReleaseSource
from annotations.releases.copies import rebuild_release
from annotations.releases.lifecycle import ReleaseRefusedError, ask_to_freeze
from annotations.releases.models import Release
from annotations.releases.rebuilding import DataChangedError
from annotations.releases.verifying import verify_release
from annotations.releases.work import RELEASES
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from recordings.models import Recording
from tests.helpers.full_disk import no_file_beyond
from tests.helpers.releases import freeze


def asked(release: Release) -> Release:
    seen = release.preview["sha256"]
    return ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=None)


@pytest.mark.django_db
@pytest.mark.parametrize("full_at", [500, 20_000])  # bytes: while rows are read, or files made
def test_a_full_disk_leaves_a_draft_no_file_and_room_to_try_again(
    settled, draft_release, media, full_at
):
    settled("01-0001")
    release = asked(draft_release())
    with no_file_beyond(full_at):
        for _ in range(3):
            RELEASES.run(release.pk)
    release.refresh_from_db()
    assert (release.state, release.version, release.file.name) == ("draft", "", "")
    assert "File too large" in release.error
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert freeze(release, "1.0.0").state == Release.State.FROZEN


@pytest.mark.django_db
def test_a_recording_deleted_after_freezing_is_told_and_nothing_is_rebuilt(
    settled, frozen, tmp_path
):
    gone = settled("01-0001")
    settled("01-0002")
    release = frozen("1.0.0")
    with pytest.raises(ProtectedError):
        gone.recording.delete()
    for model in (EpochRevision, EpochScore):
        model.objects.filter(scoring=gone).delete()
    Scoring.objects.filter(pk=gone.pk).delete()
    Recording.objects.filter(pk=gone.recording_id).delete()
    verdict = verify_release(release=release)
    assert verdict.file == []
    assert verdict.data == ["01-0001 by consensus: there is no such scoring any more"]
    with pytest.raises(DataChangedError):
        rebuild_release(release=release, folder=tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.django_db
def test_a_rating_study_launched_after_the_preview_stops_the_freeze(rating_study, draft_release):
    Scoring.objects.filter(rated_in__rating_study=rating_study).update(state="submitted")
    RatingStudy.objects.update(state=RatingStudy.State.DRAFT)
    release = asked(draft_release(source=ReleaseSource.ALL))
    RatingStudy.objects.update(state=RatingStudy.State.OPEN)
    RELEASES.run(release.pk)
    release.refresh_from_db()
    assert (release.state, release.file.name) == ("draft", "")
    assert "still blind" in release.error
    EpochScore.objects.filter(rationale__gt="").update(rationale="Olga on 3 April 2019.")
    assert (
        draft_release(source=ReleaseSource.ALL).findings.count() == 0
    )  # the list would show who wrote what


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_freeze_at_the_same_moment_one_is_refused(settled, draft_release):
    settled("01-0001")
    release, told = draft_release(), []
    both = threading.Barrier(2)

    def ask() -> None:
        try:
            both.wait(timeout=60)
            told.append(asked(release).version)
        except ReleaseRefusedError as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["1.0.0", "Somebody is already freezing this release as 1.0.0."]
