"""Which replies keep to what was measured, and what happens where none can be written."""

import json
from dataclasses import replace

import numpy as np
import pytest

from inference.adapters import Grounding, NightToScore
from inference.adapters.bound_grammar import bound_grammar
from inference.adapters.grounding import BoundForm, GroundedAdapter
from inference.adapters.sleepvlm.grammar import EpochGrammar, Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles import read_bundle
from inference.bundles.reading import GroundingMode
from psg.claims import MeasuredEpoch, permitted_kinds
from psg.events import DetectedEvent
from psg.events.measures import EpochMeasures
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight
from psg.stages import Stage

pytestmark = pytest.mark.torch
OWN_WORDS = "Train in C4-M1 F4-M1 O2-M1 add up to s. The epoch before is N2. There is some noise."


def spindle(start_s):
    return DetectedEvent("spindle", Derivation.C4, start_s, start_s + 0.9, 38.0, 13.4)


EVENTS = {
    "spindle": (spindle(12.0), spindle(20.0)),
    "slow_wave": tuple(
        DetectedEvent("slow_wave", Derivation.F4, 2.0 * n, 2.0 * n + 1.0, 110.0, 1.0)
        for n in range(6)
    ),
}


@pytest.fixture(scope="module")
def vocabulary(tiny_bundle):
    tokenizer = WindowProcessor(read_bundle(tiny_bundle).checkpoint).tokenizer
    end_id = tokenizer.convert_tokens_to_ids("<|im_end|>")
    return tokenizer, Vocabulary(tokenizer, size=len(tokenizer), end_id=end_id)


@pytest.fixture
def admits(tiny_bundle, vocabulary):
    tokenizer, known = vocabulary
    measured = MeasuredEpoch(EpochMeasures(EVENTS), DERIVATIONS, None, is_simulated=True)
    form = BoundForm(Stage.N2, ("N2.1", "N2.2"), permitted_kinds(measured), OWN_WORDS)
    grammar = EpochGrammar(bound_grammar(read_bundle(tiny_bundle).prompt, form), known)
    assert grammar.fault == ""

    def check(rationale, rules=("N2.1",), stage="N2"):
        reply = {
            "reasoning_text": rationale,
            "applicable_rules": list(rules),
            "sleep_stage": stage,
        }
        text = f"```json\n{json.dumps(reply, indent=2)}\n```"
        matcher = grammar.reader()._matcher
        ids = tokenizer.encode(text, add_special_tokens=False)
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return check


@pytest.mark.parametrize(
    "rationale",
    [
        "Spindle in C4-M1 at 12 s.",
        "Spindles in C4-M1 at 12 and 20 s.",
        "Sleep spindles at 12, 20 s and 1 more.",
        "Slow waves in F4-M1 add up to 6 s.",
        "Slow waves of 110 uV.",
        "No alpha. No K complex. The epoch before is N2.",
        "K complex in F4-M1.",
        "The epoch before is N2, and spindles at 3 s.",
        "There is some noise.",
        "No alpha or blinks, slow waves in F4-M1.",
    ],
)
def test_what_was_measured_or_cannot_be_checked_may_be_written(admits, rationale):
    assert admits(rationale)


@pytest.mark.parametrize(
    "rationale",
    [
        "Spindle in C4-M1 at 25 s.",
        "Spindles in C4-M1 at 12, 13 and 20 s.",  # two for one
        "No spindle.",
        "Alpha in O2-M1.",
        "Slow waves in F4-M1 add up to 12 s.",
        "Slow waves of 40 uV.",
        "There is some saw saw.",  # neither words of its own nor a name
        "Alpha  in O2-M1.",
        "The epoch before is N2.1 s.",
    ],
)
def test_what_goes_beyond_may_not(admits, rationale):
    assert not admits(rationale)


def test_rules_are_those_of_the_stage_and_the_stage_is_that_of_the_free_reply(admits):
    assert admits("No alpha.", rules=("N2.1", "N2.2"))
    assert not admits("No alpha.", rules=("W.1",))
    assert not admits("No alpha.", stage="N1")


@pytest.fixture
def bound_six(load_tiny, six_epochs):
    """Ground made-up free replies of the tiny model on six epochs of noise."""
    adapter = load_tiny(max_new_tokens=60)
    spec = replace(
        adapter._spec,
        decoding=adapter._spec.decoding.model_copy(update={"grounding": GroundingMode.BIND}),
    )
    reply = {
        "reasoning_text": "Spindles at 1, 9 and 21 s.",
        "applicable_rules": ["N2.1"],
        "sleep_stage": "N2",
    }

    class Made:
        """The free replies, and the real writing of bound ones."""

        renderer_version = ""
        about: dict[str, object] = {}
        binding_problem = ""
        bound_texts = staticmethod(adapter.bound_texts)

        def replies(self, night, epochs):
            free = next(iter(adapter.replies(night, epochs[:4])))
            yield [replace(raw, text=json.dumps(reply)) for raw in free]

    night = NightToScore("six", six_epochs.signals, is_simulated=True)
    return GroundedAdapter(Made(), spec), night


def test_a_reply_of_noise_is_not_bound_and_the_free_reply_stays_with_the_reason(bound_six):
    adapter, night = bound_six
    (group,) = adapter.replies(night, range(4))
    for raw in group:
        assert json.loads(raw.text)["sleep_stage"] == "N2"
        assert raw.grounding is not Grounding.BOUND or not raw.grounding_note
        assert raw.grounding is Grounding.BOUND or raw.grounding_note


def test_a_grammar_that_does_not_compile_is_a_note_on_its_reply(bound_six, monkeypatch):
    adapter, night = bound_six
    monkeypatch.setattr(
        "inference.adapters.sleepvlm.adapter.bound_grammar", lambda prompt, form: "start: missing"
    )
    (group,) = adapter.replies(night, range(4))
    assert Grounding.BOUND not in {raw.grounding for raw in group}
    assert all("has no grammar" in raw.grounding_note for raw in group)


def test_an_epoch_that_no_trusted_detector_reads_is_free(bound_six):
    adapter, _ = bound_six
    flat = ArrayNight((Derivation.CHIN,), np.zeros((6, 1, 3000), "float32"))
    measured = adapter._measured(NightToScore("chin", flat))
    assert permitted_kinds(measured.epoch(2)) == ()
