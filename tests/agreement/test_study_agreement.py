"""Agreement over the nights of a study: real scorings, and never a stale number."""

import json

import krippendorff
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from sklearn.metrics import cohen_kappa_score, f1_score

from annotations.agreement.report import agreement_report
from annotations.agreement.results import wanted_pair, wanted_report
from annotations.agreement.scope import Scope, outline_of
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.exchange.scoring_files import import_contents
from annotations.saving import Save
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochScore, Scoring
from annotations.scoring.scores import ScoreContent, Why, add_scores, score_epoch
from annotations.scoring.scorings import close_scoring, reopen_scoring
from psg.agreement.coverage import simulated_coverage
from recordings.models import Recording, Subject
from studies.models import Mode, Study

pytestmark = pytest.mark.django_db

NIGHT = ["W", "W", "N1", "N2", "N2", "N3", "N3", "N2", "R", "R"]


def told(capsys, *args):
    capsys.readouterr()
    call_command("agreement", *args, "--json")
    return json.loads(capsys.readouterr().out)


def select():
    return Scope(Study.objects.get(), None, Scoring.objects.all()).select()


def report():
    return wanted_report(select()).found_or_made()


@pytest.mark.real_data
def test_real_scorings_brought_in_as_files_agree_as_the_libraries_say(study, real_data, capsys):
    names = sorted(path.stem for path in (real_data / "dod-h" / "scorer_1").glob("*.json"))[:2]
    scorers = [f"scorer_{number}" for number in range(1, 5)]
    files = [[real_data / "dod-h" / one / f"{name}.json" for one in scorers] for name in names]
    for path in (path for night in files for path in night):
        where = {"study": study.slug, "recording": path.stem, "scorer": path.parent.name}
        call_command("import_scoring", path, **where, codes="yasa")
    answer = told(capsys, "--study", study.slug)
    nights = [np.array([json.loads(path.read_text()) for path in night]).T for night in files]
    epochs = np.concatenate(nights)
    assert answer["recordings"] == answer["intervals"]["recordings"] == 2
    assert answer["intervals"]["runs_narrow"]
    assert answer["intervals"]["simulated_coverage"] == simulated_coverage(2)["kappa"]
    data = np.where(epochs < 0, np.nan, epochs.astype(float)).T
    alpha = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    found = answer["measures"]["all"]["krippendorff_alpha"]
    assert found["value"] == pytest.approx(alpha)
    for pair in answer["pairs"]:
        a, b = (scorers.index(label) for label in pair["scorers"])
        both = epochs[(epochs[:, [a, b]] >= 0).all(axis=1)]
        assert pair["kappa"] == pytest.approx(cohen_kappa_score(both[:, a], both[:, b]))
    assert len(answer["pairs"]) == len(answer["sleep_statistics"]) == 6
    assert answer["rules"] is None

    judged = told(capsys, "--study", study.slug, "--scorer", "scorer_1", "--against", "scorer_2")
    both = epochs[(epochs[:, :2] >= 0).all(axis=1)]
    assert judged["measures"]["all"]["macro_f1"]["value"] == pytest.approx(
        f1_score(both[:, 1], both[:, 0], average="macro")
    )
    asleep = next(row for row in judged["sleep_statistics"] if row["name"] == "Total sleep time")
    minutes = [((n[:, 0] > 0).sum() - (n[:, 1] > 0).sum()) / 2 for n in nights]
    assert asleep["bias"]["value"] == pytest.approx(np.mean(minutes))
    reach = 1.96 * np.std(minutes, ddof=1)
    assert asleep["upper_limit"]["value"] == pytest.approx(np.mean(minutes) + reach)


