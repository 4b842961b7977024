"""What the grammar of a reply admits."""

import json
from dataclasses import replace

import pytest

from inference.adapters.sleepvlm.grammar import ReplyGrammar, Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles import read_bundle
from inference.parsing.reply import RULES_KEY, STAGE_KEY
from psg.rules.editions import get_edition
from tests.helpers.prescoring import TINY_REPLY

pytestmark = pytest.mark.torch

FIELDS = {
    "reasoning_text": "5 s of \u201cK\u201d,\n C4\u2011M1",
    "applicable_rules": ["N2.1", "N2.2"],
}
REPLY = {**FIELDS, "sleep_stage": "N2"}
PRETTY = json.dumps(REPLY, indent=2, ensure_ascii=False)


def fenced(text):
    return f"```json\n{text}\n```"


@pytest.fixture(scope="module")
def admits(tiny_bundle):
    spec = read_bundle(tiny_bundle)
    tokenizer = WindowProcessor(spec.checkpoint).tokenizer
    end_id = tokenizer.convert_tokens_to_ids("<|im_end|>")
    vocabulary = Vocabulary(tokenizer, size=len(tokenizer) + 40, end_id=end_id)

    def check(text, **shape):
        prompt = replace(spec.prompt, **shape)
        matcher = ReplyGrammar(prompt, get_edition().rule_ids, vocabulary).reader()._matcher
        ids = tokenizer.encode(text, add_special_tokens=False)
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return check


@pytest.mark.parametrize(
    "text",
    [
        TINY_REPLY,
        fenced(PRETTY),
        fenced(PRETTY) + "\n",
        fenced(json.dumps(REPLY, separators=(",", ":"))),
        PRETTY,
        fenced(json.dumps({**REPLY, "applicable_rules": []})),
    ],
)
def test_a_reply_in_the_published_shape_is_admitted_however_it_is_spaced(admits, text):
    assert admits(text)


@pytest.mark.parametrize(
    "text",
    [
        fenced(PRETTY.replace('"N2"', '"N4"')),
        fenced(PRETTY.replace("N2.2", "N9.9")),
        fenced(json.dumps({"sleep_stage": "N2", **FIELDS})),  # another order
        fenced(json.dumps(FIELDS)),
        fenced(json.dumps({**REPLY, "more": 1})),
        "Here it is: " + PRETTY,
        fenced(PRETTY)[:-8],
        "{" + " " * 100 + PRETTY[1:],
    ],
)
def test_anything_else_is_not(admits, text):
    assert not admits(text)


def test_the_shape_is_that_of_the_bundle(admits):
    coarse = {"applicable_rules": ["W.1"], "sleep_stage": "W"}
    assert admits(json.dumps(coarse), keys=(RULES_KEY, STAGE_KEY), fence=False)
    assert not admits(json.dumps(REPLY), keys=(RULES_KEY, STAGE_KEY), fence=False)
    assert not admits(fenced(json.dumps(coarse)), keys=(RULES_KEY, STAGE_KEY), fence=False)
