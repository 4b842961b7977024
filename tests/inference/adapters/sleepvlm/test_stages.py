"""Stage probabilities: where the stage stands, and how likely each was there."""

import pytest
import torch

from inference.adapters import load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.stage_probabilities import StagePlace, contexts, stage_place
from inference.bundles import read_bundle
from psg.montage import DERIVATIONS
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
    shares = dict.fromkeys(spelled, 1.0)
    for stage, ids in spelled.items():
        logits = stock_logits(adapter, before + ids, shown)
        for n, token in enumerate(ids):
            rivals = sorted({other[n] for other in spelled.values() if other[:n] == ids[:n]})
            among = logits[len(before) + n - 1, rivals].softmax(dim=0)
            shares[stage] *= float(among[rivals.index(token)])
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
