"""The effect of suggestions, counted from the log of a few epochs that can be counted by hand."""

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from annotations.agreement.doubtful import doubtful_nights
from annotations.agreement.sheet import sheet_of
from annotations.assistance.models import SentSuggestion
from annotations.assistance.rates import TimeResult
from annotations.assistance.report import assistance_report, reference_of
from annotations.assistance.suggestions import send_suggestions
from annotations.scoring.models import EpochScore, Scorer, Scoring
from annotations.scoring.scorings import close_scoring
from studies.models import Mode
from tests.helpers.helped_scorings import given_scoring, revealed_scoring, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(labels_only, annotator):
    return lambda mode: given_scoring(labels_only, annotator, mode)


@pytest.fixture
def revealed(labels_only, annotator) -> Scoring:
    return revealed_scoring(labels_only, annotator)


def test_reading_an_archived_study_shows_no_suggestion_that_was_not_shown_before(
    client_of, given, annotator
):
    scoring = given(Mode.ASSISTED)
    sent = send_suggestions(scoring=scoring, epochs=range(2))
    scoring.study.archived_at = timezone.now()
    scoring.study.save()
    address = f"/api/v1/scorings/{scoring.pk}/suggestions/"
    client = client_of(annotator)
    shown = client.get(f"{address}?first=0&count=10").json()["suggestions"]
    stages = client.get(f"{address}stages/").json()["stages"]
    assert [row["epoch"] for row in shown] == [epoch for epoch, _ in stages] == [0, 1]
    assert SentSuggestion.objects.count() == len(sent) == 2


def report(by: str = "Truth"):
    sheet = sheet_of(Scoring.objects.all())
    keys = {column.label: column.key for column in sheet.columns}
    return assistance_report(Scoring.objects.all(), sheet, reference_of(sheet, keys.get(by, "")))


def counts(rates) -> dict[str, tuple[int, int]]:
    return {name: (rate.count, rate.of) for name, rate in rates.items()}


def test_switches_are_counted_apart_for_right_and_wrong_suggestions(revealed):
    effect = report()
    reveal = effect.modes[0]
    # Left: epoch 0 was not locked, 8 had no advice; 9 has no reference.
    assert effect.left_out == {
        "not_locked": 1,
        "suggestion_never_sent": 1,
        "without_stage": 0,
    }
    assert (effect.answers, effect.without_reference) == (8, 1)
    assert counts(reveal.rates) == {
        "switched": (4, 7),
        "switched_to_right": (2, 3),
        "switched_to_wrong": (2, 4),
        "led_astray": (1, 3),
        "switched_elsewhere": (1, 7),
        "accepted_wrong": (2, 4),
        "said_the_same_wrong_before": (0, 4),
        "right_before": (3, 7),
        "right_after": (3, 7),
    }
    assert reveal.scorers[0].rates == reveal.rates
    assert reveal.rates["switched"].low is None  # one night has no interval


def test_words_and_time_are_told_before_and_after(revealed):
    reveal = report().modes[0]
    assert reveal.edits.compared == 8
    assert reveal.edits.unchanged == 3
    assert reveal.edits.median == pytest.approx(0.25)
    assert reveal.times["before_reveal"] == TimeResult(4.0, 8)
    assert reveal.times["after_reveal_different"] == TimeResult(1.0, 5)
    assert reveal.times["after_reveal_alike"] == TimeResult(None, 0)
    assert reveal.times["same_people_blind"] == TimeResult(None, 0)


def test_of_assisted_answers_no_switch_is_told_only_what_was_followed(given):
    scoring = given(Mode.ASSISTED)
    write(scoring, 0, "W")  # before anything was sent
    send_suggestions(scoring=scoring, epochs=range(1, 5))
    write(scoring, 1, "N1", "Advice-1", shown={"took": "suggestion"}, active_ms=2000)
    write(scoring, 2, "N1")
    write(scoring, 3, "N2")
    close_scoring(scoring=scoring)
    effect = report()
    assisted = effect.modes[1]
    assert counts(assisted.rates) == {
        "followed": (2, 3),
        "taken_by_key": (1, 3),
        "accepted_wrong": (1, 2),
        "refused_right": (0, 1),
        "right_after": (2, 3),
    }
    assert effect.left_out["suggestion_never_sent"] == 1
    assert assisted.edits.compared == assisted.edits.unchanged == 1
    assert any("no answer before the suggestion" in note for note in effect.notes)


def test_nobody_is_judged_by_themselves_and_without_reference_nothing_is_right(revealed):
    own = report(by=f"{revealed.scorer.label} (reveal)")
    assert own.without_reference == own.answers == 8
    nobody = report(by="")
    assert nobody.reference is None
    assert nobody.modes[0].rates["switched"].of == 7
    assert nobody.modes[0].rates["switched_to_wrong"].value is None
    assert any("No reference" in note for note in nobody.notes)


def test_the_command_tells_what_the_page_tells(revealed, study, capsys):
    call_command("assistance", "--study", study.slug, "--reference", "Truth", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"study": study.slug, **json.loads(json.dumps(report().as_json()))}


def test_nights_are_ordered_by_doubt(labels_only, by_model, imported, study, capsys):
    sure = by_model(["W"] * 4, label="sure")
    for epoch, share in enumerate([0.9, 0.4, 0.8]):
        EpochScore.objects.filter(scoring=sure, epoch=epoch).update(
            probabilities={"W": share, "N1": 1 - share}
        )
    imported("Anna", ["W", "W", "N2", "N2"])
    (night,) = doubtful_nights(
        sheet_of(Scoring.objects.exclude(scorer__kind=Scorer.Kind.CONSENSUS))
    )
    assert night.uncertainty == pytest.approx(1 - (0.9 + 0.4 + 0.8) / 3)
    assert (night.unsure_epochs, night.epochs_with_probability) == (1, 3)
    assert (night.differing_epochs, night.compared_epochs) == (2, 4)
    call_command("doubtful_nights", "--study", study.slug, "--order", "disagreement", "--json")
    (row,) = json.loads(capsys.readouterr().out)["nights"]
    assert row["disagreement"] == 0.5
