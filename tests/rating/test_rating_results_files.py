"""Numbers to take away: the same in csv and JSON, safe in a spreadsheet, and blind."""

import csv
import io
import json

import pytest

from annotations.rating.downloads import results_json, write_items, write_results
from annotations.rating.lifecycle import unblind
from annotations.rating.results import results_of
from tests.helpers.rated_studies import finished_study

pytestmark = pytest.mark.django_db

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def closed(study, member):
    made = finished_study(study=study, member=member, arms={FORMULA: 0.0, "Two": 0.2})
    rater = made.panel.first().rater
    rater.name = FORMULA
    rater.save()
    return made


@pytest.fixture
def opened(closed, lead):
    return unblind(rating_study=closed, user=lead, reason="All is rated.")


def rows_of(write, what):
    file = io.StringIO(newline="")
    write(file, what)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def test_csv_and_json_hold_the_same_numbers(opened):
    results = results_of(opened)
    told = json.loads(json.dumps(results_json(results), allow_nan=False))["results"]
    written = rows_of(write_results, results)
    assert len(told) == len(written) > 200
    assert [row["measure"] for row in told] == [row["measure"] for row in written]
    assert [row["value"] for row in told if row["value"] is not None] == [
        float(row["value"]) for row in written if row["value"]
    ]
    assert {row["part"] for row in told} == {"scores", "agreement", "repeats", "raters", "arms"}


def test_names_that_would_run_as_formulas_are_turned_into_text(opened):
    results = results_of(opened)
    for rows in (rows_of(write_results, results), rows_of(write_items, results.table)):
        cells = [cell for row in rows for cell in row.values()]
        assert f"'{FORMULA}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_items_have_their_origin_only_once_sources_are_shown(closed, lead):
    blind = rows_of(write_items, results_of(closed).table)
    assert len(blind) == closed.items.count()
    assert not {"arm", "reference_stage", "recording", "epoch"} & set(blind[0])
    unblind(rating_study=closed, user=lead, reason="All is rated.")
    closed.refresh_from_db()
    shown = rows_of(write_items, results_of(closed).table)
    assert {row["arm"] for row in shown} == {f"'{FORMULA}", "Two"}
    assert shown[0]["recording"].startswith("Hidden-night")
    mean = float(shown[0]["factual_accuracy_mean"])
    assert 1 <= mean <= 5


def test_the_json_says_how_the_numbers_came_about_and_what_was_published(opened):
    told = results_json(results_of(opened))
    assert told["method"]["replicates"] == 1000
    assert told["method"]["runs_narrow"] is True
    assert [claim["version"] for claim in told["published"]["claims"]] == ["v3", "v1-v2"]
    assert told["counts"]["cannot_judge"] > 0
    assert told["methods_text"]
