"""The audit trail: rows are added with user, address and reason, and stay as they are."""

import pytest
from django.db import DatabaseError, transaction

from studies.audit import acting_from, record
from studies.models import Act, AuditEvent, User

pytestmark = pytest.mark.django_db


def test_an_event_has_user_address_and_reason():
    user = User.objects.create(username="ada")
    with acting_from("192.0.2.7"):
        event = record(Act.ROLE_GIVEN, user=user, about="grace as rater", why="second opinion")
    assert (event.user, event.address, event.why) == (user, "192.0.2.7", "second opinion")
    assert str(event) == "Gave a role: grace as rater"


def test_without_a_request_the_address_is_the_shell():
    assert record(Act.ROLE_GIVEN, user=None).address == "shell"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_an_event(change: str):
    record(Act.ROLE_GIVEN, user=None)
    rows = AuditEvent.objects.all()
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        rows.update(why="another") if change == "update" else rows.delete()
