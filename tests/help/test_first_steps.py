"""First steps: shown on a new site and in a new study, until its work has begun."""

import pytest
from django.urls import reverse

from annotations.scoring.assignments import assign
from epochwise.help.first_steps import first_steps
from studies.members import invite
from studies.models import Role, User

pytestmark = pytest.mark.django_db


def done(study, **counts) -> dict[str, bool]:
    return {step.action: step.is_done for step in first_steps(study, **counts)}


def test_steps_are_done_by_what_the_study_has(study, lead):
    assert not any(done(study, recordings=0, assigned=0).values())
    invite(study=study, email="a@example.org", role=Role.ANNOTATOR, invited_by=lead)
    steps = done(study, recordings=2, assigned=0)
    assert [action for action, is_done in steps.items() if is_done] == [
        "Add recordings",
        "Invite people",
    ]


def test_nothing_is_left_once_recordings_are_assigned(study):
    assert first_steps(study, recordings=1, assigned=1) == []


def test_the_overview_shows_them_to_its_lead_until_the_work_has_begun(
    client, study, lead, member, annotator, hour_night
):
    address = reverse("study", args=[study.slug])
    client.force_login(member(study, Role.VIEWER))
    assert b"First steps" not in client.get(address).content
    client.force_login(lead)
    assert b"First steps" in client.get(address).content
    assign(recording=hour_night, annotator=annotator, assigned_by=lead)
    assert b"First steps" not in client.get(address).content


def test_the_owner_of_a_new_site_begins_with_a_study_and_others_wait_for_an_invitation(client):
    client.force_login(User.objects.create_superuser("owner"))
    assert b"First steps" in client.get("/").content
    client.force_login(User.objects.create_user("guest"))
    page = client.get("/").content.decode()
    assert "First steps" not in page
    assert "Request an invitation" in page


def test_a_site_without_accounts_says_how_to_create_the_owner(client):
    assert b"createsuperuser" in client.get("/login/").content
    User.objects.create_user("somebody")
    assert b"createsuperuser" not in client.get("/login/").content
