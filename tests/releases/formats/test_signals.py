"""Signals in a release: whole nights as EDF, and only where the study lets them leave."""

import edfio
import numpy as np
import pytest

from annotations.releases.composition import ReleaseSource
from annotations.releases.copies import rebuild_release
from annotations.releases.lifecycle import ReleaseRefusedError
from psg.signalstore import SignalStore
from recordings.models import Recording
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db


def test_signals_are_whole_nights_once_each_and_read_as_the_model_sees_them(
    open_study, make_noise_night, settled, frozen, unzipped, tmp_path
):
    night = make_noise_night(name="Night 1")
    finished_scoring(night, "Anna", ["W", "N1"])
    finished_scoring(night, "Ben", ["W"])
    settled("01-0001")  # labels only
    asked = {"source": ReleaseSource.ALL, "with_signals": True}
    with pytest.raises(ReleaseRefusedError, match="release of signals"):
        frozen("1.0.0", **asked)
    open_study.may_release_signals = True
    open_study.save()
    release = frozen("1.0.0", **asked)
    folder = unzipped(release)
    [path] = folder.glob("signals/*")
    edf = edfio.read_edf(path)
    with SignalStore.open(Recording.objects.get(pk=night.pk).signals_file.path) as store:
        stored_uv = store.read_uv(0, store.epoch_count)
        assert [s.label for s in edf.signals] == [d.value for d in store.derivations]
    for place, signal in enumerate(edf.signals):
        assert signal.sampling_frequency == 100
        range_uv = signal.physical_max - signal.physical_min
        difference_uv = np.abs(signal.data - stored_uv[:, place].reshape(-1)).max()
        assert difference_uv < 1e-5 * range_uv
    assert rebuild_release(release=release, folder=tmp_path / "again")
    open_study.may_release_signals = False
    open_study.save()
    release.refresh_from_db()
    with pytest.raises(ReleaseRefusedError, match="contains signals"):
        rebuild_release(release=release, folder=tmp_path / "once-more")
