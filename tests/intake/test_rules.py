"""What a study keeps about files that come in: listed and deleted, for leads alone."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from recordings.intake.models import IntakeRule
from recordings.intake.reading import value_words

VALUE = {"channels": {"C4-M1": {"positive": "EEG 1", "negative": "EEG 2"}, "Chin": None}}


@pytest.fixture
def rule(study, lead) -> IntakeRule:
    return IntakeRule.objects.create(
        study=study, kind="channels", key="x", about=["EEG 1", "EEG 2"], value=VALUE, set_by=lead
    )


def rules(study, **options) -> str:
    out = io.StringIO()
    call_command("intake_rules", study=study.slug, stdout=out, **options)
    return out.getvalue()


def test_rules_are_listed_in_words_and_deleted(study, rule, lead):
    out = rules(study)
    assert "C4-M1 = EEG 1 - EEG 2" in out
    assert "Chin = none" in out
    assert f"set by {lead}" in out
    assert json.loads(rules(study, json=True))["rules"][0]["value"] == VALUE
    with pytest.raises(CommandError, match="no import setting 999"):
        rules(study, delete=[999])
    assert "no import settings" in rules(study, delete=[rule.pk])


def test_a_lead_reads_and_deletes_rules_by_api(study, rule, client_of, lead):
    client = client_of(lead)
    listed = client.get(reverse("recordings:api-intake-rules", args=[study.slug])).json()
    assert [each["id"] for each in listed["rules"]] == [rule.pk]
    address = reverse("recordings:api-intake-rule", args=[study.slug, rule.pk])
    assert client.delete(address).status_code == 204
    assert not IntakeRule.objects.exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"codes": "yasa", "epoch_s": 20.0}, "integer codes: yasa; 20-s epochs converted to 30 s"),
        ({"unscored": ["#1", "#2"]}, "2 texts mean no stage (texts are not stored)"),
        ({"meanings": ["#1=N2"]}, "1 text means N2 (texts are not stored)"),
        ({"units": {"EEG 1": "mV"}, "mains_hz": 60.0}, "units: EEG 1 = mV; mains frequency: 60 Hz"),
        (
            {"pattern": "{subject}.edf", "stages_pattern": ""},
            "recordings {subject}.edf",
        ),
    ],
)
def test_a_setting_is_described_in_words(value, words):
    assert value_words(value) == words
