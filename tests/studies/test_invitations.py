"""Invitations: accounts need an invitation, and each invitation works once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.members import invite
from studies.models import Invitation, Membership, Role, User

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
