"""Images in a release: the model's own, each once, and only where the study lets them leave."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from annotations.releases.composition import ReleaseSource
from annotations.releases.copies import rebuild_release
from annotations.releases.models import Release
from annotations.releases.verifying import checksums_of, verify_release
from annotations.scoring.models import EpochScore
from psg.render import EpochRenderer, pixel_sha256
from psg.signalstore import SignalStore
from recordings.models import Recording
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db
STAGES = ["W", "N1", None, None, None, "N2", "N2", None, None, "R"]


@pytest.fixture
def with_images(open_study, make_noise_night, frozen):
    """Freeze a night of ten epochs by two scorers, asking for images; the study allows them."""
    open_study.may_release_images = True
    open_study.save()
    night = make_noise_night(name="Night 1")
    finished_scoring(night, "Anna", STAGES)
    finished_scoring(night, "Ben", [None, *STAGES[:9]])

    def freeze() -> Release:
        return frozen("1.0.0", source=ReleaseSource.ALL, with_images=True)

    return freeze


def test_images_are_the_models_own_each_once_and_every_sample_finds_its_three(
    with_images, unzipped, tmp_path
):
    release = with_images()
    folder = unzipped(release)
    with open(folder / "images.csv", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in listed] == [0, 1, 2, 4, 5, 6, 7, 8, 9, 3]
    drawn = {str(path.relative_to(folder)) for path in folder.glob("images/**/*.png")}
    assert drawn == {row["file"] for row in listed}
    with SignalStore.open(Recording.objects.get().signals_file.path) as store:
        for row in listed:
            own = EpochRenderer().render(store.read_uv(int(row["epoch"]), 1)[0], store.derivations)
            assert np.array_equal(np.asarray(Image.open(folder / row["file"])), own)
            assert row["pixel_sha256"] == pixel_sha256(own)
    lines = (folder / "sft" / "all.fine.jsonl").read_text().splitlines()
    assert len(lines) == 9
    for sample in map(json.loads, lines):
        assert set(sample["images"]) <= drawn
    rebuild_release(release=release, folder=tmp_path / "again")
    assert verify_release(release=release).is_good
    assert ("images/ (10 files, see SHA256SUMS)", "") in [row[:2] for row in checksums_of(release)]


def test_without_leave_or_without_signals_images_are_only_named(
    with_images, unzipped, open_study, frozen, settled
):
    settled("01-0001")
    night = Recording.objects.get(name="Night 1")
    EpochScore.objects.filter(scoring__recording=night).exclude(epoch=0).update(stage=None)
    release = frozen("1.0.0", source=ReleaseSource.ALL, with_images=True)
    assert "Images of 01-0001 are only named" in str(release.preview["notes"])
    folder = unzipped(release)
    assert sorted(path.name for path in folder.glob("images/*/*.png")) == ["0000.png", "0001.png"]
    open_study.may_release_images = False
    open_study.save()
    folder = unzipped(frozen("2.0.0", source=ReleaseSource.ALL, with_images=True))
    assert not [*folder.glob("images*")]
    assert '"images/Night_1/0000.png"' in (folder / "sft" / "all.fine.jsonl").read_text()


def test_signals_that_changed_after_freezing_stop_a_rebuild(
    with_images, tmp_path, make_noise_night
):
    release = with_images()
    other = make_noise_night(np.zeros((10, 6, 3000), np.float32), name="other")
    night = Recording.objects.get(name="Night 1")
    night.signals_file = other.signals_file.name
    night.save()
    with pytest.raises(Exception, match=r"images/Night_1/0000.png, .* would not be"):
        rebuild_release(release=release, folder=tmp_path / "again")
    Recording.objects.filter(pk=night.pk).update(state=Recording.State.FAILED)
    assert "has images was True, is False" in verify_release(release=release).data[0]
