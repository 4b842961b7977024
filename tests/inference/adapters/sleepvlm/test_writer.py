"""The fast path writes what the plain path writes, and computes nothing twice."""

import gc

import pytest
import torch

from inference.adapters import AdapterAwayError, NightToScore, load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.writer import Writer
from inference.bundles import read_bundle
from inference.parsing import ParsedReply, parse_reply
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.rules.editions import get_edition
from tests.helpers.prescoring import TINY_REPLY

pytestmark = pytest.mark.torch


def flat(groups):
    return [reply for group in groups for reply in group]


def encoded_windows(adapter, night):
    count = night.signals.epoch_count
    images = adapter._encoded.get(night, range(count))
    return [[images[i].encoded for i in window_epochs(epoch, count)] for epoch in range(count)]


@pytest.fixture(scope="module")
def noise(load_tiny):
    return load_tiny(constrained=False, max_new_tokens=24, batch_size=4)


@pytest.mark.parametrize("night", ["six_epochs", "no_chin"])
def test_every_window_of_a_night_is_written_token_for_token_as_by_generate(
    noise, plain_ids, night, request
):
    night = request.getfixturevalue(night)
    end_id = noise.processor.turn_end_id
    plain = plain_ids(noise, night, most=24, end_id=end_id)
    count = night.signals.epoch_count
    replies = flat(noise.replies(night, range(count)))
    assert [reply.text for reply in replies] == [noise.processor.text_of(ids) for ids in plain]
    assert len({tuple(ids) for ids in plain}) == count, "the windows must not all read alike"


def test_replies_that_end_early_leave_the_batch_and_change_no_other(noise, plain_ids, six_epochs):
    prompt = noise._spec.prompt_for(noise._images.derivations(six_epochs))
    long = plain_ids(noise, six_epochs, most=24, end_id=None)
    end_id = ending_early(long)
    writer = Writer(noise.model, noise.processor, max_new_tokens=24, end_id=end_id)
    written = writer.write(prompt, encoded_windows(noise, six_epochs))
    assert [reply.ids for reply in written] == plain_ids(noise, six_epochs, most=24, end_id=end_id)


@pytest.mark.parametrize("penalty", [1.05, 1.6])
def test_a_repetition_penalty_acts_as_in_generate_also_when_rows_leave_the_batch(
    noise, load_tiny, plain_ids, six_epochs, penalty
):
    adapter = load_tiny(constrained=False, max_new_tokens=24, repetition_penalty=penalty)
    prompt = noise._spec.prompt_for(noise._images.derivations(six_epochs))
    long = plain_ids(noise, six_epochs, most=24, end_id=None, penalty=penalty)
    assert long != plain_ids(noise, six_epochs, most=24, end_id=None)
    end_id = ending_early(long)
    adapter._writer._end_id = end_id
    written = adapter._writer.write(prompt, encoded_windows(noise, six_epochs))
    plain = plain_ids(noise, six_epochs, most=24, end_id=end_id, penalty=penalty)
    assert [reply.ids for reply in written] == plain


def ending_early(replies):
    """Return a token that comes at different places of replies, and in some never."""
    used = {token for ids in replies for token in ids}
    firsts = {t: [ids.index(t) if t in ids else 24 for ids in replies] for t in used}
    end_id = max(firsts, key=lambda token: len(set(firsts[token])))
    assert len(set(firsts[end_id])) >= 3
    return end_id


def test_a_valid_reply_is_the_same_with_and_without_the_grammar(
    taught_bundle, plain_ids, six_epochs
):
    taught = load_adapter(read_bundle(taught_bundle))
    plain = plain_ids(taught, six_epochs, most=90, end_id=taught.processor.turn_end_id)
    assert {taught.processor.text_of(ids) for ids in plain} == {TINY_REPLY}
    replies = flat(taught.replies(six_epochs, range(6)))
    assert [reply.text for reply in replies] == [TINY_REPLY] * 6


