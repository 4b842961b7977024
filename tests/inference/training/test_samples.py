"""What is asked and what is taught: replies, their tokens, and the places of the loss."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt, Track
from inference.training.data.nights import EpochLabel, LabelledNight
from inference.training.errors import TrainingError
from inference.training.images import TrainingImages
from inference.training.model import IGNORED, Encoder, load_base
from inference.training.samples import PromptMaker, reply_text, sft_samples, wpt_reply
from inference.training.settings import SftSettings
from psg.features import second_features
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.stages import Stage
from tests.helpers.full_disk import no_file_beyond

pytestmark = pytest.mark.torch

FINE = Prompt("Stage.")
COARSE = Prompt("Stage.", keys=FINE.keys[1:])
PROMPTS = {
    Track.FINE: PromptMaker("Say why.", "aasm-operational-15", FINE),
    Track.COARSE: PromptMaker("Stage.", "aasm-operational-15", COARSE),
}
N2 = EpochLabel(1, Stage.N2, ("N2.1",), "A spindle at 3.1 s.")


def night(noise_epochs: np.ndarray, *labels: EpochLabel, track: Track = Track.FINE):
    return LabelledNight(
        "S1", "S1", "", "train", track, ArrayNight(DERIVATIONS, noise_epochs[:3]), labels
    )


def test_tracks_are_mixed_each_with_its_prompt_and_empty_epochs_left_out(noise_epochs):
    fine = night(noise_epochs, EpochLabel(0, Stage.W, (), "No rule."), N2)
    wordless = night(noise_epochs, EpochLabel(2, Stage.R, ("R.1",), ""))
    coarse = night(noise_epochs, EpochLabel(2, Stage.R, ("R.1",)), track=Track.COARSE)
    samples = sft_samples([fine, wordless, coarse], PROMPTS, SftSettings(), seed=1)
    assert [(s.night, s.images, s.prompt.system) for s in samples] == [
        (0, (0, 1, 2), "Say why."),
        (2, (1, 2, 2), "Stage."),
    ]
    assert list(json.loads(samples[1].reply[8:-4])) == ["applicable_rules", "sleep_stage"]
    assert samples[0].reply == reply_text(N2, FINE)


def test_a_fine_track_without_rationales_is_an_error_that_says_what_to_set(noise_epochs):
    coarse = night(noise_epochs, EpochLabel(2, Stage.R, ("R.1",)), track=Track.COARSE)
    with pytest.raises(TrainingError, match=r'tracks = \["coarse"\]'):
        sft_samples([coarse], PROMPTS, SftSettings(), seed=1)
    assert sft_samples([coarse], PROMPTS, SftSettings(tracks=(Track.COARSE,)), seed=1)


def test_only_the_reply_and_its_end_are_learnt(noise_epochs, tiny_base: Path):
    processor, model = WindowProcessor(tiny_base), load_base(tiny_base, torch.float32)
    encoder = Encoder(processor, model, max_tokens=5000)
    nights = [night(noise_epochs, N2, EpochLabel(2, Stage.R, ("R.1",), "Low tone, and more."))]
    samples = sft_samples(nights, PROMPTS, SftSettings(), seed=1)
    grid = processor.patches(TrainingImages(nights).get(0, 0)).grid
    batch = encoder.batch(samples, grid)
    for row, sample in enumerate(samples):
        learnt = batch.labels[row][batch.labels[row] != IGNORED].tolist()
        assert learnt[-1] == processor.turn_end_id
        assert processor.text_of(learnt) == sample.reply
        options = processor.window_ids(sample.prompt, [grid] * 3)
        assert batch.ids[row, : len(options)].tolist() == options
        assert set(batch.labels[row, : len(options)].tolist()) == {IGNORED}
    assert batch.images == [(0, 0), (0, 1), (0, 2)]
    assert batch.shown == [0, 1, 2, 1, 2, 2]
    with pytest.raises(TrainingError, match="the model takes 50"):
        Encoder(processor, model, max_tokens=50).batch(samples, grid)


def test_pre_training_asks_for_what_was_measured_on_the_signal_of_the_image(noise_epochs):
    written = json.loads(wpt_reply(noise_epochs[:1], DERIVATIONS, [3, 17], decimals=1))
    features = second_features(noise_epochs[:1], DERIVATIONS)
    assert list(written) == ["F4‑M1", "C4‑M1", "O2‑M1", "E1‑M2", "E2‑M2", "Chin"]
    assert list(written["F4‑M1"]) == ["delta", "theta", "alpha", "beta", "MAV"]
    assert list(written["Chin"]) == ["MAV"]
    expected = [round(float(v), 1) for v in features.band_power_db[0, 2, [3, 17], 2]]
    assert written["O2‑M1"]["alpha"] == expected


def test_signals_that_are_not_numbers_are_refused(noise_epochs):
    epochs_uv = noise_epochs[:2].copy()
    epochs_uv[1, 2, 50] = np.nan
    broken = LabelledNight(
        "S1", "S1", "", "train", Track.FINE, ArrayNight(DERIVATIONS, epochs_uv), [N2]
    )
    images = TrainingImages([broken])
    assert images.get(0, 0).shape == (224, 448, 3)
    with pytest.raises(TrainingError, match="not numbers"):
        images.get(0, 1)


def test_images_in_a_folder_are_drawn_once_and_are_those_of_memory(noise_epochs, tmp_path: Path):
    nights = [night(noise_epochs, N2)]
    drawn = TrainingImages(nights).get(0, 1)
    first, second = TrainingImages(nights, tmp_path), TrainingImages(nights, tmp_path)
    assert np.array_equal(first.get(0, 1), drawn)
    assert np.array_equal(second.get(0, 1), drawn)
    assert second.drawn == 0


@pytest.mark.parametrize("lost", ["cut", "zeroed", "spoilt", "check values"])
def test_an_image_that_a_power_cut_spoilt_is_drawn_again_and_never_used(
    lost: str, noise_epochs, tmp_path: Path
):
    nights = [night(noise_epochs, N2)]
    images = TrainingImages(nights, tmp_path)
    whole = [np.array(images.get(0, epoch)) for epoch in (0, 1)]
    del images
    pixels, sums = (next(tmp_path.glob(f"*.{kind}")) for kind in ("rgb", "crc"))
    if lost == "cut":
        with pixels.open("r+b") as file:
            file.truncate(whole[0].size + 1000)
    elif lost == "check values":
        sums.write_bytes(b"")
    else:
        content = np.fromfile(pixels, dtype=np.uint8)
        second = content[whole[0].size :][: whole[1].size]
        second[...] = 0 if lost == "zeroed" else np.roll(second, 1)
        content.tofile(pixels)
    for drawn in (2 if lost == "check values" else 1, 0):
        again = TrainingImages(nights, tmp_path)
        for epoch in (0, 1, 1):
            assert np.array_equal(again.get(0, epoch), whole[epoch])
        assert again.drawn == drawn


def test_a_full_disk_is_told_and_what_was_drawn_before_is_used_when_there_is_room(
    noise_epochs, tmp_path: Path
):
    nights = [night(noise_epochs, N2)]
    whole = [TrainingImages(nights).get(0, epoch) for epoch in (0, 1)]
    TrainingImages(nights, tmp_path).get(0, 0)
    images = TrainingImages(nights, tmp_path)
    with (
        no_file_beyond(whole[0].size + 1000),
        pytest.raises(TrainingError, match=r"cannot be stored: File too large.*Make room"),
    ):
        images.get(0, 1)
    with no_file_beyond(30_000), pytest.raises(TrainingError, match="cannot be stored"):
        TrainingImages(nights, tmp_path / "other").get(0, 0)
    again = TrainingImages(nights, tmp_path)
    assert all(np.array_equal(again.get(0, epoch), whole[epoch]) for epoch in (0, 1))
    assert again.drawn == 1, "the one for which there was no room"
