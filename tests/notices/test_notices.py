"""Who is told what, once, in words that say no more than the page behind them."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from annotations.adjudication.lifecycle import start_adjudication
from annotations.saving import Save
from annotations.scoring.assignments import (
    ask_to_reopen,
    assign,
    decline_reopening,
    reassign,
    reopen,
    reschedule,
    withdraw,
)
from annotations.scoring.comments import comment
from annotations.scoring.many import remind_many
from annotations.scoring.models import Scoring
from annotations.scoring.notices import note_due_dates
from annotations.scoring.reminders import mail_reminders
from annotations.scoring.scorings import close_scoring, scorer_of_user, submit_scoring
from annotations.scoring.sharing import Wish, assign_many
from recordings.models import Recording
from studies.models import Membership, Mode, Notice, NoticeChoices, Role
from studies.notices.kinds import KINDS, READERS, SWITCHES
from studies.notices.reading import LOOKED_THROUGH, bell_of, in_words, inbox_of
from studies.notices.seen import mark_all_seen
from studies.notices.sending import notify
from tests.helpers.adjudications import finished_scoring
from tests.helpers.locks import wait_for_a_blocked_lock

pytestmark = pytest.mark.django_db
INBOX, BELL, SEEN, CHOICES = "/notices/", "/notices/bell/", "/notices/seen/", "/notices/choices/"
TODAY = date(2026, 12, 1)


@pytest.fixture
def night(study, labels_only):
    def make(name: str) -> Recording:
        return Recording.objects.create(
            study=study, subject=labels_only.subject, name=name, epoch_count=4, duration_s=120
        )

    return make


def kinds_of(user) -> list[str]:
    return [notice.kind for notice in user.notices.order_by("pk")]


def words_of(user) -> list[str]:
    return [f"{each.kind.label}: {', '.join(each.names)}" for each in inbox_of(user).shown]


# The table of kinds


def test_every_kind_has_a_reader_and_a_switch_and_leads_somewhere(study, lead):
    for kind in KINDS.values():
        assert kind.switch in SWITCHES
        assert kind.page_of(study).startswith("/")
        assert kind.read(lead, [0]) == {}
    assert READERS.keys() == {kind.topic for kind in KINDS.values()}
    assert SWITCHES.keys() == {kind.switch for kind in KINDS.values()}


# Scorings


def test_an_annotator_is_told_of_an_assignment_and_leads_of_nothing(scoring, annotator, lead):
    assert words_of(annotator) == ["Assigned to you: S1"]
    assert kinds_of(lead) == []


def test_many_assignments_are_a_single_notice_until_it_is_seen(study, annotator, lead, night):
    nights = [night(f"N{n}") for n in range(5)]
    wish = Wish(each=1, mode=Mode.BLIND, due=TODAY)
    pairs = [(recording.pk, annotator.pk) for recording in nights[:3]]
    assign_many(study=study, pairs=pairs, wish=wish, by=lead)
    assign(recording=nights[3], annotator=annotator, assigned_by=lead)
    (shown,) = inbox_of(annotator).shown
    assert (shown.names, shown.more, shown.address) == (["N0", "N1", "N2"], 1, "/")
    mark_all_seen(user=annotator, until=timezone.now())
    assign(recording=nights[4], annotator=annotator, assigned_by=lead)
    assert [each.more for each in inbox_of(annotator).shown] == [0, 1]


def test_who_acts_is_not_told(labels_only, member, study):
    both = member(study, Role.LEAD, Role.ANNOTATOR)
    scoring = assign(recording=labels_only, annotator=both, assigned_by=both)
    comment(scoring=scoring, epoch=0, text=f"@{both.username}", save=Save(both))
    assert kinds_of(both) == []


def test_each_act_on_a_scoring_tells_the_other_side(scoring, annotator, lead, study, member):
    close_scoring(scoring=scoring)
    ask_to_reopen(scoring=scoring, user=annotator, reason="A slip.")
    decline_reopening(scoring=scoring, user=lead, reason="No.")
    ask_to_reopen(scoring=scoring, user=annotator, reason="A slip again.")
    reopen(scoring=scoring, user=lead, reason="Yes.")
    reschedule(scoring=scoring, user=lead, due=TODAY)
    remind_many(study=study, scorings=[scoring.pk], by=lead)
    other = member(study, Role.ANNOTATOR, username="other")
    reassign(scoring=scoring, user=lead, annotator=other, due=None, reason="Ill.")
    told = ["assigned", "refused", "reopened", "reminded", "withdrawn"]
    assert kinds_of(annotator) == told
    assert kinds_of(lead) == ["requested", "requested"]
    assert kinds_of(other) == ["assigned"]


def test_the_reason_of_an_act_is_not_in_its_notice(scoring, annotator, lead, client_of):
    withdraw(scoring=scoring, user=lead, reason="Anna scored it better.")
    page = client_of(annotator).get(INBOX).content.decode()
    assert "Assignment withdrawn" in page
    assert "Anna" not in page


def test_a_mention_is_told_once_however_often_the_save_is_sent(scoring, annotator, lead):
    save = Save(lead)
    for _ in range(2):
        comment(scoring=scoring, epoch=3, text=f"@{annotator.username} look", save=save)
    comment(scoring=scoring, epoch=4, text=f"@{annotator.username} here", save=Save(lead))
    assert kinds_of(annotator) == ["assigned", "mentioned", "mentioned"]
    newest = inbox_of(annotator).shown[0]
    assert newest.names == ["S1, epoch 5"]
    assert newest.address == f"/scorings/{scoring.pk}/score/?epoch=4"
    assert "here" not in newest.detail


def test_what_is_rolled_back_was_never_told(labels_only, annotator, lead):
    with transaction.atomic():
        assign(recording=labels_only, annotator=annotator, assigned_by=lead)
        transaction.set_rollback(True)
    assert kinds_of(annotator) == []


# Due dates


@pytest.mark.parametrize(
    ("days", "told"), [(-30, ["overdue"]), (-1, ["overdue"]), (0, ["due_soon"]),
                       (3, ["due_soon"]), (4, [])],
)  # fmt: skip
def test_a_date_is_told_once_before_and_once_after(labels_only, annotator, lead, days, told):
    due = TODAY + timedelta(days=days)
    scoring = assign(recording=labels_only, annotator=annotator, assigned_by=lead, due=due)
    for _ in range(2):
        note_due_dates(TODAY)
        mark_all_seen(user=annotator, until=timezone.now())
    assert kinds_of(annotator) == ["assigned", *told]
    note_due_dates(due + timedelta(days=1))
    assert kinds_of(annotator)[-1] == "overdue"
    assert kinds_of(annotator).count("overdue") == 1
    reschedule(scoring=scoring, user=lead, due=due + timedelta(days=9))
    note_due_dates(due + timedelta(days=10))
    assert kinds_of(annotator).count("overdue") == 2


def test_one_more_scoring_of_a_date_is_told_alone(annotator, lead, night):
    for name in ("S7", "S8"):
        assign(recording=night(name), annotator=annotator, assigned_by=lead, due=TODAY)
        note_due_dates(TODAY)
        mark_all_seen(user=annotator, until=timezone.now())
    assert [n.about for n in annotator.notices.filter(kind="due_soon").order_by("pk")] == [
        [scoring.pk] for scoring in Scoring.objects.order_by("pk")
    ]


def test_finished_withdrawn_and_archived_scorings_are_not_told(study, annotator, lead, night):
    finished, withdrawn, archived = (
        assign(recording=night(name), annotator=annotator, assigned_by=lead, due=TODAY)
        for name in ("S7", "S8", "S9")
    )
    close_scoring(scoring=finished)
    withdraw(scoring=withdrawn, user=lead, reason="No.")
    Notice.objects.all().delete()
    archive(study)
    note_due_dates(TODAY)
    assert archived.is_open
    assert kinds_of(annotator) == []


def archive(study):
    study.archived_at = timezone.now()
    study.save()


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_tell_a_date_once(labels_only, annotator, lead):
    assign(recording=labels_only, annotator=annotator, assigned_by=lead, due=TODAY)

    def other_beat():
        note_due_dates(TODAY)
        connection.close()

    with transaction.atomic():
        note_due_dates(TODAY)
        beat = Thread(target=other_beat)
        beat.start()
        wait_for_a_blocked_lock()
    beat.join()
    assert kinds_of(annotator) == ["assigned", "due_soon"]


# Adjudication


def test_adjudicators_learn_when_two_scorings_can_be_compared(study, member, night, lead):
    recording, adjudicator = night("S7"), member(study, Role.ADJUDICATOR)
    blind = member(study, Role.ADJUDICATOR, Role.ANNOTATOR, username="blind")
    assign(recording=recording, annotator=blind, assigned_by=lead)
    for n, told in ((1, []), (2, ["Ready to adjudicate: S7"])):
        person = member(study, Role.ANNOTATOR, username=f"scorer-{n}")
        scoring = assign(recording=recording, annotator=person, assigned_by=lead)
        submit_scoring(scoring=scoring, accept_unscored=True)
        assert words_of(adjudicator) == told
    assert kinds_of(blind) == ["assigned"]
    start_adjudication(
        scorings=[finished_scoring(recording, label, ["N2"]) for label in ("A", "B")],
        user=adjudicator,
    )
    second = member(study, Role.ADJUDICATOR, username="second")
    assert kinds_of(second) == []
    start_adjudication(
        scorings=[finished_scoring(recording, label, ["N2"]) for label in ("C", "D")],
        user=adjudicator,
    )
    assert words_of(second) == ["Adjudication open: S7"]
    assert "adjudication" not in kinds_of(adjudicator)
    assert "adjudication" not in kinds_of(blind)


# What may be seen


def test_a_person_who_left_sees_no_notices_of_the_study(scoring, annotator, client_of):
    client = client_of(annotator)
    Membership.objects.filter(user=annotator).delete()
    assert bell_of(annotator).count == 0
    assert "S1" not in client.get(INBOX).content.decode()
    assert client.get(reverse("notices:open", args=[Notice.objects.get().pk])).status_code == 404


def test_a_lead_who_is_none_any_more_sees_no_notices_to_leads(scoring, annotator, lead):
    close_scoring(scoring=scoring)
    ask_to_reopen(scoring=scoring, user=annotator, reason="A slip.")
    assert bell_of(lead).count == 1
    Membership.objects.filter(user=lead).update(role=Role.VIEWER)
    assert bell_of(lead).count == 0
    assert inbox_of(lead).shown == []


def test_what_is_closed_to_a_person_is_not_shown_and_not_counted_for_ever(
    scoring, annotator, study, member, client_of
):
    viewer = member(study, Role.VIEWER, Role.ANNOTATOR)
    text = f"@{viewer.username} see"
    comment(scoring=scoring, epoch=0, text=text, save=Save(annotator))
    assert words_of(viewer) == ["You are mentioned: S1, epoch 1"]
    Scoring.objects.filter(pk=scoring.pk).update(mode=Mode.ASSISTED)  # so that texts are shown
    blind = Scoring.objects.create(
        recording=scoring.recording, scorer=scorer_of_user(user=viewer), rule_edition="aasm-3"
    )
    assert blind.is_open
    client = client_of(viewer)
    assert client.get(f"/notices/{viewer.notices.get().pk}/").status_code == 404
    assert "epoch 1" not in client.get(INBOX).content.decode()
    assert bell_of(viewer).count == 0


def test_a_renamed_recording_has_its_new_name_and_an_erased_one_none(scoring, annotator):
    Recording.objects.update(name="COH-0001")
    assert words_of(annotator) == ["Assigned to you: COH-0001"]
    Scoring.objects.all().delete()
    assert words_of(annotator) == []


def test_notices_of_an_archived_study_wait(scoring, annotator, study):
    archive(study)
    assert (bell_of(annotator).count, words_of(annotator)) == (0, [])
    study.archived_at = None
    study.save()
    assert bell_of(annotator).count == 1


def test_a_kind_that_is_gone_is_not_shown(scoring, annotator, client_of):
    Notice.objects.update(kind="of_an_older_version")
    assert client_of(annotator).get(INBOX).status_code == 200
    assert bell_of(annotator).count == 0


@pytest.mark.parametrize("name", ["x" * 80, "ليلة النوم", "<b>& 'n\"", "a\u202eb"])
def test_names_of_any_kind_are_shown_whole(scoring, annotator, client_of, contexts, name):
    Recording.objects.update(name=name)
    page = client_of(annotator).get(INBOX)
    assert page.context["page"][0].names == [name]
    assert "<b>&" not in page.content.decode()


def test_a_reminder_is_mailed_at_once_unless_that_is_turned_off(
    scoring, annotator, lead, study, settings
):
    settings.EMAIL_HOST = "mail.example.org"
    annotator.email = "ada@example.org"
    annotator.save()
    remind_many(study=study, scorings=[scoring.pk], by=lead)
    assert not annotator.notices.get(kind="reminded").by_mail  # no second mail lists it
    assert mail_reminders([scoring.pk]) == 1
    NoticeChoices.objects.create(user=annotator, off_mail=["reminded"])
    assert mail_reminders([scoring.pk]) == 0


# Pages


def test_the_bell_answers_not_modified_until_something_comes(scoring, annotator, client_of, night):
    client = client_of(annotator)
    first = client.get(BELL)
    assert '<b class="bell__count num">1</b>' in first.content.decode()
    again = client.get(BELL, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assign(recording=night("S9"), annotator=annotator, assigned_by=None)
    later = client.get(BELL, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.headers["HX-Trigger"] == "notices"
    assert client.get(f"{BELL}?place=nowhere").status_code == 200


def test_the_bell_asks_for_a_session_without_a_redirect(client):
    assert client.get(BELL).status_code == 401


def test_the_bell_costs_one_query_besides_those_of_the_session(
    scoring, annotator, client_of, django_assert_num_queries
):
    client = client_of(annotator)
    client.get(BELL)
    with django_assert_num_queries(3):  # session, user, count
        client.get(BELL)


def test_the_list_takes_as_many_queries_for_many_notices(
    study, annotator, scoring, client_of, contexts, django_assert_max_num_queries
):
    client = client_of(annotator)
    Notice.objects.bulk_create(
        Notice(recipient=annotator, study=study, kind="reopened", about=[scoring.pk])
        for _ in range(39)
    )
    with django_assert_max_num_queries(12):
        page = client.get(INBOX)
    assert len(page.context["page"]) == 30
    assert len(client.get(f"{INBOX}?page=2").context["page"]) == 10
    for nonsense in ("0", "x", "9" * 30):
        assert client.get(f"{INBOX}?page={nonsense}").status_code == 200


def test_only_the_latest_notices_are_listed_and_the_page_says_so(
    study, scoring, annotator, client_of
):
    Notice.objects.bulk_create(
        Notice(recipient=annotator, study=study, kind="reopened", about=[scoring.pk])
        for _ in range(LOOKED_THROUGH)
    )
    page = client_of(annotator).get(INBOX)
    assert "Older notices are not listed." in page.content.decode()
    assert "99+" in page.content.decode()


def test_opening_marks_as_seen_and_leads_on(scoring, annotator, lead, client_of):
    address = reverse("notices:open", args=[annotator.notices.get().pk])
    assert client_of(lead).get(address).status_code == 404
    assert client_of(annotator).get(address).url == f"/scorings/{scoring.pk}/score/"
    seen_at = annotator.notices.get().seen_at
    assert seen_at
    client_of(annotator).get(address)
    assert annotator.notices.get().seen_at == seen_at
    assert client_of(annotator).get("/notices/999999999999/").status_code == 404


def test_all_are_marked_as_seen_but_for_what_came_meanwhile(
    scoring, annotator, client_of, contexts
):
    client = client_of(annotator)
    until = client.get(INBOX).context["until"]
    notify("refused", study=scoring.recording.study, to=[annotator], about=[scoring.pk])
    assert client.post(SEEN, {"until": until}).url == INBOX
    assert bell_of(annotator).count == 1
    assert client.get(SEEN).status_code == 405


@pytest.mark.parametrize("until", ["", "soon", "9" * 5000, "\x00"])
def test_nonsense_marks_nothing_as_seen(scoring, annotator, client_of, until):
    assert client_of(annotator).post(SEEN, {"until": until}).status_code in {302, 400, 422}
    assert bell_of(annotator).count == 1


# Choices


def test_what_is_turned_off_is_not_told(labels_only, annotator, lead, client_of):
    client = client_of(annotator)
    on = [name for name in SWITCHES if name != "assigned"]
    answer = client.post(CHOICES, {"digest": "weekly", "page": on, "mail": on})
    assert answer.url == CHOICES
    scoring = assign(recording=labels_only, annotator=annotator, assigned_by=lead)
    remind_many(study=labels_only.study, scorings=[scoring.pk], by=lead)
    assert kinds_of(annotator) == ["reminded"]
    page = client.get(CHOICES).content.decode()
    assert page.count("checked") == 2 * len(on)
    assert '<option value="weekly" selected>' in page


def test_a_notice_for_the_mail_alone_is_not_on_the_page(settings, labels_only, annotator, lead):
    settings.EMAIL_HOST = "mail.example.org"
    NoticeChoices.objects.create(user=annotator, off_page=["assigned"])
    assign(recording=labels_only, annotator=annotator, assigned_by=lead)
    assert kinds_of(annotator) == ["assigned"]
    assert (bell_of(annotator).count, inbox_of(annotator).shown) == (0, [])
    assert in_words(annotator, annotator.notices.all())


@pytest.mark.parametrize(
    "given", [{}, {"digest": "hourly"}, {"digest": "daily", "page": ["nonsense"]}]
)
def test_nonsense_changes_no_choices(annotator, client_of, given):
    assert client_of(annotator).post(CHOICES, given).status_code == 200
    assert not NoticeChoices.objects.exists()


def test_overdue_is_over_when_the_date_was_moved(scoring, annotator, lead):
    Scoring.objects.update(due=TODAY - timedelta(days=1))
    note_due_dates(TODAY)
    (shown,) = [each for each in inbox_of(annotator).shown if each.kind.name == "overdue"]
    assert (shown.detail, shown.is_over) == ("due 30 Nov 2026", False)
    Scoring.objects.update(due=TODAY + timedelta(days=19))
    (shown,) = [each for each in inbox_of(annotator).shown if each.kind.name == "overdue"]
    assert (shown.detail, shown.is_over) == ("now due 20 Dec 2026", True)
    Scoring.objects.update(due=None)
    (shown,) = [each for each in inbox_of(annotator).shown if each.kind.name == "overdue"]
    assert (shown.detail, shown.is_over) == ("now without due date", True)
    assert [each.is_over for each in inbox_of(annotator).shown if each.kind.name == "assigned"] == [
        False
    ]


@pytest.mark.parametrize(
    ("host", "digest", "count"), [("", "daily", 0), ("mail", "off", 0), ("mail", "weekly", 1)]
)
def test_what_no_place_can_show_is_not_made(settings, study, annotator, host, digest, count):
    settings.EMAIL_HOST = host
    NoticeChoices.objects.create(user=annotator, digest=digest, off_page=["assigned"])
    notify("assigned", study=study, to=[annotator], about=[1])
    assert annotator.notices.count() == count


def test_a_notice_takes_in_some_hundred_things_and_no_more(study, annotator):
    for first in range(0, 1200, 300):
        notify("assigned", study=study, to=[annotator], about=range(first, first + 300))
    assert [len(notice.about) for notice in annotator.notices.all()] == [600, 600]
