"""Members whom a lead lets download a release: terms, audit trail, and what it costs them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.releases.models import ReleaseAccess, ReleaseEvent
from annotations.releases.reading import card_html
from annotations.releases.sharing import (
    accept_terms,
    allow_download,
    allow_outsider,
    end_download,
)
from annotations.scoring.assignments import assign
from annotations.visibility import why_not_assigned
from psg.errors import RefusedError
from studies.members import add_member, create_study
from studies.models import AuditEvent, Mode, Role, Study, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(settled, frozen, open_study):
    open_study.data_terms = "No attempt to <b>identify</b> anybody."
    open_study.save()
    settled("01-0001")
    return frozen("1.0.0")


@pytest.fixture
def reader(study):
    person = User.objects.create_user("reader")
    add_member(study=study, user=person, role=Role.ANNOTATOR)
    return person


@pytest.fixture
def pages(client_of, release, reader):
    """Ask as the reader: `pages("data")`, `pages("accept", accepted="on")`."""
    client = client_of(reader)

    def ask(page: str, **fields: str):
        url = f"/releases/{release.pk}/{page}/"
        return client.post(url, fields) if page == "accept" else client.get(url)

    return ask


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("act", flat=True))


def test_a_member_downloads_after_a_lead_allowed_it_and_the_terms_were_accepted(
    client_of, lead, release, reader, pages
):
    assert [pages(page).status_code for page in ("data", "download")] == [404, 404]
    assert pages("accept", accepted="on").status_code == 404
    of_lead = client_of(lead)
    of_lead.post(f"/releases/{release.pk}/people/", {"person": reader.pk})
    page = pages("data").content.decode()
    assert "No attempt to &lt;b&gt;identify&lt;/b&gt; anybody." in page
    assert f"/releases/{release.pk}/download/" not in page
    assert "data/" in client_of(reader).get("/").content.decode()
    refused = pages("download")
    assert refused.status_code == 403
    pages("accept")
    assert pages("download").status_code == 403  # the box was not ticked
    pages("accept", accepted="on")
    assert f"/releases/{release.pk}/download/" in pages("data").content.decode()
    assert b"".join(pages("download").streaming_content)[:2] == b"PK"
    assert ReleaseEvent.objects.filter(kind="downloaded", user=reader).count() == 1
    assert "terms accepted" in of_lead.get(f"/releases/{release.pk}/").content.decode().lower()
    of_lead.post(f"/releases/{release.pk}/people/", {"person": reader.pk, "end": "1"})
    assert [pages(page).status_code for page in ("data", "download")] == [404, 404]
    wanted = ["release_allowed", "release_accepted", "downloaded", "release_refused"]
    assert [act for act in acts() if act in wanted] == wanted
    about = AuditEvent.objects.filter(act="release_allowed").get()
    assert (about.person, about.user) == (reader, lead)


def test_access_ends_with_the_membership_and_when_the_release_is_withdrawn(
    release, reader, lead, pages
):
    accept_terms(access=allow_download(release=release, person=reader, user=lead))
    assert pages("data").status_code == 200
    type(release).objects.filter(pk=release.pk).update(state="withdrawn")
    assert pages("download").status_code == 404
    type(release).objects.filter(pk=release.pk).update(state="frozen")
    add_member(study=release.study, user=reader, role=Role.VIEWER)
    reader.memberships.filter(role=Role.VIEWER).delete()
    assert pages("data").status_code == 200  # still an annotator
    reader.memberships.all().delete()
    assert [pages(page).status_code for page in ("data", "download")] == [404, 404]
    add_member(study=release.study, user=reader, role=Role.RATER)
    assert [pages(page).status_code for page in ("data", "download")] == [404, 404]
    assert ReleaseAccess.objects.get().ended_at is not None


@pytest.mark.parametrize("button", [{}, {"end": "1"}])
def test_the_name_of_nobody_else_is_shown_to_a_lead(client_of, lead, release, reader, button):
    User.objects.create_user("stranger", first_name="Strange")
    stranger = User.objects.get(username="stranger")
    address = f"/releases/{release.pk}/people/"
    page = client_of(lead).post(address, {"person": stranger.pk, **button}, follow=True)
    assert "Choose a person." in page.content.decode()
    assert "strange" not in page.content.decode().lower()
    page = client_of(lead).post(address, {"person": reader.pk, "end": "1"}, follow=True)
    assert "has no access" in page.content.decode()
    assert "any more." not in page.content.decode()


def test_a_person_who_had_access_scores_nothing_of_the_study_without_help(release, reader, lead):
    night = release.study.recordings.get()
    assert why_not_assigned(night, reader, Mode.BLIND) is None
    access = allow_download(release=release, person=reader, user=lead)
    end_download(access=access, user=lead)
    end_download(access=access, user=lead)
    assert "a release that they could download" in why_not_assigned(night, reader, Mode.BLIND)
    assert acts().count("release_refused") == 1


def test_nobody_is_allowed_who_still_scores_the_study_without_help(release, reader, lead):
    night = release.study.recordings.get()
    assign(recording=night, annotator=reader, assigned_by=lead)
    with pytest.raises(RefusedError, match="without help"):
        allow_download(release=release, person=reader, user=lead)
    assert not ReleaseAccess.objects.exists()


def test_drafts_leads_strangers_and_people_with_access_are_refused(
    release, reader, lead, draft_release
):
    stranger = User.objects.create_user("stranger")
    for person in (stranger, lead):
        with pytest.raises(RefusedError, match="no member"):
            allow_download(release=release, person=person, user=lead)
    allow_download(release=release, person=reader, user=lead)
    with pytest.raises(RefusedError, match="already"):
        allow_download(release=release, person=reader, user=lead)
    with pytest.raises(RefusedError, match="frozen"):
        allow_download(release=draft_release(), person=reader, user=lead)


def test_card_and_rows_are_shown_from_the_file(client_of, lead, release):
    page = client_of(lead).get(f"/releases/{release.pk}/data/").content.decode()
    assert re.search(r"<h3>Nights 1\.0\.0</h3>", page)
    rows = page[page.index('id="rows"') : page.index('id="card"')]
    assert "Seen, 0." in rows
    assert rows.count("<tr>") == 1 + 9
    assert "pretty_name" not in page


def test_nothing_of_a_card_becomes_a_tag_a_link_or_a_picture():
    text = (
        "---\nlicense: x\n---\n# A <script>alert(1)</script>\n\n[a](javascript:x) ![b](c) <d:e>\n"
    )
    page = card_html(text)
    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|a|img)\b", page)
    assert "license" not in page


def test_people_do_not_add_queries_to_the_page_of_a_release(client_of, lead, release, study):
    client = client_of(lead)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            client.get(f"/releases/{release.pk}/")
        return len(counted)

    def allow(name: str) -> None:
        person = User.objects.create_user(name)
        add_member(study=study, user=person, role=Role.ANNOTATOR)
        allow_download(release=release, person=person, user=lead)

    allow("first")
    queries()  # what the first page of a process loads
    few = queries()
    for number in range(4):
        allow(f"more-{number}")
    assert queries() == few


# People outside the study.


@pytest.fixture
def guest() -> User:
    return User.objects.create_user("guest", email="Guest@example.org", name="Gail Guest")


@pytest.mark.parametrize("who", ["GUEST", " guest@example.org "])
def test_a_person_outside_downloads_up_to_the_last_day_after_accepting_the_terms(
    client_of, lead, release, guest, who
):
    day = timezone.localdate()
    of_lead, of_guest = client_of(lead), client_of(guest)
    address = f"/releases/{release.pk}/"
    asked = {"who": who, "until": day.isoformat()}
    page = of_lead.post(f"{address}people/outside/", asked).content.decode()
    assert "Gail Guest" in page
    assert 'name="confirmed"' in page
    assert not ReleaseAccess.objects.exists()  # not before the lead saw whose account it is
    assert of_guest.get(f"{address}data/").status_code == 404
    of_lead.post(f"{address}people/outside/", {**asked, "confirmed": "1"})
    assert "data/" in of_guest.get("/").content.decode()
    page = of_guest.get(f"{address}data/").content.decode()
    assert f"/studies/{release.study.slug}/" not in page
    assert of_guest.get(f"{address}download/").status_code == 403
    of_guest.post(f"{address}accept/", {"accepted": "on"})
    assert b"".join(of_guest.get(f"{address}download/").streaming_content)[:2] == b"PK"
    assert "outside the study" in of_lead.get(address).content.decode()
    wanted = ["release_allowed", "release_accepted", "downloaded"]
    assert [act for act in acts() if act in wanted] == wanted
    row = AuditEvent.objects.get(act="release_allowed")
    assert (row.person, row.user, row.details["until"]) == (guest, lead, day.isoformat())
    ReleaseAccess.objects.update(until=day - timedelta(days=1))
    assert [of_guest.get(f"{address}{page}/").status_code for page in ("data", "download")] == [
        404,
        404,
    ]
    assert "last day" in " ".join(of_lead.get(address).content.decode().split())
    allow_outsider(release=release, person=guest, until=None, user=lead)
    assert of_guest.get(f"{address}data/").status_code == 200


def test_only_a_whole_name_or_address_finds_an_account(client_of, lead, release, guest, reader):
    address = f"/releases/{release.pk}/people/outside/"
    past = (timezone.localdate() - timedelta(days=1)).isoformat()
    for asked, said in [
        ({"who": "gues"}, "No account of this site"),
        ({"who": "example.org"}, "No account of this site"),
        ({"who": "Gail Guest"}, "No account of this site"),
        ({"who": "guest", "until": past}, "in the past"),
        ({"who": "reader", "confirmed": "1"}, "is a member of this study"),
    ]:
        page = client_of(lead).post(address, asked).content.decode()
        assert said in page
        assert "Guest</bdi>" not in page
    assert not ReleaseAccess.objects.exists()


def test_a_person_outside_who_scores_the_same_file_without_help_is_not_allowed(
    release, guest, lead
):
    night = release.study.recordings.get()
    type(night).objects.filter(pk=night.pk).update(sha256="ab")
    other = create_study(slug="other")
    add_member(study=other, user=guest, role=Role.ANNOTATOR)
    same = type(night).objects.create(
        study=other,
        subject=other.subjects.create(code="S1"),
        name="S1",
        state=night.state,
        epoch_count=night.epoch_count,
        sha256="ab",
    )
    scoring = assign(recording=same, annotator=guest, assigned_by=lead)
    with pytest.raises(RefusedError, match="without help"):
        allow_outsider(release=release, person=guest, until=None, user=lead)
    scoring.delete()
    access = allow_outsider(release=release, person=guest, until=None, user=lead)
    end_download(access=access, user=lead)
    assert "a release that they could download" in why_not_assigned(same, guest, Mode.BLIND)


def test_terms_of_an_archived_study_are_not_accepted_by_people_outside(
    client_of, lead, release, guest
):
    access = allow_outsider(release=release, person=guest, until=None, user=lead)
    Study.objects.update(archived_at=timezone.now())
    answer = client_of(guest).post(f"/releases/{release.pk}/accept/", {"accepted": "on"})
    access.refresh_from_db()
    assert access.accepted_at is None
    assert answer.status_code != 500
