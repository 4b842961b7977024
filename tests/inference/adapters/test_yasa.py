"""YASA as adapter: stages and probabilities of a whole night, nothing else."""

import importlib
import json

import numba
import pytest

from inference.adapters import NightToScore, load_adapter
from inference.bundles import BundleError, read_bundle
from inference.registry.bundles import built_in_folder
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight


@pytest.fixture(scope="module")
def adapter():
    with pytest.MonkeyPatch.context() as patch:
        # Compiling takes ten times as long as ten epochs without it.
        patch.setattr(numba.config, "DISABLE_JIT", 1)
        importlib.import_module("antropy")
    return load_adapter(read_bundle(built_in_folder("yasa")))


def replies_of(adapter, night, epochs):
    return [reply for group in adapter.replies(night, epochs) for reply in group]


def test_every_epoch_has_a_stage_and_its_probabilities(adapter, noise_epochs):
    night = NightToScore("n", ArrayNight(DERIVATIONS, noise_epochs))
    replies = replies_of(adapter, night, range(10))
    for reply in replies:
        likeliest = max(reply.probabilities, key=reply.probabilities.get)
        assert json.loads(reply.text) == {"sleep_stage": likeliest}
        assert sum(reply.probabilities.values()) == pytest.approx(1, abs=1e-3)
    assert set(replies[0].probabilities) == {"W", "N1", "N2", "N3", "R"}
    assert replies_of(adapter, night, [4, 7])[1] == replies[7]


def test_one_eeg_is_enough_and_without_any_the_night_is_refused(adapter, noise_epochs):
    frontal = NightToScore("f", ArrayNight((Derivation.F4,), noise_epochs[:, :1]))
    assert len(replies_of(adapter, frontal, [0, 9])) == 2
    eyes = NightToScore("e", ArrayNight((Derivation.E1,), noise_epochs[:, :1]))
    with pytest.raises(BundleError, match="needs C4-M1 or F4-M1"):
        replies_of(adapter, eyes, [0])
