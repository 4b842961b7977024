"""Agreement of many recordings: read in groups, and stored under a digest of what it shows."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.agreement import results, scope, sheet
from annotations.agreement.caching import forget_all
from annotations.agreement.models import AgreementWork
from annotations.agreement.report import AgreementReport, agreement_report
from annotations.agreement.results import Wanted, wanted_pair, wanted_report
from annotations.agreement.scope import outline_of, scope_for
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.agreement.work import REPORTS
from annotations.exchange.scoring_files import import_contents
from annotations.scoring.models import Scorer, Scoring
from annotations.scoring.scores import ScoreContent, Why, add_scores
from annotations.scoring.scorings import imported_scorer
from recordings.models import Recording, Subject
from studies.models import Role
from tests.helpers.early import assigned_early

pytestmark = pytest.mark.django_db

NIGHT = ["W", "W", "N1", "N2", "N2", "N3", "N3", "N2", "R", "R"]
SCORERS = ("Anna", "Ben", "Cleo", "Dora")


def add_nights(study, count: int) -> list[Recording]:
    """Nights by turns of three subjects; every scorer leaves some out, and two cite rules."""
    subjects = [Subject.objects.create(study=study, code=f"P{n}") for n in range(3)]
    nights = []
    for n in range(count):
        night = Recording.objects.create(
            study=study,
            subject=subjects[n % 3],
            night=1 + n // 3,
            name=f"N{n}",
            state="labels_only",
            epoch_count=10,
        )
        for k, label in enumerate(SCORERS):
            if (n + k) % 5 == 4:
                continue
            stages = [NIGHT[(epoch + (epoch * n * (k + 1)) % 3) % 10] for epoch in range(10)]
            rules = {2: [["N2.3", "R.1", "W.1"][(n + k) % 3]], 3: ["W.1"]}.get(k, [])
            scored = stages[: 10 - (k == 0)]  # Anna leaves the last epoch out
            contents = [(e, ScoreContent(s, rules=rules)) for e, s in enumerate(scored)]
            import_contents(recording=night, scorer_label=label, contents=contents, provenance={})
        nights.append(night)
    return nights


def report_on(study, columns: int) -> AgreementReport:
    whole = sheet_of(Scoring.objects.filter(recording__study=study))
    return agreement_report(whole, compared_columns(whole)[:columns])


@pytest.mark.parametrize("columns", [4, 2, 3])
def test_no_number_depends_on_how_many_nights_are_read_at_once(study, monkeypatch, columns):
    add_nights(study, 11)
    at_once = report_on(study, columns)
    assert at_once.rules is None if columns < 4 else at_once.rules
    assert at_once.intervals.subjects == 3
    assert at_once.measures["all"].fleiss_kappa.low is not None
    monkeypatch.setattr(sheet, "LARGE", 1)
    for nights in (1, 2, 4):
        monkeypatch.setattr(sheet, "NIGHTS_AT_ONCE", nights)
        assert report_on(study, columns).as_json() == at_once.as_json()


def test_memory_holds_the_epochs_of_a_group_of_nights_alone(study, monkeypatch):
    add_nights(study, 6)
    monkeypatch.setattr(sheet, "LARGE", 1)
    monkeypatch.setattr(sheet, "NIGHTS_AT_ONCE", 2)
    whole = sheet_of(Scoring.objects.all())
    done: list[int] = []
    agreement_report(whole, compared_columns(whole), on_nights=done.append)
    assert done == [2, 4, 6]
    assert not whole.read


@pytest.fixture
def nights(study) -> list[Recording]:
    return add_nights(study, 4)


def key_for(user, study, **choice) -> str:
    return wanted_report(scope_for(user, slug=study.slug).select(**choice)).key


def rename_scorer(scoring: Scoring) -> None:
    Scorer.objects.filter(pk=scoring.scorer_id).update(label="Zoe")


def score_again(scoring: Scoring) -> None:
    add_scores(scoring=scoring, contents=[(9, ScoreContent("R"))], why=Why.IMPORT)


def to_other_subject(scoring: Scoring) -> None:
    other = Subject.objects.create(study=scoring.study, code="other")
    Recording.objects.filter(pk=scoring.recording_id).update(subject=other)


def of_scoring(**values):
    return lambda scoring: Scoring.objects.filter(pk=scoring.pk).update(**values)


def of_recording(**values):
    return lambda scoring: Recording.objects.filter(pk=scoring.recording_id).update(**values)


CHANGES = {
    "an epoch": score_again,
    "lights of a scorer": of_scoring(lights_on_s=30.0),
    "a scoring is open again": of_scoring(state="open"),
    "a scoring becomes a copy": of_scoring(copied_kind="model"),
    "a second pass": of_scoring(pass_number=2),
    "label of a scorer": rename_scorer,
    "name of a recording": of_recording(name="renamed"),
    "lights of a recording": of_recording(lights_off_s=30.0),
    "start of the epochs": of_recording(epoch0_s=5.0),
    "number of epochs": of_recording(epoch_count=11),
    "subject of a recording": to_other_subject,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_key_changes_with_all_that_a_result_shows(lead, study, nights, change):
    before = key_for(lead, study)
    assert key_for(lead, study) == before
    change(nights[1].scorings.first())
    assert key_for(lead, study) != before


def test_the_key_names_the_compared_scorers_and_the_order_of_a_pair(lead, study, nights):
    chosen = scope_for(lead, slug=study.slug).select()
    first, second, *_ = chosen.outline.columns
    keys = {wanted_pair(chosen, pair).key for pair in [(first, second), (second, first)]}
    keys |= {key_for(lead, study), key_for(lead, study, scorers=[first.key, second.key])}
    assert len(keys) == 4


def test_people_who_see_different_scorings_never_share_a_result(lead, study, nights, member):
    viewer = member(study, Role.VIEWER)
    assert key_for(viewer, study) == key_for(lead, study)
    own = assigned_early(nights[0], lead, "blind", nights[0].scorings.first())
    assert key_for(viewer, study) != key_for(lead, study)
    of_lead = wanted_report(scope_for(lead, slug=study.slug).select()).found_or_made()
    of_viewer = wanted_report(scope_for(viewer, slug=study.slug).select()).found_or_made()
    assert of_viewer.recordings == of_lead.recordings + 1
    Scoring.objects.filter(pk=own.pk).update(state=Scoring.State.SUBMITTED)
    assert key_for(viewer, study) == key_for(lead, study)


def test_an_outline_has_the_columns_of_the_sheet(study, nights, by_model):
    by_model(NIGHT)
    Scoring.objects.filter(recording=nights[2]).update(pass_number=2)
    empty = imported_scorer(study=study, label="Scored nothing", provenance={})
    Scoring.objects.create(recording=nights[0], scorer=empty, rule_edition="", state="submitted")
    scorings = Scoring.objects.all()
    assert outline_of(scorings).columns == sheet_of(scorings).columns
    assert outline_of(scorings).recordings == len(sheet_of(scorings).nights)
    assert outline_of(Scoring.objects.none()).columns == []


def test_nothing_is_stored_of_scorings_that_change_while_they_are_read(
    lead, study, nights, monkeypatch
):
    chosen = scope_for(lead, slug=study.slug).select()
    compute = results.agreement_report

    def changed_meanwhile(*args, **more) -> AgreementReport:
        score_again(nights[1].scorings.first())
        return compute(*args, **more)

    monkeypatch.setattr(results, "agreement_report", changed_meanwhile)
    wanted_report(chosen).found_or_made()
    assert wanted_report(chosen).stored is None
    monkeypatch.undo()
    again = chosen.scope.select()
    made = wanted_report(again).found_or_made()
    assert wanted_report(again).stored == made


@pytest.fixture
def large(nights, monkeypatch) -> list[Recording]:
    """A study with too many recordings for a request."""
    for module in (sheet, scope):
        monkeypatch.setattr(module, "LARGE", 2)
    monkeypatch.setattr(sheet, "NIGHTS_AT_ONCE", 2)
    return nights


PAGE = "annotations:study-agreement"
API = "annotations:api-study-agreement"


def test_a_large_study_is_computed_by_a_worker_and_shown_to_all_who_see_the_same(
    client_of, lead, study, large, member
):
    client, page = client_of(lead), reverse(PAGE, args=[study.slug])
    waiting = client.get(page).content.decode()
    assert "A worker computes the numbers of 4 recordings" in waiting
    assert "Agreement of all scorers" not in waiting
    work = AgreementWork.objects.get()
    progress = reverse("annotations:study-agreement-work", args=[study.slug, work.pk])
    assert f'hx-get="{progress}"' in waiting
    assert "0 of 4" in " ".join(
        re.sub("<[^>]*>", "", client.get(progress).content.decode()).split()
    )
    viewer = client_of(member(study, Role.VIEWER))
    assert "A worker computes" in viewer.get(page).content.decode()
    REPORTS.run(work.pk)
    work.refresh_from_db()
    assert (work.state, work.done, work.total) == ("done", 4, 4)
    assert client.get(progress).headers["HX-Refresh"] == "true"
    for person in (client, viewer):
        assert "Agreement of all scorers" in person.get(page).content.decode()
    assert AgreementWork.objects.count() == 1


def test_programs_and_pairs_wait_for_the_same_work(client_of, lead, study, large):
    client, address = client_of(lead), reverse(API, args=[study.slug])
    columns = scope_for(lead, slug=study.slug).select().outline.columns
    pair = {"a": columns[0].key, "b": columns[1].key}
    of_pair = reverse("annotations:study-pair", args=[study.slug])
    for query in ({}, pair):
        answer = client.get(address, query)
        assert (answer.status_code, answer.headers["Retry-After"]) == (202, "5")
        assert answer.json() == {"state": "waiting", "done": 0, "total": 4}
        if query:
            assert "A worker computes" in client.get(of_pair, query).content.decode()
        REPORTS.run(AgreementWork.objects.get(state="waiting").pk)
        assert client.get(address, query).json()["recordings"] > 1
    page = client.get(of_pair, pair)
    assert "A worker computes" not in page.content.decode()
    assert AgreementWork.objects.count() == 2


def test_work_uses_the_scorings_that_its_person_sees_then(client_of, lead, study, large):
    client, page = client_of(lead), reverse(PAGE, args=[study.slug])
    client.get(page)
    assigned_early(large[0], lead, "blind", large[0].scorings.first())
    REPORTS.run(AgreementWork.objects.get().pk)
    report = wanted_report(scope_for(lead, slug=study.slug).select()).stored
    assert [night.recording for night in report.by_recording] == ["N1", "N2", "N3"]


def test_failed_work_is_not_repeated_until_somebody_starts_it_again(
    client_of, lead, study, large, monkeypatch
):
    client, page = client_of(lead), reverse(PAGE, args=[study.slug])
    client.get(page, {"open": "on"})
    work = AgreementWork.objects.get()
    with monkeypatch.context() as patch:
        patch.setattr(Wanted, "is_current", False)
        REPORTS.run(work.pk)
    assert "Scorings changed each time" in client.get(page, {"open": "on"}).content.decode()
    refused = client.get(reverse(API, args=[study.slug]), {"open": "on"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_computed")
    again = reverse("annotations:study-agreement-work", args=[study.slug, work.pk])
    assert client.post(again).headers["Location"] == f"{page}?open=on"
    work.refresh_from_db()
    assert (work.state, work.error, work.attempt) == ("waiting", "", 0)


def test_a_result_that_the_cache_has_lost_is_computed_again(client_of, lead, study, large):
    client, page = client_of(lead), reverse(PAGE, args=[study.slug])
    client.get(page)
    work = AgreementWork.objects.get()
    REPORTS.run(work.pk)
    forget_all()
    assert "A worker computes" in client.get(page).content.decode()
    work.refresh_from_db()
    assert work.is_busy


def test_the_rate_is_that_of_the_recordings_read(lead, study):
    work = AgreementWork(
        study=study, requested_by=lead, state="running", total=200, done=100,
        started_at=timezone.now() - timedelta(seconds=10),
    )  # fmt: skip
    assert work.rate.endswith("recordings/s")
    assert 5 < float(work.rate.split()[0]) <= 10
    work.done = 200
    assert (work.rate, work.progress_label) == ("", "Computing intervals")


def test_the_plot_of_a_large_study_waits_with_its_page(client_of, lead, study, large):
    answer = client_of(lead).get(reverse("annotations:study-agreement-plot", args=[study.slug]))
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
