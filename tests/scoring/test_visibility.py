"""Only `annotations.visibility` tests modes; help stops while a person scores blind."""

import re
from pathlib import Path

import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from annotations.visibility import (
    allowed_suggestions,
    assignable_modes,
    assisted_epochs,
    refuse_unaided_nights,
    unaided_recordings,
    why_not_suggested,
)
from studies.models import Mode
from tests.helpers.adjudications import finished_scoring

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("annotations", "inference", "platform")
MODES = re.compile(r"\bMode\.[A-Z]+\b|\bmode(?:s)?__in\b|\bUNAIDED\b")

# These modules describe modes, have a mode as default or count answers by mode. None of them
# decides what a person may see.
DESCRIBING = {
    "annotations/assistance/answers.py",
    "annotations/assistance/pages.py",
    "annotations/assistance/rates.py",
    "annotations/assistance/report.py",
    "annotations/exchange/scoring_files.py",
    "annotations/releases/datasheet.py",
    "annotations/scoring/models/scorings.py",
    "platform/studies/management/commands/create_study.py",
    "platform/studies/members.py",
    "platform/studies/models.py",
}


def test_modes_are_decided_in_visibility_alone() -> None:
    using = {
        str(path.relative_to(ROOT))
        for source in SOURCES
        for path in (ROOT / source).rglob("*.py")
        if "migrations" not in path.parts and MODES.search(path.read_text())
    }
    assert {
        path for path in using - DESCRIBING if not path.startswith("annotations/visibility/")
    } == set()


@pytest.fixture
def assisted(labels_only, annotator, lead) -> Scoring:
    source = finished_scoring(labels_only, "source", ["N2"] * 10)
    return assign(
        recording=labels_only,
        annotator=annotator,
        assigned_by=lead,
        mode=Mode.ASSISTED,
        suggestion=source,
    )


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_help_with_a_pass_stops_while_another_is_made_without_help(assisted, mode) -> None:
    night = range(10)
    assert allowed_suggestions(assisted, night).count() == 10
    assert assisted_epochs(assisted, night) == list(night)
    Scoring.objects.create(
        recording=assisted.recording,
        scorer=assisted.scorer,
        pass_number=2,
        mode=mode,
        rule_edition="x",
    )
    assert not allowed_suggestions(assisted, night).exists()
    assert assisted_epochs(assisted, night) == []


def test_a_submitted_scoring_keeps_nobody_blind(scoring, annotator) -> None:
    assert list(unaided_recordings(annotator)) == [scoring.recording_id]
    Scoring.objects.filter(pk=scoring.pk).update(state=Scoring.State.SUBMITTED)
    assert list(unaided_recordings(annotator)) == []
    refuse_unaided_nights([scoring.recording_id], annotator)


def test_nobody_is_suggested_their_own_scoring_nor_an_unfinished_one(scoring, annotator) -> None:
    night = scoring.recording
    assert why_not_suggested(night, annotator, None) is not None
    assert why_not_suggested(night, annotator, scoring) is not None  # still open
    Scoring.objects.filter(pk=scoring.pk).update(state=Scoring.State.SUBMITTED)
    assert why_not_suggested(night, annotator, scoring) is not None  # their own
    other = finished_scoring(night, "other", ["N2"] * 10)
    assert why_not_suggested(night, annotator, other) is None


def test_only_blind_can_be_assigned_while_there_is_nothing_to_suggest() -> None:
    assert assignable_modes(has_source=False) == [Mode.BLIND]
    assert assignable_modes(has_source=True) == list(Mode)
