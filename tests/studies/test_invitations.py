"""Invitations: accounts need an invitation, and each invitation works once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from studies.members import create_study, invite
from studies.models import Act, AuditEvent, Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db

NEW_ACCOUNT = {
    "username": "newcomer",
    "name": "New Comer",
    "password1": "a long enough secret",
    "password2": "a long enough secret",
}


@pytest.fixture
def token(study, lead) -> str:
    return invite(study=study, email="new@example.org", role=Role.RATER, invited_by=lead)[1]


def test_a_lead_makes_a_link_that_lets_a_newcomer_in(client, client_of, study, lead):
    page = client_of(lead).post(
        f"/studies/{study.slug}/members/", {"email": "new@example.org", "role": "annotator"}
    )
    link = re.search(r"http://testserver(/invitations/[^<]+)<", page.content.decode()).group(1)
    assert client.get(link).status_code == 200
    assert client.post(link, NEW_ACCOUNT).status_code == 302
    membership = Membership.objects.get(user__username="newcomer")
    assert (membership.study, membership.role) == (study, "annotator")
    assert membership.user.email == "new@example.org"
    assert membership.user.password.startswith("argon2")


def test_the_token_itself_is_stored_nowhere(token):
    row = Invitation.objects.values().get()
    assert token not in str(row)


def test_a_used_link_is_closed(client, token):
    client.post(f"/invitations/{token}/", NEW_ACCOUNT)
    client.logout()
    again = client.post(f"/invitations/{token}/", {**NEW_ACCOUNT, "username": "second"})
    assert again.status_code == 410
    assert not User.objects.filter(username="second").exists()


def test_nobody_joins_an_archived_study(client, client_of, member, study, token):
    study.archived_at = timezone.now()
    study.save()
    someone = member(create_study(slug="other"), Role.RATER, username="someone")
    for asking in (client, client_of(someone)):
        answer = asking.post(f"/invitations/{token}/", NEW_ACCOUNT)
        assert answer.status_code == 409
        assert "archived" in answer.content.decode()
    assert not User.objects.filter(username="newcomer").exists()
    assert not Membership.objects.filter(study=study, role=Role.RATER).exists()
    assert Invitation.objects.get().is_open


def test_a_link_runs_out(client, token):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/invitations/{token}/").status_code == 410


def test_a_withdrawn_link_is_closed(client, client_of, token, study, lead):
    invitation = Invitation.objects.get()
    client_of(lead).post(f"/studies/{study.slug}/invitations/{invitation.pk}/withdraw/")
    assert client.get(f"/invitations/{token}/").status_code == 410


def test_somebody_with_an_account_joins_with_it(client_of, member, token, study):
    user = member(None, username="known")
    assert client_of(user).post(f"/invitations/{token}/").status_code == 302
    assert study.roles_of(user) == {Role.RATER}


def test_a_weak_password_makes_no_account(client, token):
    weak = {**NEW_ACCOUNT, "password1": "short", "password2": "short"}
    assert client.post(f"/invitations/{token}/", weak).status_code == 200
    assert not User.objects.filter(username="newcomer").exists()


def test_the_only_lead_cannot_be_removed(client_of, study, lead):
    membership = study.memberships.get(user=lead)
    client_of(lead).post(f"/studies/{study.slug}/members/{membership.pk}/remove/")
    assert study.roles_of(lead) == {Role.LEAD}


def test_a_removed_member_sees_the_study_no_more(client_of, study, lead, annotator):
    membership = study.memberships.get(user=annotator)
    client_of(lead).post(f"/studies/{study.slug}/members/{membership.pk}/remove/")
    assert client_of(annotator).get(f"/studies/{study.slug}/").status_code == 404


# One account, whatever happens to the answer, and never one without its role.


def accept(client, token: str, **changes: str):
    return client.post(f"/invitations/{token}/", NEW_ACCOUNT | changes)


def test_the_form_sent_again_signs_in_to_the_account_it_made(client, token):
    accept(client, token)
    again = Client()  # the first answer, with its cookie, was lost
    assert accept(again, token).url == "/"
    assert again.session["_auth_user_id"] == client.session["_auth_user_id"]
    assert User.objects.filter(username="newcomer").count() == 1


def test_somebody_else_with_the_used_link_gets_nothing(client, token):
    accept(client, token)
    for changes in ({"username": "second"}, {"password1": "another long secret"}):
        stranger = Client()
        assert accept(stranger, token, **changes).status_code == 410
        assert "_auth_user_id" not in stranger.session
    assert User.objects.exclude(invitations_sent__isnull=False).count() == 1


def test_a_second_tab_of_the_new_member_makes_no_second_account(client, token):
    accept(client, token)
    assert accept(client, token, username="second").url == "/"
    assert not User.objects.filter(username="second").exists()


def test_who_was_removed_does_not_come_back_by_the_old_link(client, token, study):
    accept(client, token)
    Membership.objects.filter(user__username="newcomer").delete()
    assert client.post(f"/invitations/{token}/").status_code == 410
    assert not Membership.objects.filter(user__username="newcomer").exists()


@pytest.mark.parametrize("username", ["KNOWN", "k\u043down", "known@x.org", "ｋｎｏｗｎ", "kn0wn"])
def test_a_name_that_looks_like_another_makes_no_account(client, member, token, username):
    member(None, username="known")
    page = accept(client, token, username=username)
    assert page.status_code == 200
    assert User.objects.filter(email="new@example.org").count() == 0
    assert client.get(f"/invitations/{token}/").status_code == 200


def test_who_has_an_account_with_this_e_mail_is_asked_to_sign_in(client, token, sign_in, study):
    known = User.objects.create_user("known", "New@Example.org", "correct horse battery")
    assert "Sign in with it" in accept(client, token).content.decode()
    page = client.get(f"/invitations/{token}/").content.decode()
    after = re.search(r"/login/\?next=([^\"]+)\"", page).group(1)
    assert token not in after
    sign_in("known", client=client, after=after)
    assert "Join as <bdi>known</bdi>" in client.get(after).content.decode()
    assert client.post(after).url == "/"
    assert study.roles_of(known) == {Role.RATER}


def test_an_opened_link_is_not_kept_for_who_signs_in_for_another_reason(
    client, token, sign_in, member
):
    member(None, username="known")
    client.get(f"/invitations/{token}/")
    sign_in("known", client=client)
    assert token not in str(dict(client.session))
    assert client.get("/invitations/open/").status_code == 410


def test_the_link_is_told_to_nobody(client, token):
    page = client.get(f"/invitations/{token}/")
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert token not in page.content.decode()
    assert token not in str(list(AuditEvent.objects.values()))


def test_an_accepted_invitation_is_recorded(client, token, study):
    accept(client, token)
    event = AuditEvent.objects.get(act=Act.INVITATION_ACCEPTED)
    assert (event.user.username, event.study) == ("newcomer", study)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [["newcomer"] * 6, [f"newcomer-{n}" for n in range(6)]])
def test_six_at_once_make_one_account(token, names):
    clients = [Client() for _ in names]

    def send(client, name: str) -> int:
        try:
            return accept(client, token, username=name).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(names)) as threads:
        answers = list(threads.map(send, clients, names))
    one = User.objects.get(email="new@example.org")
    assert Membership.objects.filter(user=one).count() == 1
    in_accounts = [c for c in clients if c.session.get("_auth_user_id") == str(one.pk)]
    assert len(in_accounts) == (6 if len(set(names)) == 1 else 1)
    assert sorted(set(answers) - {302}) in ([], [410])


def test_a_fault_on_the_way_leaves_neither_account_nor_used_invitation(client, token, monkeypatch):
    monkeypatch.setattr("studies.members.add_member", Mock(side_effect=RuntimeError))
    client.raise_request_exception = False
    assert accept(client, token).status_code == 500
    assert not User.objects.filter(username="newcomer").exists()
    monkeypatch.undo()
    assert accept(client, token).status_code == 302
