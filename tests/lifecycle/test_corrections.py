"""Renaming a recording and moving it to another subject."""

import pytest
from django.urls import reverse

from annotations.releases.models import Release
from epochwise.lifecycle.corrections import CorrectionRefusedError, correct_recording
from recordings.models import Recording, Subject
from studies.models import Act, AuditEvent
from tests.helpers.world import World

pytestmark = pytest.mark.django_db


def correct(recording, name: str, subject: str, reason: str = "typing error"):
    return correct_recording(
        recording=recording, name=name, subject_code=subject, user=None, reason=reason
    )


def test_a_recording_gets_another_name_and_subject(settled, draft_release):
    night = settled("Meier").recording
    settled("01-0002")
    draft = draft_release(recordings=("Meier", "01-0002"))
    correct(night, "01-0001", "S7")
    night.refresh_from_db()
    assert (night.name, night.subject.code) == ("01-0001", "S7")
    assert not Subject.objects.filter(code="Meier").exists()
    draft.refresh_from_db()
    assert draft.composition["recordings"] == ["01-0001", "01-0002"]
    assert "01-0001 by consensus" in draft.preview["nights"]
    number = f"recording {night.pk}"
    acts = AuditEvent.objects.values_list("act", "about")
    moved = f"{number} to subject {night.subject_id}"
    assert set(acts) == {(Act.RENAMED, number), (Act.MOVED, moved)}
    names = str(list(AuditEvent.objects.values()))
    assert not [name for name in ("Meier", "01-0001", "S7") if name in names]


@pytest.mark.parametrize(
    ("name", "subject", "message"),
    [
        ("01-0002", "S1", "already"),
        ("01-0001", "01-0001", "same as before"),
        ("../x", "S1", "Use letters"),
        ("x" * 81, "S1", "Use letters"),
        ("x", "a b", "Use letters"),
        ("x\x00", "S1", "Use letters"),
    ],
)
def test_what_cannot_be_a_name_is_refused(settled, name, subject, message):
    night = settled("01-0001").recording
    settled("01-0002")
    with pytest.raises(CorrectionRefusedError, match=message):
        correct(night, name, subject)
    night.refresh_from_db()
    assert night.name == "01-0001"


def test_what_is_frozen_keeps_its_name(own_store, settled, frozen):
    night = settled("01-0001").recording
    frozen("1.0.0")
    with pytest.raises(CorrectionRefusedError, match=r"release Nights 1\.0\.0"):
        correct(night, "01-0009", "01-0001")
    Release.objects.update(state=Release.State.WITHDRAWN)
    with pytest.raises(CorrectionRefusedError, match=r"release Nights 1\.0\.0"):
        correct(night, "01-0001", "S9")


def test_a_launched_rating_study_holds_its_nights_and_a_draft_does_not(own_store):
    World.build()
    night = Recording.objects.get(name="S2")
    with pytest.raises(CorrectionRefusedError, match="rating study Round"):
        correct(night, "S2 again", "S2")
    free = Recording.objects.get(name="S1 signals")
    assert correct(free, "S1 night 2", "S1").name == "S1 night 2"


def test_a_night_that_is_not_imported_is_refused(study):
    night = Recording.objects.create(
        study=study, subject=Subject.objects.create(study=study, code="S1"), name="S1"
    )
    with pytest.raises(CorrectionRefusedError, match="not imported"):
        correct(night, "S2", "S1")


def test_a_lead_renames_on_a_page(settled, client, member):
    night = settled("01-0001").recording
    client.force_login(member(night.study, "lead"))
    page = reverse("lifecycle:correct", args=[night.pk])
    assert "Save recording" in client.get(page).content.decode()
    refused = client.post(page, {"name": "a/b", "subject": "S1", "reason": "typing error"})
    assert "Use letters" in refused.content.decode()
    done = client.post(page, {"name": "01-0009", "subject": "S1", "reason": "typing error"})
    assert done.status_code == 302
    assert Recording.objects.get().name == "01-0009"


def test_a_wrong_confirmation_is_shown_beside_its_field(contexts, settled, client, member):
    night = settled("01-0001").recording
    client.force_login(member(night.study, "lead"))
    page = reverse("lifecycle:erase-recording", args=[night.pk])
    refused = client.post(page, {"reason": "consent withdrawn", "confirmation": "01-0002"})
    errors = refused.context["form"].errors
    assert errors == {"confirmation": ["To confirm, type 01-0001 exactly. Nothing was erased."]}
    assert Recording.objects.filter(pk=night.pk).exists()
