"""The SleepVLM adapter on real checkpoints of a few megabytes."""

import numpy as np
import pytest
import torch
from transformers import Qwen2VLImageProcessorPil

from inference.adapters import NightToScore, load_adapter
from inference.adapters.sleepvlm.processor import WindowProcessor, chat_text
from inference.bundles import BundleError, read_bundle
from inference.parsing import ParsedReply, parse_reply
from inference.prompts import PUBLISHED_LABELS
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight
from psg.render import EpochRenderer, pixel_sha256
from psg.rules.editions import get_edition
from tests.helpers.prescoring import TINY_PROMPT, TINY_REPLY, write_bundle

pytestmark = pytest.mark.torch


@pytest.fixture
def night_of_five(noise_epochs):
    return NightToScore("five", ArrayNight(DERIVATIONS, noise_epochs[:5]))


@pytest.fixture(scope="session")
def noise_model(tiny_bundle):
    return load_adapter(read_bundle(tiny_bundle))


def flat(groups):
    return [reply for group in groups for reply in group]


def test_every_epoch_gets_one_reply_in_groups_of_the_batch(noise_model, night_of_five):
    groups = list(noise_model.replies(night_of_five, range(5)))
    assert [len(group) for group in groups] == [4, 1]
    assert [reply.epoch for reply in flat(groups)] == list(range(5))


def test_the_model_sees_the_images_a_person_sees_by_hash(noise_model, night_of_five, noise_epochs):
    reply = flat(noise_model.replies(night_of_five, [2]))[0]
    drawn = [EpochRenderer().render(noise_epochs[i], DERIVATIONS) for i in (1, 2, 3)]
    assert reply.pixel_sha256 == tuple(pixel_sha256(pixels) for pixels in drawn)
    assert not reply.edge


def test_an_edge_epoch_repeats_its_own_image_and_says_so(noise_model, night_of_five):
    first, last = flat(noise_model.replies(night_of_five, [0, 4]))
    assert first.edge
    assert last.edge
    assert first.pixel_sha256[0] == first.pixel_sha256[1] != first.pixel_sha256[2]
    assert last.pixel_sha256[0] != last.pixel_sha256[1] == last.pixel_sha256[2]


def test_a_batch_writes_what_single_windows_write(noise_model, night_of_five):
    together = flat(noise_model.replies(night_of_five, range(4)))
    alone = [flat(noise_model.replies(night_of_five, [epoch]))[0] for epoch in range(4)]
    assert [reply.text for reply in together] == [reply.text for reply in alone]


def test_the_same_night_gives_the_same_replies_after_loading_again(tiny_bundle, night_of_five):
    first, second = (load_adapter(read_bundle(tiny_bundle)) for _ in range(2))
    texts = [[r.text for r in flat(a.replies(night_of_five, [1, 2]))] for a in (first, second)]
    assert texts[0] == texts[1]


def test_a_taught_checkpoint_answers_in_the_published_form(taught_bundle, night_of_five):
    replies = flat(load_adapter(read_bundle(taught_bundle)).replies(night_of_five, range(3)))
    assert [reply.text for reply in replies] == [TINY_REPLY] * 3
    parsed = parse_reply(replies[0].text, rule_ids=get_edition().rule_ids)
    assert parsed == ParsedReply("N2", ("N2.1",), "A spindle in C4-M1.")


def test_a_missing_derivation_leaves_its_band_out_of_image_and_prompt(noise_model, noise_epochs):
    without_chin = DERIVATIONS[:-1]
    night = NightToScore("no chin", ArrayNight(without_chin, noise_epochs[:3, :-1]))
    reply = flat(noise_model.replies(night, [1]))[0]
    drawn = EpochRenderer().render(noise_epochs[1, :-1], without_chin)
    assert reply.pixel_sha256[1] == pixel_sha256(drawn)


def test_a_model_is_shown_only_the_derivations_it_knows(tiny_bundle, noise_epochs, tmp_path):
    folder = tmp_path / "three"
    folder.mkdir()
    (folder / "checkpoint").symlink_to(tiny_bundle / "checkpoint")
    write_bundle(folder, max_new_tokens=2)
    text = (folder / "bundle.toml").read_text()
    channels = 'channels = ["C4-M1", "E1-M2", "Chin"]\n'
    (folder / "bundle.toml").write_text(channels + text)
    (folder / "checkpoint").unlink()
    (folder / "checkpoint").mkdir()
    for path in (tiny_bundle / "checkpoint").iterdir():
        (folder / "checkpoint" / path.name).write_bytes(path.read_bytes())
    night = NightToScore("six", ArrayNight(DERIVATIONS, noise_epochs[:3]))
    reply = flat(load_adapter(read_bundle(folder)).replies(night, [1]))[0]
    shown = (Derivation.C4, Derivation.E1, Derivation.CHIN)
    drawn = EpochRenderer().render(noise_epochs[1, [1, 3, 5]], shown)
    assert reply.pixel_sha256[1] == pixel_sha256(drawn)


def test_an_image_takes_128_tokens_and_labels_stand_before_their_images(tiny_bundle):
    spec = read_bundle(tiny_bundle)
    processor = WindowProcessor(spec.checkpoint)
    image = processor.patches(np.zeros((224, 448, 3), dtype=np.uint8))
    ids = processor.window_ids(spec.prompt, [image.grid] * 3)
    assert ids.count(processor.image_pad_id) == 3 * 128
    text = chat_text(spec.prompt)
    places = [text.index(label) for label in PUBLISHED_LABELS]
    assert places == sorted(places)
    assert text.startswith("<|im_start|>system\n" + TINY_PROMPT[:20])


@pytest.mark.parametrize("size_px", [(224, 448), (100, 60)])
def test_patches_are_those_of_the_image_processor_to_the_bit(tiny_bundle, size_px):
    checkpoint = read_bundle(tiny_bundle).checkpoint
    rgb = np.random.default_rng(1).integers(0, 256, (*size_px, 3), dtype=np.uint8)
    expected = Qwen2VLImageProcessorPil.from_pretrained(checkpoint)(images=[rgb])
    result = WindowProcessor(checkpoint).patches(rgb)
    assert np.array_equal(result.pixels.numpy(), expected["pixel_values"])
    assert result.grid.tolist() == np.asarray(expected["image_grid_thw"]).tolist()


def test_a_window_is_the_text_of_the_conversation_token_for_token(tiny_bundle):
    spec = read_bundle(tiny_bundle)
    processor = WindowProcessor(spec.checkpoint)
    grid = torch.tensor([[1, 2, 2]])  # one token an image
    ids = processor.window_ids(spec.prompt, [grid, grid, grid])
    assert ids == processor.tokenizer.encode(chat_text(spec.prompt), add_special_tokens=False)


def test_a_checkpoint_that_is_not_what_it_says_is_refused_with_words(tiny_bundle, tmp_path):
    folder = tmp_path / "odd"
    (folder / "checkpoint").mkdir(parents=True)
    for path in (tiny_bundle / "checkpoint").iterdir():
        (folder / "checkpoint" / path.name).write_bytes(path.read_bytes())
    write_bundle(folder)
    (folder / "checkpoint" / "tokenizer.json").write_text("{}")
    with pytest.raises(BundleError, match="cannot be loaded"):
        load_adapter(read_bundle(folder))
