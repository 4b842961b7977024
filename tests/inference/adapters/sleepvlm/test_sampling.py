"""Several replies to a window: drawn by their probabilities, repeatable, and one is kept."""

from dataclasses import replace

import pytest
import torch

from inference.adapters import load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.sampling import Draws, TokenNoise
from inference.bundles import read_bundle
from inference.parsing import ParsedReply, parse_reply
from psg.rules.editions import get_edition

pytestmark = pytest.mark.torch
CPU = torch.device("cpu")


def windows_of(adapter, night):
    count = night.signals.epoch_count
    images = adapter._encoded.get(night, range(count))
    return [[images[i].encoded for i in window_epochs(epoch, count)] for epoch in range(count)]


@pytest.fixture(scope="module")
def noise(load_tiny):
    return load_tiny(constrained=False, max_new_tokens=16, batch_size=24)


def written_ids(adapter, night, draws, windows=None):
    prompt = adapter._spec.prompt_for(adapter._images.derivations(night))
    windows = windows_of(adapter, night) if windows is None else windows
    return [reply.ids for reply in adapter._writer.write(prompt, windows, None, draws)]


def test_tokens_are_drawn_by_their_probabilities_at_the_temperature():
    logits = torch.log(torch.tensor([0.7, 0.2, 0.1]))
    for temperature in (1.0, 0.5):
        noise = TokenNoise(temperature, 3, CPU)
        drawn = torch.tensor([int(noise.add(logits).argmax()) for _ in range(4000)])
        shares = torch.bincount(drawn, minlength=3) / len(drawn)
        expected = torch.softmax(logits / temperature, dim=0)
        assert shares.tolist() == pytest.approx(expected.tolist(), abs=0.03)


def test_the_first_reply_to_each_window_is_the_most_probable_one(noise, six_epochs):
    alone = written_ids(noise, six_epochs, None)
    together = written_ids(noise, six_epochs, Draws(range(10, 70, 10), 2, 1.0))
    assert together[::3] == alone
    assert together[1::3] != alone
    assert together[1::3] != together[2::3]


def test_a_seed_draws_the_same_reply_in_any_batch(noise, six_epochs):
    windows = windows_of(noise, six_epochs)
    together = written_ids(noise, six_epochs, Draws([5, 6, 7], 2, 1.0), windows[:3])
    alone = written_ids(noise, six_epochs, Draws([7], 2, 1.0), windows[2:3])
    assert alone == together[6:]
    assert written_ids(noise, six_epochs, Draws([8], 2, 1.0), windows[2:3])[1:] != alone[1:]


def test_drawn_replies_have_the_published_form_under_a_grammar(load_tiny, six_epochs):
    adapter = load_tiny(max_new_tokens=150, temperature=1.0)
    written = adapter._writer.write(
        adapter._spec.prompt_for(adapter._images.derivations(six_epochs)),
        windows_of(adapter, six_epochs)[:2],
        adapter._grammar,
        Draws([1, 2], 2, 1.0),
    )
    ended = [adapter.processor.text_of(its.ids) for its in written if len(its.ids) < 150]
    read = [parse_reply(text, rule_ids=get_edition().rule_ids) for text in ended]
    assert ended
    assert all(isinstance(reply, ParsedReply) for reply in read)


def test_a_kept_reply_says_of_how_many_and_is_the_same_again(taught_bundle, six_epochs):
    adapter = load_adapter(read_bundle(taught_bundle))
    wanted = replace(six_epochs, best_of=3)
    first = [reply for group in adapter.replies(wanted, range(6)) for reply in group]
    again = [reply for group in adapter.replies(wanted, [4, 2]) for reply in group]
    assert [reply.best_of for reply in first] == [3] * 6
    assert [reply.epoch for reply in first] == list(range(6))
    assert {reply.epoch: reply.text for reply in again} == {e: first[e].text for e in (4, 2)}
    plain = [reply for group in adapter.replies(six_epochs, [0]) for reply in group]
    assert plain[0].best_of == 1
