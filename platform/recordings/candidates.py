"""Events that the detectors detect in a recording, stored so that each is searched once."""

from collections.abc import Sequence

from django.db import transaction

from psg.events.measures import DETECTORS_VERSION, find_evidence
from psg.signalstore import SignalStore
from recordings.models import EpochCandidates, Recording


def stored_candidates(
    *, recording: Recording, epochs: Sequence[int]
) -> list[EpochCandidates] | None:
    """Return the stored events of `epochs`; None if the recording has not been searched yet."""
    known = EpochCandidates.objects.filter(recording=recording, detectors_version=DETECTORS_VERSION)
    if not known.exists():
        return None
    return list(known.filter(epoch__in=epochs))


def search_night(*, recording_id: int) -> None:
    """Search a recording for events and store them, unless it was searched before."""
    recording = Recording.objects.get(pk=recording_id)
    if not recording.signals_file or stored_candidates(recording=recording, epochs=[]) is not None:
        return
    with SignalStore.open(recording.signals_file.open("rb")) as store:
        events_by_epoch = find_evidence(store)
    with transaction.atomic():
        same = Recording.objects.filter(pk=recording_id, signals_version=recording.signals_version)
        if not same.select_for_update(of=("self",)).exists():
            return  # corrected meanwhile: the next request searches the new signals
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
                for epoch, events in enumerate(events_by_epoch)
            ],
            ignore_conflicts=True,
        )
