"""Stage probabilities: where the stage stands, and how likely each was there."""

from dataclasses import replace

import pytest
import torch

from inference.adapters import load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.sampling import Draws
from inference.adapters.sleepvlm.stage_probabilities import (
    StageFirst,
    StagePlace,
    contexts,
    stage_place,
)
from inference.bundles import read_bundle
from inference.parsing.reply import RULES_KEY, STAGE_KEY
from inference.prompts.stage_first import stage_question
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition
from psg.stages import STAGES, Stage

pytestmark = pytest.mark.torch


def test_the_stage_is_found_by_the_token_that_holds_its_first_letter():
    pieces = [b'{"sleep', b'_stage"', b": ", b'"', b"N", b"2", b'"}']
    assert stage_place(pieces) == StagePlace(4, "")
    assert stage_place([b'{"sleep_stage"', b':"N', b'2"}']) == StagePlace(1, ':"')
    assert stage_place([b'{"sleep_stage": "N2"}']) == StagePlace(0, '{"sleep_stage": "')


def test_a_reply_cut_off_before_its_stage_has_none():
    assert stage_place([b'{"sleep_stage"', b': "']) is None
    assert stage_place([b"noise"]) is None


def test_stages_of_several_tokens_are_read_behind_what_they_begin_with():
    spelled = {Stage.W: [1], Stage.N1: [2, 3], Stage.N2: [2, 4], Stage.N3: [2, 5], Stage.R: [6]}
    assert contexts(spelled) == [(2,)]
    assert contexts(spelled | {Stage.R: [6, 7, 8]}) == [(2,), (6, 7)]
    assert contexts({stage: [9] for stage in STAGES}) == [()]


def test_probabilities_are_those_of_the_model_asked_in_full(constrained_noise):
    """Each stage spelled out behind the whole window, by a stock forward without any cache."""
    weighed = [n for n, reply in enumerate(constrained_noise.written) if reply.probabilities]
    assert len(weighed) >= 3
    for epoch in weighed[:2]:
        result = constrained_noise.written[epoch].probabilities
        assert sum(result.values()) == pytest.approx(1, abs=1e-5)
        assert result == pytest.approx(asked_in_full(constrained_noise, epoch), abs=1e-4)


def asked_in_full(noise, epoch):
    adapter = noise.adapter
    processor = adapter.processor
    shown = [
        processor.patches(adapter._images.get(noise.night, index).rgb)
        for index in window_epochs(epoch, 6)
    ]
    prompt = adapter._spec.prompt_for(DERIVATIONS)
    options = processor.window_ids(prompt, [image.grid for image in shown])
    written = noise.written[epoch].ids
    tokens = adapter._writer.vocabulary.tokens
    place = stage_place([tokens.decode_bytes([token]) for token in written])
    before = options + written[: place.token]
    spelled = {
        str(stage): processor.tokenizer.encode(place.lead + stage, add_special_tokens=False)
        for stage in STAGES
    }
    return asked_for_each(adapter, before, spelled, shown)


def asked_for_each(adapter, before, spelled, shown):
    """The share of each answer, spelled in tokens behind those before it."""
    shares = dict.fromkeys(spelled, 1.0)
    for answer, ids in spelled.items():
        logits = stock_logits(adapter, before + ids, shown)
        for n, token in enumerate(ids):
            rivals = sorted({other[n] for other in spelled.values() if other[:n] == ids[:n]})
            among = logits[len(before) + n - 1, rivals].softmax(dim=0)
            shares[answer] *= float(among[rivals.index(token)])
    return shares


def stock_logits(adapter, ids, images):
    adapter.model.set_attn_implementation("sdpa")
    ids = torch.tensor([ids])
    with torch.inference_mode():
        return adapter.model(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            mm_token_type_ids=(ids == adapter.processor.image_pad_id).int(),
            image_grid_thw=torch.cat([image.grid for image in images]),
            pixel_values=torch.cat([image.pixels for image in images]),
        ).logits[0]


def test_a_stage_in_other_tokens_than_the_tokenizers_is_not_weighed(taught_bundle, six_epochs):
    """The taught reply holds its stage in the middle of a token of its own."""
    replies = [
        r for g in load_adapter(read_bundle(taught_bundle)).replies(six_epochs, [1]) for r in g
    ]
    assert "N2" in replies[0].text
    assert replies[0].probabilities is None


@pytest.mark.parametrize("keys", [("reasoning_text", RULES_KEY, STAGE_KEY), (STAGE_KEY, RULES_KEY)])
def test_before_any_word_probabilities_are_those_of_the_model_asked_in_full(
    load_tiny, six_epochs, keys
):
    adapter = load_tiny(max_new_tokens=6)
    prompt = replace(adapter._spec.prompt_for(DERIVATIONS), keys=keys)
    question = stage_question(prompt, get_edition())
    first = StageFirst(adapter._writer._decoder, adapter.processor, question)
    adapter._writer._first = first
    images = adapter._encoded.get(six_epochs, range(6))
    windows = [[images[i].encoded for i in window_epochs(epoch, 6)] for epoch in (1, 4)]
    written = adapter._writer.write(prompt, windows, None, Draws([1, 2], 1, 1.0))
    assert len({reply.probabilities["N2"] for reply in written}) == 2
    for epoch, reply in zip((1, 1, 4, 4), written, strict=True):
        assert sum(reply.probabilities.values()) == pytest.approx(1, abs=1e-5)
        shown = [
            adapter.processor.patches(adapter._images.get(six_epochs, index).rgb)
            for index in window_epochs(epoch, 6)
        ]
        options = adapter.processor.window_ids(prompt, [image.grid for image in shown])
        spelled = {
            answer: adapter.processor.tokenizer.encode(
                question.opening + answer, add_special_tokens=False
            )
            for answer in question.answers
        }
        shares = asked_for_each(adapter, options, spelled, shown)
        assert reply.probabilities == pytest.approx(question.by_stage(shares), abs=1e-4)


def test_a_bundle_that_asks_for_the_stage_first_says_so(load_tiny, six_epochs):
    adapter = load_tiny(stage_first=True)
    assert adapter.about["probabilities"] == "given the images alone"
    replies = [reply for group in adapter.replies(six_epochs, range(6)) for reply in group]
    # Cut off before their stage, the replies have none to read it at.
    assert all(reply.probabilities for reply in replies)
    assert all(not r.probabilities for g in load_tiny().replies(six_epochs, [0]) for r in g)
