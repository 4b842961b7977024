"""Signals stored again from the raw store, when the file itself is gone."""

from dataclasses import replace

import numpy as np
import pytest

from psg.edf import EdfFile
from psg.ingest import NightDecisions, inspect_night, rebuild_night, store_night
from psg.montage import DERIVATIONS, Derivation
from psg.rawfile import RawStoreFile, restate_units
from psg.signalstore import SignalStore
from tests.helpers.edf_files import MASS_LABELS, edf_bytes, write

LABELS = (*MASS_LABELS, "ECG", "EMG Leg")


@pytest.fixture
def edf(tmp_path):
    return EdfFile.open(write(tmp_path / "a.edf", edf_bytes(LABELS, seconds=125, sfreq_hz=200)))


@pytest.fixture
def stores(edf, tmp_path):
    """The scored and the raw store of four epochs, the first at 3 s."""
    facts = inspect_night(edf, NightDecisions(epoch_start_s=3))
    store_night(edf, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    with SignalStore.open(tmp_path / "s") as scored, SignalStore.open(tmp_path / "r") as raw:
        yield scored, raw


def rebuilt(stores, facts, tmp_path, unchanged):
    scored, raw = stores
    path = tmp_path / "new"
    _, notes = rebuild_night(
        RawStoreFile(raw), facts, old=scored, unchanged=unchanged, signals_path=path
    )
    return SignalStore.open(path), notes


def test_the_raw_store_is_read_like_the_file_that_it_came_from(edf, stores):
    raw = RawStoreFile(stores[1], start_clock_s=5.0)
    assert [channel.label for channel in raw.channels] == list(LABELS)
    assert (raw.duration_s, raw.start_clock_s, raw.annotations()) == (120, 5.0, [])
    for channel in raw.channels:
        assert (channel.sfreq_hz, channel.unit) == (200, "uV")
        expected = edf.read_uv(channel.index)[600 : 600 + 24_000]
        np.testing.assert_allclose(raw.read_uv(channel.index), expected, atol=0.02)


@pytest.mark.parametrize(
    ("first", "stop"), [(0, 7), (5990, 6010), (23_990, None), (24_000, 9), (1, 30_000)]
)
def test_pieces_are_cut_from_the_whole(stores, first, stop):
    raw = RawStoreFile(stores[1])
    whole = raw.read_digital(2)
    np.testing.assert_array_equal(raw.read_digital(2, first, stop), whole[first:stop])


def test_other_mains_change_what_people_see_and_not_a_bit_of_what_models_see(stores, tmp_path):
    raw = RawStoreFile(stores[1])
    facts = inspect_night(raw, NightDecisions(mains_hz=60))
    new, _ = rebuilt(stores, facts, tmp_path, DERIVATIONS)
    with new:
        np.testing.assert_array_equal(new.read_uv(0, 4), stores[0].read_uv(0, 4))
        assert np.abs(new.for_people().read_uv(0, 4) - new.read_uv(0, 4)).max() > 0.5
        assert (new.header.epoch0_s, new.epoch_count) == (3, 4)


def test_back_to_50_hz_is_what_the_file_gave(stores, tmp_path):
    facts = inspect_night(RawStoreFile(stores[1]), NightDecisions(mains_hz=50))
    new, notes = rebuilt(stores, facts, tmp_path, DERIVATIONS)
    with new:
        np.testing.assert_array_equal(new.read_uv(0, 4), stores[0].read_uv(0, 4))
        chins = [store.read_channel_uv("Chin native", 1, 2) for store in (new, stores[0])]
        np.testing.assert_allclose(*chins, atol=0.02)
    assert notes == []


def test_a_derivation_of_other_channels_is_filtered_from_these(stores, tmp_path):
    raw = RawStoreFile(stores[1])
    facts = inspect_night(raw)
    leg = LABELS.index("EMG Leg")
    source = replace(facts.sources[Derivation.CHIN], positive=leg, negative=None)
    changed = replace(facts, sources={**facts.sources, Derivation.CHIN: source})
    unchanged = [name for name in DERIVATIONS if name is not Derivation.CHIN]
    new, _ = rebuilt(stores, changed, tmp_path, unchanged)
    with new:
        np.testing.assert_array_equal(new.read_uv(0, 4)[:, :5], stores[0].read_uv(0, 4)[:, :5])
        assert not np.array_equal(new.read_uv(0, 4)[:, 5], stores[0].read_uv(0, 4)[:, 5])
        leg_uv, chin_uv = raw.read_uv(leg), new.read_channel_uv("Chin native", 0, 4).ravel()
        assert np.corrcoef(leg_uv, chin_uv)[0, 1] > 0.7


def test_a_derivation_that_is_none_any_more_is_left_out(stores, tmp_path):
    facts = inspect_night(RawStoreFile(stores[1]))
    kept = {name: source for name, source in facts.sources.items() if name is not Derivation.E1}
    new, _ = rebuilt(stores, replace(facts, sources=kept), tmp_path, list(kept))
    with new:
        assert new.derivations == tuple(kept)


def test_copied_derivations_are_read_some_epochs_at_a_time(stores, tmp_path, monkeypatch):
    """A derivation of 72 h as a whole would take 52 MB, and six of them are copied at once."""
    read: list[tuple[int, int]] = []
    whole = stores[0].read_channel_counts

    def noting(place, first, count):
        read.append((place, count))
        return whole(place, first, count)

    monkeypatch.setattr(stores[0], "read_channel_counts", noting)
    monkeypatch.setattr("psg.ingest.store.EPOCHS_AT_ONCE", 2)
    facts = inspect_night(RawStoreFile(stores[1]), NightDecisions(mains_hz=60))
    rebuilt(stores, facts, tmp_path, DERIVATIONS)[0].close()
    # The spectrogram is drawn from one of them.
    assert [place for place, count in read if count > 2] == [DERIVATIONS.index(Derivation.C4)]


def test_blocks_of_many_channels_are_small(stores, tmp_path, monkeypatch):
    """64 epochs of 512 channels at 512 Hz would take 1 GB."""
    raw = RawStoreFile(stores[1])
    monkeypatch.setattr("psg.rawfile._BLOCK_BYTES", 2 * raw.header.record_size)
    assert [len(block) for block in raw.blocks()] == [2, 2]
    monkeypatch.setattr("psg.rawfile._BLOCK_BYTES", 1)
    restate_units(raw, raw, tmp_path / "restated")
    with SignalStore.open(tmp_path / "restated") as same:
        np.testing.assert_array_equal(same.read_counts(0, 4), stores[1].read_counts(0, 4))
