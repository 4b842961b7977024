"""Events that the detectors find in a night, kept so that they are searched once."""

from collections.abc import Sequence

from django.db import transaction

from psg.events.measures import DETECTORS_VERSION, find_evidence
from psg.signalstore import SignalStore
from recordings.models import EpochCandidates, Recording


def stored_candidates(
    *, recording: Recording, epochs: Sequence[int]
) -> list[EpochCandidates] | None:
    """Return what was found in `epochs`; None while the night has not been searched."""
    known = EpochCandidates.objects.filter(recording=recording, detectors_version=DETECTORS_VERSION)
    if not known.exists():
        return None
    return list(known.filter(epoch__in=epochs))


def search_night(*, recording_id: int) -> None:
    """Search a night and keep what is found. A night that was searched is left as it is."""
    recording = Recording.objects.get(pk=recording_id)
    if not recording.signals_file or stored_candidates(recording=recording, epochs=[]) is not None:
        return
    with SignalStore.open(recording.signals_file.open("rb")) as store:
        found = find_evidence(store)
    with transaction.atomic():
        EpochCandidates.objects.filter(recording=recording).exclude(
            detectors_version=DETECTORS_VERSION
        ).delete()
        EpochCandidates.objects.bulk_create(
            [
                EpochCandidates(
                    recording=recording,
                    epoch=epoch,
                    detectors_version=DETECTORS_VERSION,
                    events=events,
                )
                for epoch, events in enumerate(found)
            ],
            ignore_conflicts=True,
        )
