"""Channels whose ranges no picture can show: told at the intake, and no page fails for them."""

import json

import pytest
from django.urls import reverse

from annotations.scoring.assignments import assign
from recordings.models import Recording
from tests.helpers.edf_files import MASS_LABELS, edf_bytes, with_field
from tests.helpers.nights import stored_night

RANGES = {
    "Huge": {"physical_min": b"-1e300", "physical_max": b"1e300"},
    "Nan": {"physical_min": b"nan", "physical_max": b"nan"},
    "Flat": {"physical_min": b"5", "physical_max": b"5"},
    "Digital": {"digital_min": b"7", "digital_max": b"7"},
    "Rounded": {"digital_min": b"7.1", "digital_max": b"7.9"},
    "Tiny": {"physical_min": b"0", "physical_max": b"1e-300"},
    "Large": {"physical_min": b"-1e17", "physical_max": b"1e17"},
}


@pytest.fixture
def night(study) -> Recording:
    labels = [*MASS_LABELS, *RANGES]
    data = edf_bytes(labels, seconds=90, sfreq_hz=100)
    for index, fields in enumerate(RANGES.values(), start=len(MASS_LABELS)):
        for field, value in fields.items():
            with_field(data, field, index, value)
    return stored_night(study=study, data=data)


def strict(text: str) -> object:
    """Read JSON as browsers do: without NaN and Infinity."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def test_the_intake_says_which_channels_cannot_be_used_and_why(night):
    assert night.state == Recording.State.READY
    usable = {channel["label"]: channel["usable"] for channel in night.channels}
    assert [label for label in RANGES if usable[label]] == ["Large"]
    for label in ("Huge", "Nan", "Flat", "Digital", "Rounded", "Tiny"):
        assert any(f"Channel {label} was skipped: its" in warning for warning in night.warnings)


def test_no_page_and_no_answer_fails_for_them(night, client_of, lead, annotator):
    scoring = assign(recording=night, annotator=annotator, assigned_by=lead)
    by_lead, by_annotator = client_of(lead), client_of(annotator)
    page = by_lead.get(reverse("recordings:recording", args=[night.pk]))
    assert page.status_code == 200
    assert "Channel Huge was skipped" in page.content.decode()
    for name in ("api-recording", "layout"):
        for view in ({}, {"view": "raw"}):
            answer = by_lead.get(reverse(f"recordings:{name}", args=[night.pk]), view)
            assert answer.status_code == 200
            strict(answer.content.decode())
    for view in ({"count": 3}, {"count": 3, "view": "raw"}):
        answer = by_lead.get(reverse("recordings:epochs", args=[night.pk, 0]), view)
        assert answer.status_code == 200
    for name in ("envelope", "spectrogram"):
        assert by_lead.get(reverse(f"recordings:{name}", args=[night.pk])).status_code == 200
    raw = reverse("recordings:envelope", args=[night.pk])
    assert by_lead.get(raw, {"view": "raw"}).status_code == 200
    workbench = reverse("annotations:workbench", args=[scoring.pk])
    assert by_annotator.get(workbench).status_code == 200
