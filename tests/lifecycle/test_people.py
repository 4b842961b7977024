"""Erasing the account of a person: the name goes, the evidence stays."""

from io import StringIO
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from annotations.exchange.models import Export
from annotations.rating.calibration import Calibration, admit_rater
from annotations.rating.models import RatingRater, RatingStudy
from annotations.scoring.models import EpochComment, Scorer, Scoring
from annotations.scoring.scorings import create_scoring
from epochwise.lifecycle.erasing import ErasureRefusedError
from epochwise.lifecycle.people import erase_person, reach_of_person
from recordings.models import Recording
from studies.members import add_member, invite
from studies.models import Act, ApiToken, AuditEvent, Invitation, Preferences, Role, User
from tests.helpers.adjudications import finished_scoring
from tests.helpers.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def world(own_store) -> World:
    return World.build()


def text_of_database() -> str:
    parts = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{model._meta.db_table}" t')
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts)


@pytest.fixture
def maria(world, client) -> User:
    """An annotator with everything that a person leaves on a site."""
    maria = User.objects.create_user(
        username="maria.m", password="correct horse battery", email="maria@example.org"
    )
    maria.name = "Maria Musterfrau"
    maria.save()
    add_member(study=world.study, user=maria, role=Role.ANNOTATOR)
    Preferences.objects.create(user=maria)
    ApiToken.objects.create(
        user=maria, name="box", token_sha256="x", expires_at="2030-01-01T00:00Z"
    )
    invite(study=world.study, email="Maria@example.org", role=Role.RATER, invited_by=None)
    scoring = finished_scoring(world.recording, "seen", ["W", "W"], user=maria)
    Scorer.objects.filter(user=maria).update(label=maria.name)
    EpochComment.objects.all().delete()
    comment = EpochComment.objects.create(
        scoring=scoring, epoch=0, author=world.people["lead"], text="Why, @maria.m? @maria.mm"
    )
    comment.mentions.add(maria)
    Export.objects.create(study=world.study, scorer=scoring.scorer)
    client.force_login(maria)
    return maria


def test_nothing_names_the_person_and_the_scoring_stays(maria):
    pk = maria.pk
    scoring = Scoring.objects.get(scorer__user=maria)
    assert Session.objects.exists()
    erase_person(person=maria, user=None, reason="left the lab")
    left = text_of_database().replace("@maria.mm", "").lower()
    assert "maria" not in left
    scoring.refresh_from_db()
    assert scoring.scores.count() == 2
    assert str(scoring.scorer) == str(User.objects.get(pk=pk)) == f"Former scorer {pk}"
    assert EpochComment.objects.get().text == f"Why, @former-{pk}? @maria.mm"
    assert not ApiToken.objects.filter(user=pk).exists()
    assert not Invitation.objects.filter(email__iexact="maria@example.org").exists()
    former = User.objects.get(pk=pk)
    assert (former.is_active, former.has_usable_password()) == (False, False)
    assert former.memberships.count() == 0
    event = AuditEvent.objects.get(act=Act.ERASED)
    assert (event.about, event.why) == (f"person {pk}", "left the lab")


def test_the_audit_trail_names_the_person_by_the_account_alone(maria, world):
    lead = world.client("lead")
    export = Export.objects.get(scorer__user=maria)
    export.file.save("x.zip", ContentFile(b"zip"))
    Export.objects.filter(pk=export.pk).update(state=Export.State.DONE)
    assert lead.get(reverse("annotations:export-download", args=[export.pk])).status_code == 200
    rating_study = RatingStudy.objects.filter(study=world.study).first()
    seat = RatingRater.objects.create(rating_study=rating_study, rater=maria)
    over = Calibration(seat=seat, items=1, shown=1, met=0, total=1)
    with patch("annotations.rating.calibration.calibration_of", return_value=over):
        admit_rater(seat=seat, user=world.people["lead"], reason="We talked.")
    shown = lead.get(reverse("audit", args=[world.study.slug])).content.decode()
    assert f"export {export.pk} of Maria Musterfrau" in shown
    assert f"Maria Musterfrau in {rating_study.title}" in shown
    erase_person(person=maria, user=None, reason="left the lab")
    assert "maria" not in text_of_database().replace("@maria.mm", "").lower()
    shown = lead.get(reverse("audit", args=[world.study.slug])).content.decode()
    assert f"export {export.pk} of Former scorer {maria.pk}" in shown


