"""Files of predictions of the published project: read completely, or refused by line."""

import json
import math
from pathlib import Path

import pytest

from inference.parsing import results
from inference.parsing.results import PublishedResult, ResultsFileError, read_results
from psg.rules.editions import get_edition
from tests.helpers.published_results import published_line, write_results

LINE = published_line(1, "N2", "N2", rules=["N2.1"], reference_rules=["N2.1"])
OTHER = published_line(2, "N2", "N3")


def read(path: Path) -> list[PublishedResult]:
    return read_results(path, rule_ids=get_edition().rule_ids)


def refusal(path: Path) -> str:
    with pytest.raises(ResultsFileError) as refused:
        read(path)
    assert refused.value.where == path.name
    return refused.value.what


def test_a_line_gives_epoch_reference_reply_and_both_readings(tmp_path):
    unread = published_line(2, "W", None, reference_rules=["W.1"])
    first, second = read(write_results(tmp_path / "results.jsonl", [LINE, unread]))
    assert (first.subject, first.number, first.stage, first.line) == ("01-03-0001", 1, "N2", 1)
    assert (first.there, first.stage_here) == ("N2", "N2")
    assert first.rules == first.reference_rules == ("N2.1",)
    assert (second.there, second.stage_here, second.output) == (None, None, "I cannot tell.")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({**OTHER, "custom_id": "01-03-0001#7_N2"}, "of different epochs"),
        ({**OTHER, "sub_id": "01-03-0002"}, "of different epochs"),
        ({**OTHER, "stage": "W"}, "stage and the name of the image have different stages"),
        ({**OTHER, "pred_stage": "R"}, "pred_stage is another stage than that of output"),
        ({**OTHER, "pred_stage": "deep"}, "pred_stage has no stage"),
        ({**OTHER, "image_paths": "2_N2.png"}, "not a list of three names"),
        ({**OTHER, "image_paths": ["a", "0002.png", "b"]}, "no name such as 12_N2.png"),
        ({**OTHER, "output": 3}, "output is not a text"),
        ({**OTHER, "applicable_rules": [1]}, "applicable_rules is not a list of texts"),
        ({**OTHER, "rules_iou": "all"}, "rules_iou is not a number"),
        ({"custom_id": "01-03-0001#2_N2"}, "The line has no sub_id, image_paths, stage"),
        ({**OTHER, "rules_iou": math.inf}, "not complete JSON"),
        (LINE, "The epoch is also on line 1"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused_with_its_number(tmp_path, line, why):
    what = refusal(write_results(tmp_path / "results.jsonl", [LINE, line]))
    assert why in what
    assert "(line 2)" in what


def test_the_same_problem_is_named_once_with_all_of_its_lines(tmp_path):
    lines = [{**OTHER, "pred_stage": "R"}] * 12
    what = refusal(write_results(tmp_path / "results.jsonl", [LINE, *lines]))
    assert "lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more" in what


def test_missing_values_written_as_nan_are_missing(tmp_path):
    line = published_line(
        1, "N2", None, output=math.nan, pred_stage=math.nan, rules_iou=math.nan, parse_error=True
    )
    (result,) = read(write_results(tmp_path / "results.jsonl", [line]))
    assert (result.output, result.there, result.rules_iou) == ("", None, None)


def test_rules_may_be_written_as_a_text(tmp_path):
    line = {**LINE, "applicable_rules": "N2.1, N2.2", "gt_applicable_rules": ""}
    (result,) = read(write_results(tmp_path / "results.jsonl", [line]))
    assert (result.rules, result.reference_rules) == (("N2.1", "N2.2"), ())


def test_a_last_line_that_is_cut_off_is_refused(tmp_path):
    path = write_results(tmp_path / "results.jsonl", [LINE, OTHER], end="")
    path.write_bytes(path.read_bytes()[:-40])
    assert "The line is not complete JSON; the file seems to be cut off (line 2)" in refusal(path)


def test_a_huge_line_is_skipped_without_reading_it_and_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "LONGEST_LINE_BYTES", 2000)
    path = write_results(tmp_path / "results.jsonl", [LINE, {**OTHER, "output": "x" * 9000}, LINE])
    what = refusal(path)
    assert "longer than 2,000 bytes (line 2)" in what
    assert "also on line 1 (line 3)" in what


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"[]\n", b"null\n", b"{}\n"]
)
def test_what_is_no_prediction_is_refused(tmp_path, content):
    path = tmp_path / "results.jsonl"
    path.write_bytes(json.dumps(LINE).encode() + b"\n" + content)
    assert "(line 2)" in refusal(path)


def test_an_empty_file_is_refused(tmp_path):
    assert "no predictions" in refusal(write_results(tmp_path / "results.jsonl", []))