def test_a_model_that_writes_noise_writes_valid_replies_under_the_grammar(constrained_noise):
    read = [
        parse_reply(text, rule_ids=get_edition().rule_ids)
        for text, reply in zip(constrained_noise.texts, constrained_noise.written, strict=True)
        if len(reply.ids) < 150  # the others were cut off
    ]
    assert len(read) >= 3
    assert [reply for reply in read if not isinstance(reply, ParsedReply)] == []


def test_an_image_is_encoded_once_for_its_three_windows_and_at_the_edge_of_chunks(
    load_tiny, noise_epochs
):
    adapter = load_tiny(max_new_tokens=2)
    night = NightToScore("ten", ArrayNight(DERIVATIONS, noise_epochs))
    encoded = []
    adapter.model.model.visual.register_forward_hook(
        lambda module, inputs, kwargs, output: encoded.append(len(kwargs["grid_thw"])),
        with_kwargs=True,
    )
    flat(adapter.replies(night, range(5)))
    assert sum(encoded) == 6  # the five, and the right neighbour of the last
    flat(adapter.replies(night, range(5, 10)))
    assert sum(encoded) == 10


def test_the_prompt_is_read_once_a_night(load_tiny, six_epochs):
    adapter = load_tiny(max_new_tokens=2, batch_size=2)
    read = []
    adapter.model.model.language_model.register_forward_hook(
        lambda module, inputs, kwargs, output: read.append(
            tuple(kwargs["inputs_embeds"].shape[:2])
        ),
        with_kwargs=True,
    )
    flat(adapter.replies(six_epochs, range(6)))
    beginnings = [shape for shape in read if shape[0] == 1]
    assert len(beginnings) == 1
    windows = [shape for shape in read if shape[0] == 2 and shape[1] > 1]
    assert len(windows) == 3
    assert {length for _, length in windows} == {windows[0][1]}


@pytest.fixture
def crowded(load_tiny):
    """A model whose memory does for two replies at once, not for three."""
    adapter = load_tiny(constrained=False, max_new_tokens=24, batch_size=6)

    def run_out(module, args, kwargs):
        if len(kwargs["inputs_embeds"]) > 2:
            raise torch.OutOfMemoryError("the card is full")

    adapter.model.model.language_model.register_forward_pre_hook(run_out, with_kwargs=True)
    return adapter


def test_out_of_memory_halves_the_batch_and_goes_on(crowded, noise, six_epochs):
    groups = list(crowded.replies(six_epochs, range(6)))
    assert [len(group) for group in groups] == [1] * 6  # 6, 3, then 1
    assert [r.epoch for r in flat(groups)] == list(range(6))
    expected = [reply.text for reply in flat(noise.replies(six_epochs, range(6)))]
    assert [reply.text for reply in flat(groups)] == expected
    assert crowded.about["replies at once"] == "6 reduced to 1: the memory was too small"


def test_memory_that_does_not_do_for_one_window_lets_the_run_wait(load_tiny, six_epochs):
    adapter = load_tiny(max_new_tokens=2)

    def run_out(module, args, kwargs):
        raise torch.OutOfMemoryError("the card is full")

    hook = adapter.model.model.language_model.register_forward_pre_hook(run_out, with_kwargs=True)
    with pytest.raises(AdapterAwayError, match="too small for a single window: the card is full"):
        list(adapter.replies(six_epochs, range(6)))
    hook.remove()
    assert len(flat(adapter.replies(six_epochs, range(2)))) == 2


def test_a_night_leaves_no_more_behind_than_its_first_epochs(load_tiny, noise_epochs):
    adapter = load_tiny(max_new_tokens=1, batch_size=4)
    adapter._encoded._room = 6
    night = NightToScore("long", ArrayNight(DERIVATIONS, noise_epochs[[i % 10 for i in range(14)]]))

    def held_bytes():
        gc.collect()
        tensors = [each for each in gc.get_objects() if type(each) is torch.Tensor]
        return sum(each.untyped_storage().nbytes() for each in tensors)

    flat(adapter.replies(night, range(6)))
    early = held_bytes()
    flat(adapter.replies(night, range(6, 14)))
    assert held_bytes() <= early
