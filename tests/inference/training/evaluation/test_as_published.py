"""Figures as the published script counts them, from its files and from a run."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from inference.training import evaluate as evaluation
from inference.training.evaluation.as_published import evaluate_results
from tests.helpers.published_results import STAGES, published_line, write_results


def _lines(seed: int = 1, count: int = 300) -> list[dict[str, object]]:
    rng = np.random.default_rng(seed)
    rules = ["W.1", "N1.1", "N2.1", "N3.1"]
    lines = []
    for number in range(1, count + 1):
        stage = str(rng.choice(STAGES))
        pred = (
            None if rng.random() < 0.1 else stage if rng.random() < 0.6 else str(rng.choice(STAGES))
        )
        cited, known = (
            [str(rule) for rule in rng.choice(rules, rng.integers(0, 3), replace=False)]
            for _ in range(2)
        )
        subject = f"01-03-000{1 + number % 3}"
        lines.append(
            published_line(
                number,
                stage,
                pred,
                subject=subject,
                rules=cited if pred else [],
                reference_rules=known,
            )
        )
    return lines


def test_figures_of_a_file_are_those_of_scikit_learn_without_unread_replies(tmp_path):
    lines = _lines()
    figures = evaluate_results(write_results(tmp_path / "results.jsonl", lines)).as_published
    read = [line for line in lines if line["pred_stage"]]
    true, given = ([line[name] for line in read] for name in ("stage", "pred_stage"))
    assert figures.accuracy == pytest.approx(accuracy_score(true, given), abs=1e-4)
    assert figures.kappa == pytest.approx(cohen_kappa_score(true, given), abs=1e-4)
    assert figures.macro_f1 == pytest.approx(f1_score(true, given, average="macro"), abs=1e-4)
    assert figures.rule_iou == pytest.approx(
        np.mean([line["rules_iou"] for line in read]), abs=1e-4
    )
    assert (figures.epochs, figures.unparsed) == (len(read), len(lines) - len(read))
    assert figures.pairs_empty == sum(
        not line["applicable_rules"] and not line["gt_applicable_rules"] for line in read
    )


def test_ours_stand_beside_them_with_unread_replies_and_without_empty_pairs(tmp_path):
    lines = _lines()
    result = evaluate_results(write_results(tmp_path / "results.jsonl", lines))
    assert result.subjects == 3
    assert result.kappa == result.as_published.kappa
    assert result.kappa_with_unparsed < result.kappa
    assert result.rules.iou_with_empty_as_1 == result.as_published.rule_iou
    assert result.rule_iou < result.as_published.rule_iou
    assert result.rule_iou_with_unparsed < result.rule_iou


def test_replies_that_only_one_side_can_read_are_counted(tmp_path):
    lines = [
        published_line(1, "N2", "N2"),
        published_line(2, "N2", "N2", output="Stage N2, clearly."),
        published_line(3, "N2", "N2", parse_error=True),
        published_line(4, "N2", "N2", rules_iou=0.25),
    ]
    result = evaluate_results(write_results(tmp_path / "results.jsonl", lines))
    differences = result.differences
    assert (differences.read_only_there, differences.read_only_here) == (1, 1)
    assert differences.other_rule_iou == 1
    assert (result.as_published.unparsed, result.faults) == (1, {"no_json": 1})


def test_the_command_prints_a_file_as_a_table_and_as_json(tmp_path: Path, capsys):
    path = write_results(tmp_path / "results.jsonl", _lines(count=40))
    assert evaluation.main(["--results", str(path), "--as-published"]) == 0
    printed = capsys.readouterr().out
    assert "as published" in printed
    assert "rule IoU" in printed
    assert evaluation.main(["--results", str(path), "--json"]) == 0
    assert "kappa" in json.loads(capsys.readouterr().out)["as_published"]
    path.write_text("{")
    assert evaluation.main(["--results", str(path)]) == 1
    assert "line 1" in capsys.readouterr().err


def test_a_run_leaves_out_the_first_and_the_last_labelled_epoch(tmp_path: Path, capsys):
    options = ["--bundle", "rules", "--simulated", "--nights", "1", "--hours", "0.5"]
    options += ["--baselines", "--cache", str(tmp_path), "--as-published"]
    assert evaluation.main([*options, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    figures = result["as_published"]
    assert figures["edges"] == 2
    assert figures["epochs"] + figures["unparsed"] + 2 == result["epochs"]
    assert evaluation.main(options) == 0
    assert "2 first and last epochs" in capsys.readouterr().out