def test_no_number_outlives_a_change_of_an_epoch(labels_only, annotator, imported):
    imported("Anna", NIGHT)
    own = assign(recording=labels_only, annotator=annotator, assigned_by=None)
    add_scores(
        scoring=own, contents=[(n, ScoreContent(s)) for n, s in enumerate(NIGHT)], why=Why.EDIT
    )
    close_scoring(scoring=own)
    assert report().pairs[0].agreement == 1.0
    assert report().pairs[0].agreement == 1.0
    score_epoch(
        scoring=reopen_scoring(scoring=own),
        epoch=0,
        content=ScoreContent("N1"),
        save=Save(user=annotator, seen_version=1),
    )
    close_scoring(scoring=own)
    changed = report()
    assert changed.pairs[0].agreement == 0.9
    imported("Cleo", NIGHT)
    assert len(report().pairs) == 3
    Scoring.objects.filter(pk=own.pk).update(lights_off_s=60.0)
    biases = [row.bias.value for row in report().sleep_statistics[0].statistics]
    before = [row.bias.value for row in changed.sleep_statistics[0].statistics]
    assert biases != before


def test_nights_of_one_subject_are_drawn_together(study, labels_only):
    nights = [labels_only]
    for name in ("S2", "S3", "S4"):
        subject = Subject.objects.create(study=study, code=name)
        nights.append(
            Recording.objects.create(
                study=study, subject=subject, name=name, state="labels_only", epoch_count=10
            )
        )
    for wrong, night in enumerate(nights):
        for label, stages in (("Anna", NIGHT), ("Ben", ["N1"] * wrong + NIGHT[wrong:])):
            contents = [(n, ScoreContent(stage)) for n, stage in enumerate(stages)]
            import_contents(recording=night, scorer_label=label, contents=contents, provenance={})
    apart = report()
    Recording.objects.filter(name="S2").update(subject=labels_only.subject)
    Recording.objects.filter(name="S4").update(subject=nights[2].subject)
    together = report()
    assert [one.intervals.subjects for one in (apart, together)] == [4, 2]
    assert together.intervals.recordings == 4
    for of in (
        lambda one: one.measures["all"].agreement,
        lambda one: one.stages[0].specific_agreement,
        lambda one: one.sleep_statistics[0].statistics[2].bias,
    ):
        assert of(apart).value == of(together).value
        bounds = [(of(one).low, of(one).high) for one in (apart, together)]
        assert bounds[0] != bounds[1]
    assert apart.pairs[0].kappa_interval != together.pairs[0].kappa_interval


def test_what_was_read_once_is_not_read_again(imported, django_assert_num_queries):
    imported("Anna", NIGHT)
    imported("Ben", NIGHT)
    first = report()
    chosen = select()
    with django_assert_num_queries(3):  # columns, recordings, and what is left out
        assert wanted_report(chosen.scope.select()).found_or_made() == first


def test_cached_reports_equal_the_computed_ones(imported, settings):
    imported("Anna", NIGHT, rules=["W.1"])
    imported("Ben", ["W", "N1", *NIGHT[2:]], rules=["W.1"])
    chosen = select()

    def reports():
        wanted = wanted_report(chosen), wanted_pair(chosen, tuple(chosen.outline.columns))
        return tuple(one.found_or_made() for one in wanted)

    computed, cached = reports(), reports()
    assert cached == computed
    redis_url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1"
    assert reports() == computed
    settings.REDIS_URL = redis_url
    whole, pair = (report.as_json() for report in cached)
    assert whole["measures"]["all"]["agreement"]["value"] == 0.9
    assert pair["measures"]["all"]["accuracy"]["value"] == 0.9  # beside "tested", not below it
    assert pair["tested"]["label"] == "Anna"


def test_without_redis_the_numbers_are_worked_out_all_the_same(imported, settings):
    imported("Anna", NIGHT)
    imported("Ben", NIGHT)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    assert report().pairs[0].kappa == 1.0


