"""Acts on many rows: chosen over pages, previewed, done once, answered row by row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.exchange.exports import EXPORTS, make_export, refuse_download
from annotations.exchange.models import Export
from annotations.scoring.assignments import assign
from annotations.scoring.models import Scorer, Scoring, ScoringEvent
from annotations.scoring.reminders import mail_reminders
from annotations.scoring.sharing import HIDDEN, Wish, plan_assignments
from annotations.visibility import UnaidedNightsError
from epochwise.desk.acts import most_pairs
from inference.models import PreScoreRun
from inference.registry.bundles import find_bundle
from recordings.models import Recording, Subject
from studies.members import add_member, create_study
from studies.models import Mode, Role, SavedView, User
from tests.helpers.adjudications import finished_scoring

pytestmark = [pytest.mark.django_db, pytest.mark.long]
PEOPLE = ("ada", "ben", "cleo", "dan")


@pytest.fixture
def people(study):
    users = [User.objects.create(username=name, email=f"{name}@example.org") for name in PEOPLE]
    for user in users:
        add_member(study=study, user=user, role=Role.ANNOTATOR)
    return users


@pytest.fixture
def nights(study):
    subject = Subject.objects.create(study=study, code="S001")
    return Recording.objects.bulk_create(
        Recording(
            study=study, subject=subject, name=f"COH-{n:04}", state="labels_only", epoch_count=4
        )
        for n in range(60)
    )


@pytest.fixture
def send(client_of, lead, study):
    def send(what, kind="recordings", **data):
        return client_of(lead).post(f"/studies/{study.slug}/{kind}/{what}/", data)

    return send


def assign_fields(people, **changes):
    annotators = [user.pk for user in people]
    return {"each": 2, "annotators": annotators, "mode": Mode.BLIND, "due": "", **changes}


def hidden(answer, name):
    text = answer.content.decode()
    return text.split(f'name="{name}" value="')[1].split('"')[0]


def test_all_that_match_on_every_page_are_assigned_in_one_act(send, nights, people):
    first = send("assign", all="1", query="q=COH", back="?q=COH")
    assert "60 recordings chosen" in first.content.decode()
    rows = hidden(first, "rows")
    fields = assign_fields(people, rows=rows, due="2027-01-31")
    plan = send("assign", step="preview", **fields)
    assert "120 assignments of 60 recordings" in plan.content.decode()
    assert not Scoring.objects.exists()
    pairs = hidden(plan, "pairs")
    done = send("assign", step="do", pairs=pairs, **fields)
    assert "120 done, 0 refused" in done.content.decode()
    assert Scoring.objects.filter(due="2027-01-31").count() == 120
    again = send("assign", step="do", pairs=pairs, **fields)
    assert "0 done, 120 refused" in again.content.decode()
    assert Scoring.objects.count() == 120


def test_rows_chosen_on_several_pages_come_as_one_list(send, nights):
    answer = send("due", rows=f"{nights[0].pk},{nights[59].pk}", row=[nights[1].pk, nights[0].pk])
    assert "3 recordings chosen" in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "No recording is chosen."),
        ({"rows": "999999"}, "do not exist any more"),
        ({"rows": "1;DROP"}, "not understood"),
        ({"row": "-4"}, "not understood"),
        ({"rows": "9" * 40}, "not understood"),
        ({"rows": ",".join(map(str, range(1, 5002)))}, "5001 rows are too many"),
        ({"all": "1", "query": "q=nothing-like-this"}, "No recording is chosen."),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(client_of, lead, study, nights, given, said):
    url = f"/studies/{study.slug}/recordings/assign/"
    answer = client_of(lead).post(url, given, follow=True)
    assert said in answer.content.decode()
    assert not Scoring.objects.exists()


def test_rows_that_vanished_are_said_and_the_others_go_on(send, nights):
    gone = nights[0].pk
    Recording.objects.filter(pk=gone).delete()
    answer = send("due", rows=f"{gone},{nights[1].pk}")
    assert "1 of the chosen rows does not exist any more" in answer.content.decode()
    assert "1 recording chosen" in answer.content.decode()


@pytest.mark.parametrize("pairs", ["1", "a:b", "1:2:3", "-1:2", f"{'9' * 30}:1"])
def test_a_plan_that_makes_no_sense_is_refused(client_of, lead, study, nights, people, pairs):
    url = f"/studies/{study.slug}/recordings/assign/"
    fields = assign_fields(people, rows=nights[0].pk, step="do", pairs=pairs)
    answer = client_of(lead).post(url, fields, follow=True)
    assert "The plan was not understood" in answer.content.decode()
    assert not Scoring.objects.exists()


def test_nobody_is_assigned_beyond_the_chosen_rows_and_people(send, nights, people, study):
    other = create_study(slug="other")
    subject = Subject.objects.create(study=other, code="X")
    foreign = Recording.objects.create(study=other, subject=subject, name="X", epoch_count=4)
    stranger = User.objects.create(username="eve")
    pairs = (
        f"{foreign.pk}:{people[0].pk},{nights[0].pk}:{stranger.pk},{nights[1].pk}:{people[0].pk}"
    )
    fields = assign_fields(people, rows=f"{nights[0].pk},{foreign.pk}")
    answer = send("assign", step="do", pairs=pairs, **fields)
    assert "0 done, 1 refused" in answer.content.decode()
    assert not Scoring.objects.exists()


def test_a_lead_who_scores_a_recording_blind_assigns_it_and_does_not_learn_who_else_has_it(
    send, study, nights, people, lead
):
    add_member(study=study, user=lead, role=Role.ANNOTATOR)
    for person in (lead, people[0]):
        assign(recording=nights[0], annotator=person, assigned_by=lead)
    had = assign(recording=nights[0], annotator=people[1], assigned_by=lead)
    Scoring.objects.filter(pk=had.pk).update(state="withdrawn")
    fields = assign_fields(people[:3], rows=nights[0].pk, each=50)
    plan = send("assign", step="preview", **fields).content.decode()
    assert "cannot be given to 2 of the chosen annotators" in plan
    assert not any(f"{name} h" in plan for name in PEOPLE)
    for person, words in zip(people[:3], (HIDDEN, HIDDEN, "Assigned."), strict=True):
        pairs = f"{nights[0].pk}:{person.pk}"
        done = send("assign", step="do", pairs=pairs, **fields).content.decode()
        assert words in done


def test_the_plan_asks_the_database_as_often_for_many_annotators_as_for_few(
    study, nights, people, lead
):
    counts = []
    for annotators in (people[:2], people):
        with CaptureQueriesContext(connection) as queries:
            plan_assignments(
                study=study,
                recordings=nights,
                annotators=annotators,
                wish=Wish(each=2, mode=Mode.BLIND),
                by=lead,
            )
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_form_that_is_not_valid_comes_back(send, nights, people):
    fields = assign_fields(people, rows=nights[0].pk, each=0, mode="assisted")
    answer = send("assign", step="preview", **fields)
    assert answer.status_code == 400
    assert "Choose whose" in answer.content.decode()


def test_due_dates_and_reminders_reach_the_open_scorings(
    send, nights, people, lead, client_of, mailoutbox, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_HOST = "mail.example.org"
    for night in nights[:2]:
        assign(recording=night, annotator=people[0], assigned_by=lead)
    rows = ",".join(str(night.pk) for night in nights[:3])
    asked = send("due", rows=rows)
    assert "2 open scorings of\n      1 person" in asked.content.decode()
    done = send("due", rows=rows, step="do", due="2027-02-01").content.decode()
    assert "2 done, 1 refused" in done
    assert "No open scoring by an annotator that you may see." in done
    assert set(Scoring.objects.values_list("due__year", flat=True)) == {2027}
    assert "2 done, 1 refused" in send("remind", rows=rows, step="do").content.decode()
    assert "0 done, 3 refused" in send("remind", rows=rows, step="do").content.decode()
    assert ScoringEvent.objects.filter(kind="reminded").count() == 2
    today = timezone.localdate()
    assert (
        f"reminder of\n          {today:%-d %b}" in client_of(people[0]).get("/").content.decode()
    )


def test_one_mail_a_person_reminds_of_all(nights, people, lead, mailoutbox, settings):
    settings.EMAIL_HOST = "mail.example.org"
    made = [assign(recording=n, annotator=people[0], assigned_by=lead) for n in nights[:3]]
    Scoring.objects.filter(pk=made[2].pk).update(state="submitted")
    assert mail_reminders([scoring.pk for scoring in made]) == 1
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert "COH-0000" in mail.body
    assert "COH-0002" not in mail.body


def test_nobody_is_reminded_who_left_the_study_or_was_deactivated(
    send, study, nights, people, lead, mailoutbox, settings
):
    settings.EMAIL_HOST = "mail.example.org"
    made = [
        assign(recording=night, annotator=person, assigned_by=lead)
        for night, person in zip(nights[:3], people, strict=False)
    ]
    study.memberships.filter(user=people[0]).delete()
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    rows = ",".join(str(night.pk) for night in nights[:3])
    text = send("remind", rows=rows, step="do").content.decode()
    assert "1 done, 2 refused" in text
    assert "ada is no longer a member of the study." in text
    assert "The account of ben is deactivated." in text
    assert ScoringEvent.objects.get(kind="reminded").scoring == made[2]
    assert mail_reminders([scoring.pk for scoring in made]) == 1
    assert mailoutbox[0].to == ["cleo@example.org"]


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVIEW])
def test_a_plan_of_more_than_one_act_can_do_is_refused_and_says_the_limit(
    client_of, lead, study, nights, people, mode
):
    url = f"/studies/{study.slug}/recordings/assign/"
    source = finished_scoring(nights[0], "Expert", ["W"] * 4).scorer
    most = most_pairs(mode)
    pairs = ",".join(f"{nights[0].pk}:{n}" for n in range(1, most + 2))
    fields = assign_fields(
        people, rows=nights[0].pk, step="do", pairs=pairs, mode=mode, source=source.pk
    )
    text = client_of(lead).post(url, fields, follow=True).content.decode()
    assert f"{most + 1} assignments are too many for one act; the limit is {most}." in text
    assert "Narrow the list by a filter" in text
    assert not Scoring.objects.filter(scorer__kind="human").exists()


def test_pre_scoring_of_very_many_rows_is_refused(client_of, lead, study, nights, monkeypatch):
    monkeypatch.setattr("epochwise.desk.acts.MOST_PRESCORED", 2)
    url = f"/studies/{study.slug}/recordings/prescore/"
    rows = ",".join(str(night.pk) for night in nights[:3])
    text = client_of(lead).post(url, {"rows": rows}, follow=True).content.decode()
    assert "3 recordings are too many for one act; the limit is 2." in text


def test_people_with_one_name_are_told_apart_in_a_plan(send, nights, people):
    User.objects.filter(pk__in=[p.pk for p in people[:2]]).update(name="Anna Schmidt")
    fields = assign_fields(people[:2], rows=f"{nights[0].pk},{nights[1].pk}")
    text = send("assign", step="preview", **fields).content.decode()
    for name in ("ada", "ben"):
        assert f"<bdi>Anna Schmidt ({name})</bdi></dt>\n  <dd>2 new recordings" in text
    assert "Anna Schmidt (ada), Anna Schmidt (ben)" in text


def test_recordings_without_signals_are_not_pre_scored_and_say_so(send, nights, monkeypatch):
    monkeypatch.setattr("inference.runs.reading.GpuWorkers.can_run", lambda *_: True)
    monkeypatch.setattr("inference.runs.lifecycle.can_be_run", lambda *_: True)
    Recording.objects.filter(pk=nights[0].pk).update(state="ready")
    bundle = find_bundle("rules")
    rows = f"{nights[0].pk},{nights[1].pk}"
    text = send("prescore", rows=rows, step="do", bundle=bundle.pk).content.decode()
    assert "1 done, 1 refused" in text
    assert "has no signals" in text
    assert PreScoreRun.objects.get().recording == nights[0]


def test_an_export_has_the_chosen_recordings_alone_and_is_checked_over_these(send, nights, lead):
    first = finished_scoring(nights[0], "Expert", ["W"] * 4)
    for night in nights[1:3]:
        Scoring.objects.create(
            recording=night, scorer=first.scorer, state="submitted", rule_edition="x"
        )
    rows = ",".join(str(night.pk) for night in (nights[0], nights[1], nights[5]))
    text = send("export", rows=rows, step="do", scorer=first.scorer_id).content.decode()
    assert "2 done, 1 refused" in text
    export = Export.objects.select_related("scorer", "study").get()
    assert (export.total, export.recordings) == (
        2,
        sorted([n.pk for n in (*nights[:2], nights[5])]),
    )
    own = Scorer.objects.create(user=lead, kind="human", label="Lead")
    Scoring.objects.create(recording=nights[2], scorer=own, rule_edition="x")
    with pytest.raises(UnaidedNightsError):
        refuse_download(export, lead)  # an earlier version made it, of whatever recordings
    make_export(EXPORTS.claim(export.pk))
    export.refresh_from_db()
    assert export.written == sorted(night.pk for night in nights[:2])
    refuse_download(export, lead)
    Scoring.objects.filter(scorer=own).update(recording=nights[1])
    with pytest.raises(UnaidedNightsError):
        refuse_download(export, lead)


def test_scorings_are_chosen_as_well(send, nights, people, lead):
    scoring = assign(recording=nights[0], annotator=people[0], assigned_by=lead)
    text = send("due", kind="scorings", rows=scoring.pk, step="do", due="2027-02-01")
    assert "1 done, 0 refused" in text.content.decode()


# Saved views


def test_views_are_own_or_shared_and_open_the_list_as_it_was(
    client_of, lead, study, people, nights
):
    url = f"/studies/{study.slug}/recordings/"
    fields = {"name": "Late ones", "query": "work=overdue&column=name", "is_shared": "on"}
    answer = client_of(lead).post(f"{url}views/", fields)
    view = SavedView.objects.get()
    assert answer.url == f"{url}?work=overdue&column=name&view={view.pk}"
    assert "Late ones" in client_of(people[0]).get(url).content.decode()
    client_of(people[0]).post(f"{url}views/", {"name": "Mine", "is_shared": "on"})
    assert "Mine" not in client_of(lead).get(url).content.decode()
    again = client_of(lead).post(f"{url}views/", fields, follow=True)
    assert "You have a view “Late ones” already" in again.content.decode()
    assert SavedView.objects.count() == 2


def test_many_views_take_no_more_queries(client_of, lead, study, django_assert_max_num_queries):
    url = f"/studies/{study.slug}/recordings/"
    client = client_of(lead)
    client.get(url)
    with django_assert_max_num_queries(80) as captured:
        client.get(url)
    for name in "abc":
        SavedView.objects.create(study=study, user=lead, page="recordings", name=name)
    with django_assert_max_num_queries(len(captured)):
        client.get(url)


def test_a_view_of_a_column_that_is_gone_still_opens(client_of, lead, study, nights):
    view = SavedView.objects.create(
        study=study,
        user=lead,
        page="recordings",
        name="Old",
        query="column=heart&column=name&mood=1",
    )
    url = f"/studies/{study.slug}/recordings/?{view.query}&view={view.pk}"
    text = client_of(lead).get(url).content.decode()
    assert "The column “heart” does not exist" in text
    assert "The filter “mood” does not exist" in text
    assert "1 to 50 of 60" in text


@pytest.mark.parametrize("name", ["", "x" * 61, "x" * 5000])
def test_a_view_needs_a_name_of_a_sane_length(client_of, lead, study, nights, name):
    url = f"/studies/{study.slug}/recordings/views/"
    answer = client_of(lead).post(url, {"name": name}, follow=True)
    assert "The view was not saved" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_views_of_others_are_not_removed(client_of, lead, study, people, nights):
    own = SavedView.objects.create(study=study, user=people[0], page="recordings", name="Mine")
    url = f"/studies/{study.slug}/views/{own.pk}/remove/"
    for person in (lead, people[1]):
        assert client_of(person).post(url).status_code == 404
    assert client_of(people[0]).post(url).status_code == 302
    assert not SavedView.objects.exists()
