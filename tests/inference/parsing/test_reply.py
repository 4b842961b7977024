"""What a model may write, and what is made of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.parsing import FaultKind, ParsedReply, ReplyFault, parse_reply
from psg.rules.editions import get_edition
from psg.stages import Stage

RULES = get_edition().rule_ids
BODY = '{"reasoning_text": "Spindle in C4.", "applicable_rules": ["N2.1"], "sleep_stage": "N2"}'
GOOD = ParsedReply(Stage.N2, ("N2.1",), "Spindle in C4.")


def parse(text: str) -> ParsedReply | ReplyFault:
    return parse_reply(text, rule_ids=RULES)


def parsed(text: str) -> ParsedReply:
    reply = parse(text)
    assert isinstance(reply, ParsedReply), reply
    return reply


def fault(text: str) -> FaultKind:
    reply = parse(text)
    assert isinstance(reply, ReplyFault), reply
    assert reply.detail
    return reply.kind


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"```json\n{BODY}\n```",
        f"```\n{BODY}\n```",
        f"```JSON {BODY}```",
        f"```json\n{BODY}",
        f"Here is my scoring of the epoch:\n```json\n{BODY}\n```\nI hope this helps {{smile}}.",
        f"The answer is {BODY} as asked.",
        f"I looked at {{F4, C4}} first. {BODY}",
        BODY.replace(", ", ",\n  "),
        BODY.replace("sleep_stage", " Sleep_Stage "),
        "\ufeff" + BODY,
    ],
)
def test_a_good_reply_is_read_with_or_without_fence_and_words_around_it(text):
    assert parsed(text) == GOOD


def test_key_order_does_not_matter():
    reply = parsed('{"sleep_stage": "R", "applicable_rules": ["R.1"], "reasoning_text": "REMs."}')
    assert (reply.stage, reply.rules, reply.rationale) == (Stage.R, ("R.1",), "REMs.")


def test_a_thought_object_before_the_answer_is_passed_over():
    assert parsed('{"thought": "which?"}\n' + BODY) == GOOD


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (BODY.replace('"', "“", 1).replace('":', "”:", 1), "straight"),
        (BODY.replace('"', "”"), "straight"),
        (BODY.replace('"', "'"), "straight"),
        (BODY.replace('"]', '",]').replace('"}', '",\n}'), "trailing comma"),
        (BODY.replace("}", "]}"), "bracket"),
    ],
)
def test_broken_json_is_mended_and_says_so(text, note):
    reply = parsed(text)
    assert (reply.stage, reply.rules, reply.rationale) == (Stage.N2, ("N2.1",), "Spindle in C4.")
    assert any(note in texts for texts in reply.notes)


def test_unescaped_quotes_inside_the_rationale_are_kept_as_text():
    reply = parsed(BODY.replace("Spindle in", 'A "clear" spindle in'))
    assert reply.rationale == 'A "clear" spindle in C4.'


def test_smart_quotes_and_apostrophes_inside_the_rationale_stay_as_they_are():
    reply = parsed(BODY.replace("Spindle in C4.", "The sleeper’s “sawtooth” isn't here."))
    assert reply.rationale == "The sleeper’s “sawtooth” isn't here."
    assert reply.notes == ()


def test_a_line_break_inside_the_rationale_is_kept():
    assert parsed(BODY.replace("in C4", "in\nC4")).rationale == "Spindle in\nC4."


def test_escapes_survive_mending():
    text = BODY.replace("Spindle in C4.", r"75 \u00b5V \"high\"").replace('"]', '",]')
    assert parsed(text).rationale == '75 µV "high"'


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ('"N2.1"', ("N2.1",)),
        ('"N2.1, N2.2"', ("N2.1", "N2.2")),
        ('"Rules N2.1 and N2.2 apply"', ("N2.1", "N2.2")),
        ('["n2.1", " N2.2 "]', ("N2.1", "N2.2")),
        ('["N2.1", "N2.1"]', ("N2.1",)),
        ('["Rule N2.1"]', ("N2.1",)),
        ('["AASM rule n2.1: spindle", "W.1 and W.2"]', ("N2.1", "W.1", "W.2")),
        ('[{"rule": "N2.1"}]', ("N2.1",)),
    ],
)
def test_rules_are_read_from_a_list_or_from_text(written, rules):
    assert parsed(BODY.replace('["N2.1"]', written)).rules == rules


def test_unknown_rules_are_left_out_and_named():
    reply = parsed(BODY.replace('["N2.1"]', '["N2.1", "N2.9", "X"]'))
    assert reply.rules == ("N2.1",)
    assert any("N2.9, X" in note for note in reply.notes)
    assert reply.unknown_rules == ("N2.9", "X")


@pytest.mark.parametrize("written", ['["Rule N2.9"]', '"Rule N2.9"', '["N2.9", "n2.9", "none"]'])
def test_an_unknown_rule_reads_in_a_list_as_in_a_string(written):
    assert parsed(BODY.replace('["N2.1"]', written)).unknown_rules == ("N2.9",)


@pytest.mark.parametrize("written", ['["none"]', '"N/A"', "[null]", '[" "]'])
def test_words_for_no_rule_are_no_invented_rule(written):
    reply = parsed(BODY.replace('["N2.1"]', written))
    assert (reply.rules, reply.unknown_rules) == ((), ())


@pytest.mark.parametrize("written", ["null", "[]", "{}", "3", '""', '["N9.9"]'])
def test_a_reply_without_usable_rules_keeps_its_stage_and_says_so(written):
    reply = parsed(BODY.replace('["N2.1"]', written))
    assert reply.stage is Stage.N2
    assert reply.rules == ()
    assert "no rules" in reply.notes


@pytest.mark.parametrize("written", ["null", '"  "', "7", '["a"]'])
def test_a_reply_without_a_rationale_keeps_its_stage_and_says_so(written):
    reply = parsed(BODY.replace('"Spindle in C4."', written))
    assert (reply.stage, reply.rationale) == (Stage.N2, "")
    assert "no rationale" in reply.notes


def test_a_coarse_reply_has_no_rationale_key():
    reply = parsed('```json\n{"applicable_rules": ["W.1"], "sleep_stage": "W"}\n```')
    assert (reply.stage, reply.rules, reply.rationale) == (Stage.W, ("W.1",), "")


@pytest.mark.parametrize(
    ("written", "stage"),
    [("W", Stage.W), ("wake", Stage.W), (" n1 ", Stage.N1), ("Stage N3", Stage.N3), ("REM", "R")],
)
def test_stage_names_of_the_field_are_known(written, stage):
    assert parsed(BODY.replace('"N2"', json.dumps(written))).stage == stage


@pytest.mark.parametrize(
    "written", ['"N5"', '"?"', '""', "null", "2", '"2"', '"4"', '["N2"]', "{}"]
)
def test_an_unknown_stage_is_never_guessed(written):
    assert fault(BODY.replace('"N2"', written)) is FaultKind.UNKNOWN_STAGE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", FaultKind.EMPTY),
        (" \n ", FaultKind.EMPTY),
        ("N2, because of the spindle.", FaultKind.NO_JSON),
        ("[1, 2]", FaultKind.NO_JSON),
        ("<html><body>502 Bad Gateway</body></html>", FaultKind.NO_JSON),
        ('{"stage": "N2"}', FaultKind.NO_STAGE),
        ("{}", FaultKind.NO_STAGE),
        ("{sleep stage is N2}", FaultKind.BAD_JSON),
        ("x" * 60_000, FaultKind.TOO_LONG),
    ],
)
def test_an_unusable_reply_gives_its_reason(text, kind):
    assert fault(text) is kind


@pytest.mark.parametrize("length", range(12, BODY.index('N2"}') + 2))
def test_a_reply_cut_off_before_its_stage_is_closed_is_never_read(length):
    assert fault("```json\n" + BODY[:length]) in {FaultKind.CUT_OFF, FaultKind.NO_STAGE}


def test_a_reply_cut_off_right_after_its_stage_is_read_and_says_so():
    reply = parsed(BODY[:-1])
    assert reply.stage is Stage.N2
    assert any("cut off" in note for note in reply.notes)


def test_a_null_byte_never_reaches_the_rationale():
    assert parsed(BODY.replace("Spindle", "Spindle\\u0000")).rationale == "Spindle in C4."


@pytest.mark.long
@given(st.text(max_size=300))
def test_no_text_makes_the_parser_fail(text):
    assert isinstance(parse(text), ParsedReply | ReplyFault)


@given(st.text(alphabet="{}[]\",:“”'\\ \nsleep_tagN2.1", max_size=200))
def test_no_near_json_makes_the_parser_fail(text):
    assert isinstance(parse('{"sleep_stage": ' + text), ParsedReply | ReplyFault)


def test_deep_nesting_is_refused_and_does_no_harm():
    assert fault('{"a":' * 9_000) in {FaultKind.CUT_OFF, FaultKind.BAD_JSON}
