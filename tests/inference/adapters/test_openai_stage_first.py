"""A server is asked for the stage before any word, where it names likely tokens."""

import json
from math import log

import pytest

from inference.adapters import NightToScore
from inference.adapters.openai.adapter import load
from inference.adapters.openai.chat import TokenPlace
from inference.adapters.openai.stage_first import UNKNOWN, answer_shares
from inference.prompts import Prompt
from inference.prompts.stage_first import GIVEN, stage_question
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.rules.editions import get_edition
from tests.helpers.model_server import KEY, write_server_bundle
from tests.helpers.prescoring import TINY_REPLY

RULES_FIRST = stage_question(Prompt("", keys=("applicable_rules", "sleep_stage")), get_edition())
STAGE_FIRST = stage_question(Prompt("", keys=("sleep_stage",), fence=False), get_edition())


def place(written, **shares):
    return TokenPlace(written, {token: log(share) for token, share in shares.items()})


def likely(*places):
    return {
        "content": [
            {
                "token": its.written,
                "top_logprobs": [
                    {"token": token, "logprob": value} for token, value in its.likeliest.items()
                ],
            }
            for its in places
        ]
    }


def test_the_opening_has_the_form_of_the_replies():
    assert RULES_FIRST.opening == '```json\n{\n  "applicable_rules": [\n    "'
    assert STAGE_FIRST.opening == '{\n  "sleep_stage": "'
    full = stage_question(Prompt(""), get_edition())
    assert full == RULES_FIRST  # a rationale is passed over


def test_stages_of_one_token_get_their_own_probability():
    shares = answer_shares([place("N2", N2=0.6, N3=0.3, W=0.05, the=0.05)], STAGE_FIRST)
    assert shares == pytest.approx(
        {"N2": 0.6 / 0.95, "N3": 0.3 / 0.95, "W": 0.05 / 0.95, "N1": 0, "R": 0}
    )


def test_stages_of_two_tokens_are_read_along_the_way_of_the_answer():
    places = [place("N", N=0.8, W=0.2), place("2", **{"2": 0.75, "3": 0.25})]
    shares = answer_shares(places, STAGE_FIRST)
    assert STAGE_FIRST.by_stage(shares) == pytest.approx(
        {"W": 0.2, "N1": 0, "N2": 0.6, "N3": 0.2, "R": 0}
    )


def test_rules_stand_for_the_stages_that_they_support():
    places = [place("N", N=0.5, R=0.3, W=0.2), place("1", **{"1": 0.8, "2": 0.2}), place(".")]
    stages = RULES_FIRST.by_stage(answer_shares(places, RULES_FIRST))
    assert stages == pytest.approx({"W": 0.2, "N1": 0.4, "N2": 0.1, "N3": 0, "R": 0.3})


@pytest.mark.parametrize("places", [[], [place("the", the=0.9)]])
def test_an_answer_that_is_none_has_no_shares(places):
    assert sum(answer_shares(places, STAGE_FIRST).values()) == 0


@pytest.fixture
def served(server, tmp_path, noise_epochs):
    def read(**settings):
        folder = write_server_bundle(tmp_path, guided=False, concurrency=1)
        path = folder / "bundle.toml"
        path.write_text(path.read_text() + "\n[decoding]\nstage_first = true\n")
        from inference.bundles import read_bundle

        adapter = load(read_bundle(folder), {"MODEL_SERVERS": server.url, "MODEL_SERVERS_KEY": KEY})
        night = NightToScore("n", ArrayNight(DERIVATIONS, noise_epochs[:3]))
        replies = [reply for group in adapter.replies(night, [0, 1]) for reply in group]
        return adapter, replies

    return read


def answer(exchange):
    text, logprobs = TINY_REPLY, None
    if "logprobs" in exchange.body:
        text = "N2.1"
        logprobs = likely(place("N2.1", **{"N2.1": 0.7, "N3.1": 0.3}))
    choice = {"index": 0, "message": {"content": text}, "logprobs": logprobs}
    exchange.send(200, json.dumps({"model": "tiny", "choices": [choice]}))


def test_a_short_request_beside_each_reply_gives_its_probabilities(server, served):
    server.behave = answer
    adapter, replies = served()
    assert adapter.about["probabilities"] == GIVEN
    assert [reply.text for reply in replies] == [TINY_REPLY] * 2
    for reply in replies:
        assert reply.probabilities == pytest.approx({"W": 0, "N1": 0, "N2": 0.7, "N3": 0.3, "R": 0})
    short = [body for body in server.windows if "logprobs" in body and len(body["messages"]) == 3]
    assert len(short) == 2
    assert short[0]["messages"][-1] == {"role": "assistant", "content": RULES_FIRST.opening}
    assert short[0]["max_tokens"] < 10


@pytest.mark.parametrize("refuses", [{"logprobs"}, set()])
def test_a_server_that_names_no_likely_tokens_writes_its_replies_all_the_same(
    server, served, refuses
):
    server.refuses = refuses
    adapter, replies = served()
    assert adapter.about["probabilities"] == UNKNOWN
    assert [(reply.text, reply.probabilities) for reply in replies] == [(TINY_REPLY, None)] * 2
