"""Why a recording cannot be taken."""

from recordings.models import Recording


class DuplicateRecordingError(Exception):
    """The same file is in the study already."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        super().__init__(
            f"This file is in the study already, as {recording.name}. Nothing was added."
        )


class LeaseLostError(Exception):
    """Another worker has taken the ingest over, or its recording is gone."""


class LightsRefusedError(Exception):
    """These cannot be the lights marks of this recording; the text says why."""
