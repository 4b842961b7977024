"""Events of imported files: kept with their scoring, and never as free text."""

from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction

from annotations.scoring.models import ScoredEvent, Scoring
from psg.errors import StageFileError
from psg.stagefiles.facts import FileEvent

# An event every 3 s of a long night; files with more hold something else.
MOST_EVENTS = 20_000


class ScoredEventJson(TypedDict):
    """An event, in seconds from the start of the recording."""

    onset_s: float
    duration_s: float
    kind: str
    name: str
    channel: str


@transaction.atomic
def keep_events(*, scoring: Scoring, events: Sequence[FileEvent]) -> int:
    """Store the events of an imported file, on the axis of the recording; return how many.

    Events that lie outside the recording are left out.

    Raises
    ------
    StageFileError
        When there are more than a night can have.
    """
    if len(events) > MOST_EVENTS:
        raise StageFileError(
            f"The file has more than {MOST_EVENTS:,} events",
            where=f"{len(events):,} events",
            advice="It should have the events of a single recording.",
        )
    end_s = scoring.recording.end_s
    inside = [e for e in events if e.onset_s < end_s and e.onset_s + e.duration_s >= 0]
    ScoredEvent.objects.bulk_create(
        [
            ScoredEvent(
                scoring=scoring,
                onset_s=event.onset_s,
                duration_s=event.duration_s,
                kind=event.kind.value,
                name=event.name[:60],
                channel=event.channel[:40],
            )
            for event in inside
        ],
        batch_size=2000,
    )
    return len(inside)


def event_json(event: ScoredEvent) -> ScoredEventJson:
    return {
        "onset_s": event.onset_s,
        "duration_s": event.duration_s,
        "kind": event.kind,
        "name": event.name,
        "channel": event.channel,
    }