def test_an_erased_person_is_signed_out_and_cannot_sign_in(maria, client):
    erase_person(person=maria, user=None, reason="left the lab")
    assert not client.login(username="maria.m", password="correct horse battery")
    assert client.get(reverse("studies:api-tokens")).status_code == 302


def test_scorings_go_on_request_unless_others_built_on_them(maria, world):
    free = Scoring.objects.get(scorer__user=maria)
    other = Recording.objects.get(name="S1 signals")
    built_on = create_scoring(recording=other, scorer=free.scorer)
    Scoring.objects.filter(scorer__user=world.people["owner"]).update(suggestion=built_on)
    reach = reach_of_person(maria)
    assert (reach.erasable, reach.built_on) == ((free,), (built_on,))
    erase_person(person=maria, user=None, reason="left the lab", with_scorings=True)
    assert not Scoring.objects.filter(pk=free.pk).exists()
    assert Scoring.objects.get(pk=built_on.pk).scorer.label == f"Former scorer {maria.pk}"


def test_the_only_lead_and_the_only_owner_are_not_erased(world):
    with pytest.raises(ErasureRefusedError, match="only lead"):
        erase_person(person=world.people["lead"], user=None, reason="left the lab")
    gone = User.objects.create_user(username="gone", is_active=False)
    add_member(study=world.study, user=gone, role=Role.LEAD)
    with pytest.raises(ErasureRefusedError, match="only lead"):  # nobody else can sign in
        erase_person(person=world.people["lead"], user=None, reason="left the lab")
    owner = User.objects.create_superuser(username="root")
    with pytest.raises(ErasureRefusedError, match="only owner"):
        erase_person(person=owner, user=None, reason="left the lab")
    with pytest.raises(ErasureRefusedError, match="own account"):
        erase_person(person=owner, user=owner, reason="left the lab")


def test_the_owner_of_the_site_sees_what_goes_and_erases(maria, client):
    owner = User.objects.create_superuser(username="root")
    client.force_login(owner)
    page = reverse("lifecycle:erase-person", args=[maria.pk])
    shown = client.get(page).content.decode()
    assert f"Former scorer {maria.pk}" in shown
    assert "memberships" in shown.lower()
    refused = client.post(page, {"reason": "left", "confirmation": "somebody"})
    assert "type maria.m exactly" in refused.content.decode()
    assert client.post(page, {"reason": "left", "confirmation": "maria.m"}).status_code == 302
    assert User.objects.get(pk=maria.pk).username == f"former-{maria.pk}"


def test_page_and_command_name_the_releases_and_rating_studies(own_store, settled, frozen, client):
    scoring = settled("01-0001")
    release = frozen("1.0.0")
    person = User.objects.create_user(username="ann")
    finished_scoring(scoring.recording, "seen", ["W"] * 9, user=person)
    judged = RatingStudy.objects.create(study=release.study, title="How good is it?", seed=1)
    RatingRater.objects.create(rating_study=judged, rater=person)
    client.force_login(User.objects.create_superuser(username="root"))
    out = StringIO()
    call_command("erase", "person", "ann", stdout=out)
    page = client.get(reverse("lifecycle:erase-person", args=[person.pk])).content.decode()
    for text in (out.getvalue(), page):
        assert str(release) in text
        assert str(judged) in text


def test_the_command_lists_first(maria):
    out = StringIO()
    call_command("erase", "person", "maria.m", stdout=out)
    assert "Nothing was erased" in out.getvalue()
    assert User.objects.filter(username="maria.m").exists()
    call_command(
        *("erase", "person", "maria.m", "--reason", "left", "--confirm", "maria.m"), stdout=out
    )
    assert not User.objects.filter(username="maria.m").exists()
