"""What annotations does when recordings tells it something."""

from typing import Any

from django.dispatch import receiver

from annotations.services.imports import import_stages, source_texts
from psg.stagefiles import StageEntry, place_on_grid
from recordings.models import Recording
from recordings.signals import recording_ready

IMPORTED_LABEL = "Imported"


@receiver(recording_ready)
def import_stages_that_came_along(
    sender: Any,
    *,
    recording: Recording,
    stage_entries: list[StageEntry],
    stages_scorer: str,
    **_: Any,
) -> None:
    """Make a scoring of the stages that were uploaded with the recording, if there were any."""
    if not stage_entries:
        return
    import_stages(
        recording=recording,
        scorer_label=stages_scorer or IMPORTED_LABEL,
        stages=place_on_grid(stage_entries, recording.grid),
        source_texts=source_texts(stage_entries, recording.grid),
        provenance={"importer": "stage file"},
    )
