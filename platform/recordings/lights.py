"""Lights off and lights on of a recording, for every scorer without own marks."""

from django.db import transaction

from psg.errors import RefusedError
from psg.lights import Lights
from recordings.models import Recording, RecordingLightsChange
from studies.models import User


class LightsRefusedError(RefusedError):
    """The lights marks are not valid for this recording; the text is the reason."""


@transaction.atomic
def set_recording_lights(*, recording: Recording, lights: Lights, user: User) -> None:
    """Set the marks (None: no mark) and append the change to their history.

    Raises
    ------
    LightsRefusedError
        When a mark lies outside the recording, or lights on before lights off.
    """
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    if problem := lights.problem(recording.end_s):
        raise LightsRefusedError(problem)
    if lights == recording.lights:
        return
    RecordingLightsChange.objects.create(
        recording=recording, user=user, before=vars(recording.lights), after=vars(lights)
    )
    recording.lights_off_s, recording.lights_on_s = lights.off_s, lights.on_s
    recording.save(update_fields=["lights_off_s", "lights_on_s"])
