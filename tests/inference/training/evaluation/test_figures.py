"""Figures against scikit-learn, with what could not be read told apart."""

import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from inference.training.evaluation.counting import count_night, rule_sums, stage_sums
from inference.training.evaluation.estimating import by_subject
from inference.training.evaluation.figures import (
    ReaderTotals,
    majority_sums,
    rule_figures,
    stage_figures,
)
from inference.training.evaluation.results import ReaderResult
from psg.claims import measure_night
from psg.stages import Stage
from tests.helpers.evaluated_nights import EDITION, answers, reference, reply

W, N1, N2, N3, R = Stage
EXPERT = [W, W, N1, N2, N2, N3, None, N2, R, R]
MODEL = ["W", "N1", "N1", "N2", "?", "N2", "N3", "N2", "R", "N1"]
BOTH = [0, 1, 2, 3, 5, 7, 8, 9]
SAID = answers({epoch: reply(stage) for epoch, stage in enumerate(MODEL)}, len(MODEL))


def test_kappa_and_f1_are_those_of_scikit_learn_and_unread_replies_are_an_answer_of_their_own():
    outcome = stage_figures([stage_sums(reference(EXPERT), SAID)])
    expert, model = [EXPERT[e].value for e in BOTH], [MODEL[e] for e in BOTH]
    assert outcome.kappa == pytest.approx(cohen_kappa_score(expert, model), abs=1e-4)
    assert outcome.macro_f1 == pytest.approx(f1_score(expert, model, average="macro"), abs=1e-4)
    options = [e for e, stage in enumerate(EXPERT) if stage is not None]
    expert, model = [EXPERT[e].value for e in options], [MODEL[e] for e in options]
    assert outcome.kappa_with_unparsed == pytest.approx(cohen_kappa_score(expert, model), abs=1e-4)
    assert outcome.unparsed == pytest.approx(1 / 9, abs=1e-4)
    assert outcome.epochs == 9
    assert outcome.stages["R"].as_json() == {
        "epochs": 2,
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.6667,
    }
    assert outcome.confusion[2] == (0, 0, 2, 0, 0, 1)


def test_epochs_beside_a_change_of_the_reference_are_told_apart():
    both = stage_figures([stage_sums(reference(EXPERT), SAID)]).transitions
    assert both.beside_a_change.epochs + both.elsewhere.epochs == 9
    assert both.beside_a_change.epochs == 7  # 1 and 2, 2 and 3, 4 and 5, 7 and 8


def test_epochs_that_were_not_asked_for_are_not_judged():
    few = answers({0: reply("W"), 3: reply("N1")}, len(EXPERT))
    outcome = stage_figures([stage_sums(reference(EXPERT), few)])
    assert (outcome.epochs, outcome.accuracy, outcome.unparsed) == (2, 0.5, 0.0)


def test_rules_of_both_empty_are_counted_apart_and_an_unread_reply_cites_none():
    rules = [("W.1",), (), ("N2.1", "N2.2"), ("N2.1",)]
    written = {0: reply("W", ["W.1"]), 1: reply("W"), 2: reply("N2", ["N2.1"]), 3: "nothing"}
    outcome = rule_figures(
        [rule_sums(reference([W, W, N2, N2], rules=rules), answers(written, 4), EDITION)]
    )
    assert outcome.rule_iou == pytest.approx((1 + 1 / 2) / 2)
    assert outcome.rule_iou_with_unparsed == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert outcome.rules is not None
    assert outcome.rules.as_json() == {
        "pairs_citing": 2,
        "pairs_empty": 1,
        "iou_with_empty_as_1": pytest.approx(2.5 / 3, abs=1e-4),
    }


def test_a_reference_without_rules_has_no_rule_iou():
    outcome = rule_figures(
        [rule_sums(reference([W]), answers({0: reply("W", ["W.1"])}, 1), EDITION)]
    )
    assert outcome.rule_iou is None


def test_the_commonest_stage_has_no_kappa_to_show_for_it():
    outcome = stage_figures(majority_sums([stage_sums(reference(EXPERT), SAID)]))
    assert (outcome.kappa, outcome.accuracy) == (0.0, pytest.approx(3 / 9, abs=1e-4))


def evaluated(subjects: list[str]) -> ReaderResult:
    totals = ReaderTotals()
    for number, subject in enumerate(subjects):
        night = reference(EXPERT, subject=subject)
        written = answers({e: reply(MODEL[e - number]) for e in range(1, 10)}, 10)
        measured = measure_night(night.night.signals)
        totals.add(count_night(night, written, measured, edition=EDITION, gives_words=True))
    return totals.result()


def test_intervals_are_drawn_over_subjects_and_nights_of_one_are_added_up():
    two_nights = evaluated(["S1", "S1"])
    assert two_nights.subjects == 1
    assert two_nights.interval_of("kappa") == (None, None)
    three = evaluated(["S1", "S2", "S3"])
    low, high = three.interval_of("kappa")
    assert three.subjects == 3
    assert low <= three.kappa <= high
    assert low < high


def test_nights_of_a_subject_add_up():
    each = stage_sums(reference(EXPERT), SAID)
    assert by_subject([("S1", each), ("S1", each)])[0].all.sum() == 2 * each.all.sum()


def test_invented_rules_count_as_cited_in_the_overlap_as_in_the_published_script():
    """Two of ten citations are of no rule: per epoch shared ids over all ids, by sets."""
    expert = [("N2.1",)] * 5
    said = [["N2.1"], ["N2.1", "N2.9"], ["N7.7"], ["Rule N2.1"], ["N2.1", "W.1", "Q1.1"]]
    published = [
        len({"N2.1"} & ids) / len({"N2.1"} | ids)
        for ids in ({"N2.1"}, {"N2.1", "N2.9"}, {"N7.7"}, {"N2.1"}, {"N2.1", "W.1", "Q1.1"})
    ]
    written = answers({n: reply("N2", ids) for n, ids in enumerate(said)}, 5)
    outcome = rule_figures([rule_sums(reference([N2] * 5, rules=expert), written, EDITION)])
    assert outcome.rule_iou == pytest.approx(sum(published) / 5, abs=1e-4)


@pytest.mark.parametrize("invented", [["N2.9"], ["spindle"], ["N7.7", "Q1.1"]])
def test_a_reply_of_invented_rules_alone_cites_where_the_reference_cites_none(invented):
    night = reference([N2, W], rules=[(), ("W.1",)])
    written = answers({0: reply("N2", invented), 1: reply("W", ["W.1"])}, 2)
    outcome = rule_figures([rule_sums(night, written, EDITION)])
    assert outcome.rule_iou == pytest.approx(0.5)
    assert outcome.rules.pairs_empty == 0


def test_stages_are_figured_like_the_headline_without_and_with_unread_replies():
    outcome = stage_figures([stage_sums(reference(EXPERT), SAID)])
    for every, mean in (
        (outcome.stages, outcome.macro_f1),
        (outcome.stages_with_unparsed, outcome.macro_f1_with_unparsed),
    ):
        assert sum(stage.f1 for stage in every.values()) / 5 == pytest.approx(mean, abs=1e-4)
    plain, strict = outcome.stages["N2"], outcome.stages_with_unparsed["N2"]
    assert (plain.recall, strict.recall) == (1.0, 0.6667)
    assert (plain.epochs, plain.precision) == (strict.epochs, strict.precision)
    beside = outcome.transitions.beside_a_change
    assert beside.accuracy_with_unparsed < beside.accuracy
