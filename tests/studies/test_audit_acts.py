"""Every act that matters leaves a row in the audit trail, in the transaction of the act."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from annotations.adjudication.lifecycle import discard_adjudication, start_adjudication
from annotations.rating.lifecycle import unblind
from annotations.rating.models import RatingStudy
from annotations.releases.lifecycle import withdraw_release
from annotations.releases.models import Release
from annotations.scoring.models import Scorer
from studies import members
from studies.accounts.lifecycle import deactivate
from studies.audit import acting_from, record
from studies.authentication import make_api_token, withdraw_all_tokens, withdraw_api_token
from studies.members import accept_invitation, add_member, invite, remove_member
from studies.models import Act, AuditEvent, Role, Study, User
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db


def last(act: Act) -> AuditEvent:
    return AuditEvent.objects.filter(act=act).latest("pk")


def count(act: Act) -> int:
    return AuditEvent.objects.filter(act=act).count()


@pytest.fixture
def release(settled, frozen) -> Release:
    settled("01-0001")
    return frozen("1.0.0")


@pytest.fixture
def lead_client(client_of, lead):
    return client_of(lead)


class TestRights:
    def test_invitations_and_roles(self, lead_client, lead, study):
        lead_client.post(
            f"/studies/{study.slug}/members/", {"email": "a@example.org", "role": "rater"}
        )
        assert last(Act.INVITED).details == {"invitation": study.invitations.get().pk}
        assert last(Act.INVITED).user == lead
        invitation = study.invitations.get()
        lead_client.post(f"/studies/{study.slug}/invitations/{invitation.pk}/withdraw/")
        assert last(Act.INVITATION_WITHDRAWN).user == lead

    def test_an_accepted_invitation_names_who_joined(self, study, lead):
        user = User.objects.create_user("grace")
        _, token = invite(study=study, email="g@example.org", role=Role.RATER, invited_by=lead)
        accept_invitation(token=token, user=user)
        assert last(Act.INVITATION_ACCEPTED).user == user
        assert last(Act.ROLE_GIVEN).subject == "grace as rater"
        assert token not in str(list(AuditEvent.objects.values()))

    def test_a_role_that_is_taken_away_names_who_did_it(self, lead_client, lead, study, member):
        rater = member(study, Role.RATER)
        seat = study.memberships.get(user=rater)
        lead_client.post(f"/studies/{study.slug}/members/{seat.pk}/remove/")
        event = last(Act.ROLE_REMOVED)
        assert (event.user, event.study) == (lead, study)
        assert event.subject == f"{rater} as rater"
        assert event.address == "127.0.0.1"

    def test_the_same_role_twice_is_recorded_once(self, study):
        user = User.objects.create_user("grace")
        for _ in range(2):
            add_member(study=study, user=user, role=Role.VIEWER)
        assert count(Act.ROLE_GIVEN) == AuditEvent.objects.values("about").distinct().count()

    def test_without_its_row_there_is_no_act(self, study, member, monkeypatch):
        seat = study.memberships.get(user=member(study, Role.RATER))

        def fail(*_: object, **__: object) -> None:
            raise DatabaseError

        monkeypatch.setattr(members, "record", fail)
        with pytest.raises(DatabaseError), transaction.atomic():
            remove_member(membership=seat)
        assert study.memberships.filter(pk=seat.pk).exists()


class TestProtocolAndTerms:
    def test_the_terms_keep_old_and_new_values(self, lead_client, lead, study):
        lead_client.post(
            f"/studies/{study.slug}/releases/terms/",
            {"licence": "CC BY-NC 4.0", "data_terms": "", "may_release_signals": "on"},
        )
        event = last(Act.TERMS_CHANGED)
        assert event.details["licence"] == {"old": "", "new": "CC BY-NC 4.0"}
        assert event.details["may_release_signals"] == {"old": False, "new": True}
        assert event.user == lead

    def test_sent_unchanged_nothing_is_recorded(self, lead_client, study: Study):
        protocol = {
            name: getattr(study, name) for name in ("title", "description", "guideline")
        } | {"track": study.track, "mode": study.mode}
        lead_client.post(f"/studies/{study.slug}/protocol/", protocol)
        assert count(Act.PROTOCOL_CHANGED) == 0

    def test_phrases_are_part_of_the_protocol(self, lead_client, study):
        lead_client.post(f"/studies/{study.slug}/phrases/", {"phrases": "W: Awake."})
        assert last(Act.PROTOCOL_CHANGED).details["phrases"]["new"] == "W: Awake."


class TestDownloads:
    def test_a_release_counts_once_and_head_does_not_count(self, lead_client, release):
        address = f"/releases/{release.pk}/download/"
        lead_client.head(address)
        assert count(Act.DOWNLOADED) == 0
        b"".join(lead_client.get(address))
        b"".join(lead_client.get(address, headers={"Range": "bytes=5-9"}))
        assert count(Act.DOWNLOADED) == 1
        assert str(release) in last(Act.DOWNLOADED).about

    def test_parts_without_the_beginning_count_too(self, lead_client, release):
        address = f"/releases/{release.pk}/download/"
        for part in ("bytes=1-", "bytes=9-20"):
            b"".join(lead_client.get(address, headers={"Range": part}))
        assert count(Act.DOWNLOADED) == 1

    def test_a_part_that_is_the_whole_file_is_a_download(self, lead_client, release):
        address = f"/releases/{release.pk}/download/"
        for part in ("bytes=0-", f"bytes=-{release.size}", f"bytes=0-{release.size - 1}"):
            b"".join(lead_client.get(address, headers={"Range": part}))
        assert count(Act.DOWNLOADED) == 3

    def test_a_program_is_named_by_its_token(self, client, lead, release):
        _, token = make_api_token(user=lead, name="gpu box", days=1)
        answer = client.get(
            f"/releases/{release.pk}/download/", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200
        event = last(Act.DOWNLOADED)
        assert event.details == {"token": "gpu box"}
        assert event.user == lead
        assert record(Act.INVITED, user=None).details == {}, "the token ends with its request"

    def test_results_of_a_rating_study_in_every_form(self, client_of, rating_study):
        lead = rating_study.created_by
        client = client_of(lead)
        for what in ("ratings.csv", "items.csv", "results.csv", "results.json"):
            before = count(Act.DOWNLOADED)
            address = f"/ratings/{rating_study.pk}/{what}"
            if what.endswith("json"):
                address = f"/api/v1/rating-studies/{rating_study.pk}/results/"
            assert client.get(address).status_code == 200, address
            assert client.head(address).status_code == 200, address
            assert count(Act.DOWNLOADED) == before + 1, address

    def test_agreement_as_json(self, lead_client, study):
        lead_client.get(f"/api/v1/studies/{study.slug}/agreement/")
        assert last(Act.DOWNLOADED).about == f"agreement of {study} (JSON)"


class TestCommands:
    def test_data_that_a_command_writes_has_a_row(self, release, tmp_path):
        slug = release.study.slug
        call_command(
            *("release", "export", "1.0.0", "--study", slug, "--out", str(tmp_path / "release")),
            stdout=StringIO(),
        )
        assert last(Act.DOWNLOADED).about == f"release {release}"
        call_command("export_massex", study=slug, out=tmp_path / "massex", stdout=StringIO())
        event = last(Act.DOWNLOADED)
        scorer = Scorer.objects.get(pk=event.details["scorer"])
        assert event.about == f"scorings of scorer {scorer.pk} as MASS-EX"
        assert (event.user, event.study, event.address) == (None, release.study, "shell")

    def test_an_owner_of_the_site_and_a_new_password_have_rows(self, db, monkeypatch):
        call_command(
            "createsuperuser", username="root", email="r@example.org", interactive=False,
            stdout=StringIO(),
        )  # fmt: skip
        assert last(Act.OWNER_CREATED).person.username == "root"
        monkeypatch.setattr("getpass.getpass", lambda **_: "correct horse battery")
        call_command("changepassword", "root", stdout=StringIO())
        assert last(Act.PASSWORD_CHANGED).person.username == "root"
        assert count(Act.OWNER_CREATED) == 1


def test_tokens_are_recorded_without_the_token(lead):
    made, token = make_api_token(user=lead, name="gpu box", days=9)
    withdraw_api_token(token=made)
    assert last(Act.TOKEN_CREATED).details == {"days": 9}
    assert last(Act.TOKEN_WITHDRAWN).about == "gpu box"
    assert token not in str(list(AuditEvent.objects.values()))


def test_tokens_that_are_withdrawn_together_have_a_row_each(lead, member):
    owner = member(None, username="owner-of-site")
    for name in ("gpu box", "laptop"):
        make_api_token(user=lead, name=name, days=9)
    deactivate(account=lead, by=owner, why="left the lab")
    events = AuditEvent.objects.filter(act=Act.TOKEN_WITHDRAWN, user=owner, person=lead)
    assert set(events.values_list("about", flat=True)) == {"gpu box", "laptop"}
    assert withdraw_all_tokens(user=lead, by=lead) == 0


def test_unblinding_has_its_reason_and_counts_once(rating_study: RatingStudy):
    for reason in ("ratings are in", "again"):
        unblind(rating_study=rating_study, user=rating_study.created_by, reason=reason)
    assert last(Act.UNBLINDED).why == "ratings are in"
    assert count(Act.UNBLINDED) == 1


def test_a_release_is_recorded_when_it_is_frozen_and_withdrawn(release, lead):
    assert last(Act.RELEASE_FROZEN).details == {"sha256": release.sha256}
    withdraw_release(release=release, reason="a wrong night", user=lead)
    assert last(Act.RELEASE_WITHDRAWN).why == "a wrong night"


def test_a_discarded_adjudication_is_recorded(labels_only, member):
    study = labels_only.study
    adjudicator = member(study, Role.ADJUDICATOR)
    sides = [finished_scoring(labels_only, name, ["N2"] * 10) for name in ("A", "B")]
    begun = start_adjudication(scorings=sides, user=adjudicator)
    discard_adjudication(adjudication=begun, user=adjudicator, reason="wrong scorings")
    event = last(Act.ADJUDICATION_DISCARDED)
    assert (event.why, event.details) == ("wrong scorings", {"recording": labels_only.pk})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE studies_auditevent SET why = 'another'",
        "DELETE FROM studies_auditevent",
        "TRUNCATE studies_auditevent CASCADE",
    ],
)
def test_raw_sql_changes_nothing(statement: str):
    with acting_from("192.0.2.7"):
        record(Act.UNBLINDED, user=None, why="as written")
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert last(Act.UNBLINDED).why == "as written"


class TestReadByToken:
    def test_what_a_program_reads_is_recorded_once_a_day(self, client, lead, labels_only):
        _, token = make_api_token(user=lead, name="gpu box", days=1)
        headers = {"Authorization": f"Bearer {token}"}
        address = f"/api/v1/recordings/{labels_only.pk}/"
        client.head(address, headers=headers)
        assert count(Act.TOKEN_READ) == 0
        for _ in range(2):
            assert client.get(address, headers=headers).status_code == 200
        assert count(Act.TOKEN_READ) == 1
        event = last(Act.TOKEN_READ)
        assert event.about == f"recordings:api-recording, recording {labels_only.pk}"
        assert (event.study, event.user) == (labels_only.study, lead)
        assert event.details == {"token": "gpu box"}

    def test_what_is_refused_or_read_by_a_person_is_not(self, client, client_of, lead, labels_only):
        _, token = make_api_token(user=lead, name="gpu box", days=1)
        client.get("/api/v1/recordings/999/", headers={"Authorization": f"Bearer {token}"})
        client_of(lead).get(f"/api/v1/recordings/{labels_only.pk}/")
        assert count(Act.TOKEN_READ) == 0

    def test_a_download_is_not_recorded_twice(self, client, lead, study):
        _, token = make_api_token(user=lead, name="gpu box", days=1)
        address = f"/api/v1/studies/{study.slug}/agreement/"
        client.get(address, headers={"Authorization": f"Bearer {token}"})
        assert (count(Act.TOKEN_READ), count(Act.DOWNLOADED)) == (0, 1)
