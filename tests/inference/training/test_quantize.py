"""A quantised bundle: 4 bits in the language half, the rest as it was, and ready for a server."""

import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inference.adapters.table import entry_for
from inference.bundles import read_bundle
from inference.registry.bundles import built_in_folder
from inference.training.data.nights import EpochLabel, LabelledNight
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.stages import Stage
from tests.inference.training.test_data import write_store

pytestmark = [pytest.mark.torch, pytest.mark.django_db]
NANO = built_in_folder("sleepvlm-nano")


@pytest.fixture
def release(settled, frozen, tmp_path: Path) -> Path:
    """A release of one night without a split, unpacked."""
    settled("01-0001")
    with zipfile.ZipFile(frozen("1.0.0").file) as archive:
        archive.extractall(tmp_path / "release")
    return tmp_path / "release"


@pytest.fixture
def recordings(tmp_path: Path, noise_epochs: np.ndarray) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_store(folder / "01-0001.epw", noise_epochs[:10], 12.5)
    return folder


def tensors(checkpoint: Path) -> dict[str, object]:
    from safetensors.torch import load_file

    return load_file(checkpoint / "model.safetensors")


def test_the_language_half_is_rounded_to_4_bits_and_the_rest_stays(release, recordings, tmp_path):
    pytest.importorskip("auto_round")
    import torch

    from inference.training.quantize import main

    out = tmp_path / "quantised"
    arguments = ["--bundle", str(NANO), "--release", str(release), "--out", str(out)]
    arguments += ["--recordings", str(recordings), "--iterations", "2", "--samples", "5"]
    assert main(arguments) == 0
    spec = read_bundle(out)
    assert entry_for(spec).needs_server
    assert (spec.serving.dtype, spec.serving.quantisation) == ("float16", "auto-round")
    assert spec.prompt == read_bundle(NANO).prompt
    made, before = tensors(out / "checkpoint"), tensors(NANO / "checkpoint")
    packed = [name for name in made if name.endswith("qweight")]
    assert len(packed) == 28
    assert not [name for name in packed if "visual" in name or "lm_head" in name]
    tower = [name for name in made if "visual" in name]
    assert tower
    for name in [*tower, "lm_head.weight"]:
        old = before[name if name in before else f"model.{name}"]
        assert made[name].element_size() == 2
        assert torch.equal(made[name].float(), old.float())
    first = "model.layers.0.mlp.up_proj"
    restored = dequantised(made, first)
    old = before.get(f"{first}.weight", before.get("model.language_model" + first[5:] + ".weight"))
    steps = made[f"{first}.scales"].float().repeat_interleave(128, dim=0).T
    assert ((restored - old.float()).abs() <= 1.01 * steps.abs()).float().mean() > 0.99
    assert "Calibrated on 5 windows" in (out / "README.md").read_text("utf-8")


def dequantised(made, name):
    """Unpack symmetric 4-bit weights, eight in an int32 along the inputs."""
    import torch

    packed = made[f"{name}.qweight"]
    shifts = torch.arange(0, 32, 4)
    levels = ((packed[:, None, :] >> shifts[None, :, None]) & 15).flatten(0, 1)
    scales = made[f"{name}.scales"].float().repeat_interleave(128, dim=0)
    return ((levels.float() - 8) * scales).T


def test_windows_are_drawn_in_turn_of_each_stage_and_the_same_for_a_seed(noise_epochs):
    from inference.bundles import read_bundle as read
    from inference.prompts import Track
    from inference.training.quantize import QuantizeOptions, calibration_samples

    stages = [Stage.N2] * 12 + [Stage.W] * 5 + [Stage.R]
    labels = [EpochLabel(n, stage, ("N2.1",), "Seen.") for n, stage in enumerate(stages)]
    signals = ArrayNight(DERIVATIONS, np.zeros((len(stages), 6, 3000), dtype=np.float32))
    nights = [LabelledNight("S1", "S1", "expert", "train", Track.FINE, signals, labels)]
    options = QuantizeOptions(samples=9, seed=3)
    drawn = calibration_samples(nights, read(NANO), options)
    assert Counter(stages[sample.images[1]] for sample in drawn) == {"N2": 4, "W": 4, "R": 1}
    assert drawn == calibration_samples(nights, read(NANO), options)
    assert len(calibration_samples(nights, read(NANO), QuantizeOptions())) == len(stages)


def test_what_cannot_be_quantised_is_refused_in_words(
    release, recordings, tmp_path, capsys, monkeypatch
):
    from inference.training import quantize

    arguments = ["--release", str(release), "--recordings", str(recordings)]
    arguments += ["--out", str(tmp_path / "out"), "--bundle"]
    pytest.importorskip("auto_round")
    assert quantize.main([*arguments, str(built_in_folder("rules"))]) == 2
    assert "no checkpoint" in capsys.readouterr().err
    assert quantize.main([*arguments, str(NANO), "--sequence-length", "100"]) == 2
    assert "more than 100" in capsys.readouterr().err
    assert not list(tmp_path.glob("*out*"))
    monkeypatch.setattr(quantize, "find_spec", lambda name: None)
    assert quantize.main([*arguments, str(NANO)]) == 2
    assert "AutoRound is not installed" in capsys.readouterr().err