def test_a_consensus_and_unfinished_scorings_are_not_counted_among_scorers(
    labels_only, imported, annotator, study
):
    imported("Anna", NIGHT)
    imported("Ben", NIGHT)
    open_one = assign(recording=labels_only, annotator=annotator, assigned_by=None)
    add_scores(scoring=open_one, contents=[(0, ScoreContent("R"))], why=Why.EDIT)
    sheet = sheet_of(Scoring.objects.all())
    assert [column.label for column in sheet.columns] == ["Anna", "Ben"]
    assert outline_of(Scoring.objects.all()).open_count == 1
    with_open = sheet_of(Scoring.objects.all(), with_open=True)
    assert len(compared_columns(with_open)) == 3
    Scoring.objects.filter(pk=open_one.pk).update(state=Scoring.State.WITHDRAWN)
    assert len(sheet_of(Scoring.objects.all(), with_open=True).columns) == 2


def test_people_are_compared_among_themselves_where_two_of_them_scored(imported, by_model):
    imported("Anna", NIGHT)
    by_model(NIGHT)
    both = sheet_of(Scoring.objects.all())
    assert [column.kind for column in compared_columns(both)] == ["import", "model"]
    imported("Ben", NIGHT)
    sheet = sheet_of(Scoring.objects.all())
    assert [column.label for column in compared_columns(sheet)] == ["Anna", "Ben"]
    named = [column.key for column in sheet.columns if column.label != "Ben"]
    assert [c.label for c in compared_columns(sheet, named)] == ["Anna", "tiny-model"]
    assert len(agreement_report(sheet, compared_columns(sheet)).pairs) == 3


def test_answers_given_with_suggestions_are_apart_from_those_given_unaided(
    labels_only, imported, annotator
):
    imported("Anna", NIGHT)
    source = imported("Ben", NIGHT)
    helped = assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=None,
        mode=Mode.ASSISTED,
        suggestion=source,
    )
    add_scores(scoring=helped, contents=[(0, ScoreContent("W"))], why=Why.EDIT)
    close_scoring(scoring=helped)
    sheet = sheet_of(Scoring.objects.all())
    assert [column.label for column in compared_columns(sheet)] == ["Anna", "Ben"]
    assert sheet.columns[-1].label == f"{helped.scorer.label} (assisted)"
    named = [column.key for column in sheet.columns]
    assert len(compared_columns(sheet, named)) == 3


def test_a_model_is_judged_with_and_without_replies_that_could_not_be_read(
    imported, by_model, capsys
):
    imported("Anna", NIGHT, rules=["W.1"])
    scoring = by_model(NIGHT)
    EpochScore.objects.filter(scoring=scoring, epoch=9).delete()
    answer = told(capsys, "--recording", "S1", "--scorer", "tiny-model", "--against", "Anna")
    whole = answer["measures"]["all"]
    assert (answer["epochs"], answer["not_staged"]) == (9, 1)
    assert (whole["accuracy"]["value"], whole["accuracy_unparsed_wrong"]["value"]) == (1.0, 0.9)
    assert whole["kappa"]["value"] == 1.0
    assert whole["kappa_unparsed_wrong"]["value"] < 1.0
    strict = f1_score(
        NIGHT, [*NIGHT[:9], "unread"], labels=["W", "N1", "N2", "N3", "R"], average="macro"
    )
    assert whole["macro_f1_unparsed_wrong"]["value"] == pytest.approx(strict)
    last = answer["stages"][4]
    assert (last["recall"]["value"], last["recall_unparsed_wrong"]["value"]) == (1.0, 0.5)
    assert last["f1_unparsed_wrong"]["value"] == pytest.approx(2 / 3)
    assert answer["confusion"][4] == [0, 0, 0, 0, 1, 1]
    assert answer["rules"] is None  # the model cites none


def test_an_unknown_scorer_is_told_with_those_there_are(imported):
    imported("Anna", NIGHT)
    imported("Ben", NIGHT)
    with pytest.raises(CommandError, match="There are: Anna, Ben"):
        call_command("agreement", "--recording", "S1", "--scorer", "Cleo", "--against", "Anna")
    with pytest.raises(CommandError, match="--recording NAME or --study SLUG"):
        call_command("agreement")
