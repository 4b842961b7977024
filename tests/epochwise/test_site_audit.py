"""The audit trail of a study for its leads, and of the site for its owner."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from annotations.rating.lifecycle import unblind
from annotations.scoring.assignments import assign
from annotations.scoring.scorings import close_scoring
from recordings.models import Recording, Subject
from studies.audit import acting_from, record
from studies.members import add_member, create_study
from studies.models import Act, AuditEvent, Mode, Role, Study, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db) -> Study:
    return create_study(slug="sleep", title="Sleep study")


@pytest.fixture
def lead(study) -> User:
    user = User.objects.create_user("lead", name="Lena Vogel")
    add_member(study=study, user=user, role=Role.LEAD)
    return user


@pytest.fixture
def page(client_of, lead):
    client = client_of(lead)
    return lambda query="": client.get(f"/studies/sleep/audit/{query}")


@pytest.fixture
def rows(client_of, lead):
    client = client_of(lead)

    def read(address: str = "/studies/sleep/audit.csv") -> list[dict[str, str]]:
        text = b"".join(client.get(address)).decode()
        return list(csv.DictReader(io.StringIO(text)))

    return read


def test_a_lead_reads_who_did_what_when_from_where_and_why(page, study, lead):
    with acting_from("192.0.2.7"):
        record(Act.UNBLINDED, user=lead, study=study, about="Who explains?", why="ratings are in")
    text = page().content.decode()
    for shown in (
        "Lena Vogel",
        Act.UNBLINDED.label,
        "Who explains?",
        "192.0.2.7",
        "ratings are in",
    ):
        assert shown in text


def test_a_change_shows_the_old_and_the_new_value(page, client_of, study, lead):
    form = {"title": "Sleep study", "description": "", "guideline": "Score all", "track": "fine"}
    client_of(lead).post("/studies/sleep/protocol/", {**form, "mode": Mode.ASSISTED})
    event = AuditEvent.objects.get(act=Act.PROTOCOL_CHANGED)
    assert event.details["mode"] == {"old": "blind", "new": "assisted"}
    assert event.about == "guideline, mode"
    text = page().content.decode()
    assert "Score all" in text
    assert "assisted" in text


def test_events_of_another_study_and_of_the_site_are_not_shown(page, rows, study):
    other = create_study(slug="other")
    for place in (other, None):
        record(Act.UNBLINDED, user=None, study=place, about="in another place")
    assert b"in another place" not in page().content
    assert "in another place" not in json.dumps(rows())


def test_events_are_chosen_by_person_act_and_day(page, study, lead):
    AuditEvent.objects.create(
        act=Act.DOWNLOADED, user=lead, study=study, about="long ago", address="shell",
        at=timezone.make_aware(datetime(2026, 3, 1, 12)),
    )  # fmt: skip
    other = User.objects.create_user("other")
    record(Act.UNBLINDED, user=other, study=study, about="by another")
    for query, shown, hidden in [
        (f"?person={lead.pk}", "long ago", "by another"),
        ("?act=unblinded", "by another", "long ago"),
        ("?until=2026-03-01", "long ago", "by another"),
        ("?since=2026-03-02", "by another", "long ago"),
        (f"?person={other.pk}&act=downloaded", "No event matches", "long ago"),
    ]:
        text = page(query).content.decode()
        assert shown in text, query
        assert hidden not in text, query


@pytest.mark.parametrize(
    "query", ["?person=x", "?act=none", "?since=yesterday", "?page=9999", "?act=%20"]
)
def test_a_filter_that_is_not_understood_is_no_fault(page, rows, query):
    assert page(query).status_code == 200
    assert rows(f"/studies/sleep/audit.csv{query}") is not None


def test_the_queries_do_not_depend_on_the_number_of_events(
    page, study, lead, django_assert_max_num_queries
):
    AuditEvent.objects.bulk_create(
        AuditEvent(act=Act.DOWNLOADED, user=lead, study=study, about=f"{n}", address="shell")
        for n in range(10_000)
    )
    with django_assert_max_num_queries(18):  # 7 note the session, 1 the side navigation, 1 the bell
        text = page("?page=200").content.decode()
    assert "10001 events" in text
    assert text.count("<tr>") == 51


def test_the_csv_has_every_event_and_is_safe_in_a_spreadsheet(rows, study, lead):
    record(Act.UNBLINDED, user=lead, study=study, about="=2+3", why="@SUM(A1)", details={"n": 1})
    first, second, *_ = rows()
    assert first["act"] == Act.DOWNLOADED.label, "the download itself is recorded"
    assert second["about"] == "'=2+3"
    assert second["reason"] == "'@SUM(A1)"
    assert json.loads(second["details"]) == {"n": 1}
    assert second["account"] == "lead"


class TestBlindness:
    def test_no_reason_of_a_study_is_read_by_a_lead_who_still_scores_a_night_of_it(
        self, page, rows, study, lead
    ):
        subject = Subject.objects.create(study=study, code="S1")
        night = Recording.objects.create(
            study=study, subject=subject, state=Recording.State.LABELS_ONLY, epoch_count=10
        )
        add_member(study=study, user=lead, role=Role.ANNOTATOR)
        own = assign(recording=night, annotator=lead, assigned_by=None)
        record(
            Act.ADJUDICATION_DISCARDED, user=None, study=study, about="S1",
            why="both say N2 in epoch 40", details={"recording": night.pk, "note": "N2"},
        )  # fmt: skip
        record(Act.RATER_ADMITTED, user=None, study=study, why="knows N2", details={"n": "N2"})
        for told in ("N2 in epoch", "knows N2"):
            assert told not in page().content.decode()
        assert "N2" not in json.dumps(rows())
        close_scoring(scoring=own)
        assert "N2 in epoch" in page().content.decode()
        assert "knows N2" in page().content.decode()

    def test_reasons_of_another_study_are_still_read(self, page, study, lead):
        other = create_study(slug="other")
        subject = Subject.objects.create(study=other, code="S1")
        night = Recording.objects.create(
            study=other, subject=subject, state=Recording.State.LABELS_ONLY, epoch_count=10
        )
        assign(recording=night, annotator=lead, assigned_by=None)
        record(Act.UNBLINDED, user=None, study=study, why="another reason")
        assert "another reason" in page().content.decode()

    def test_a_site_owner_who_rates_reads_no_reasons_of_that_study(
        self, client_of, rating_study, raters
    ):
        rater = raters[0]
        User.objects.filter(pk=rater.pk).update(is_superuser=True)
        study = rating_study.study
        record(Act.RATER_ADMITTED, user=None, study=study, about="x", why="the model arm is long")
        client = client_of(User.objects.get(pk=rater.pk))
        assert b"model arm" not in client.get("/site/audit/").content
        assert b"model arm" not in b"".join(client.get("/site/audit.csv"))

    def test_unblinding_names_no_source(self, rating_study, lead):
        unblind(rating_study=rating_study, user=lead, reason="ratings are in")
        event = AuditEvent.objects.get(act=Act.UNBLINDED)
        assert (event.about, event.details) == (rating_study.title, {})


class TestOwner:
    def test_the_owner_reads_events_of_all_studies_and_of_none(self, client_of, study):
        record(Act.TOKEN_CREATED, user=None, about="gpu box")
        client = client_of(User.objects.create_superuser("root"))
        text = client.get("/site/audit/").content.decode()
        assert "gpu box" in text
        assert b"gpu box" in b"".join(client.get("/site/audit.csv"))

    def test_nobody_changes_or_deletes_an_event_in_the_admin(self, client_of):
        event = record(Act.TOKEN_CREATED, user=None)
        client = client_of(User.objects.create_superuser("root"))
        for page in ("", "add/", f"{event.pk}/change/", f"{event.pk}/delete/"):
            assert client.get(f"/admin/studies/auditevent/{page}").status_code == 404


def test_the_day_of_the_filter_ends_at_midnight(page, study):
    late = timezone.make_aware(datetime(2026, 3, 1)) + timedelta(hours=23, minutes=59)
    AuditEvent.objects.create(act=Act.INVITED, study=study, about="late", address="shell", at=late)
    assert "late" in page("?since=2026-03-01&until=2026-03-01").content.decode()
