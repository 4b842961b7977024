"""An hour of a night that another scorer has scored and whose waves are detected already."""

from collections.abc import Callable

import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from psg.events.measures import DETECTORS_VERSION
from recordings.models import EpochCandidates, Recording
from studies.models import Mode, User
from tests.helpers.adjudications import finished_scoring

SECRET = "secretmodel"
SPINDLE = {"kind": "spindle", "derivation": "C4-M1", "start_s": 12.3, "end_s": 13.1, "values": {}}
DETECTED = {**SPINDLE, "start_s": 20.0, "end_s": 21.0, "values": {"frequency_hz": 13.4}}
WORDS = f"{SECRET}: sleep spindle at 12.3-13.1 s."


@pytest.fixture
def assigned(hour_night: Recording, annotator: User, lead: User) -> Callable[[Mode], Scoring]:
    """Assign the hour in a mode: `assigned(Mode.REVIEW)`.

    The other scorer says N2 of every epoch, and one wave is detected in each.
    """
    source = finished_scoring(hour_night, SECRET, ["N2"] * hour_night.epoch_count)
    source.scores.update(rationale=WORDS, evidence=[SPINDLE], probabilities={"N2": 0.75})
    EpochCandidates.objects.bulk_create(
        EpochCandidates(
            recording=hour_night,
            epoch=epoch,
            detectors_version=DETECTORS_VERSION,
            events=[DETECTED],
        )
        for epoch in range(hour_night.epoch_count)
    )
    return lambda mode: assign(
        recording=hour_night, annotator=annotator, assigned_by=lead, mode=mode, suggestion=source
    )
