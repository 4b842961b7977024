"""Recordings as JSON, and the form of an upload."""

from typing import Any

from rest_framework import serializers

from psg.signalstore import StoreHeader
from psg.stagefiles import CODE_MAPS
from recordings.models import Ingest, Recording


def recording_json(recording: Recording) -> dict[str, Any]:
    """Say what a recording is and how far its ingest has come."""
    ingest: Ingest | None = getattr(recording, "ingest", None)
    return {
        "id": recording.pk,
        "name": recording.name,
        "state": recording.state,
        "epoch_count": recording.epoch_count,
        "epoch0_s": recording.epoch0_s,
        "start_clock_s": recording.start_clock_s,
        "duration_s": recording.duration_s,
        "derivations": recording.derivation_names,
        "channels": recording.channels,
        "notes": recording.notes,
        "warnings": recording.warnings,
        "progress": ingest
        and {
            "state": ingest.state,
            "step": ingest.step,
            "done": ingest.done,
            "total": ingest.total,
        },
        "error": ingest.error if ingest else "",
    }


def layout_json(header: StoreHeader) -> dict[str, Any]:
    """Say where each channel lies inside an epoch record."""
    return {
        "epoch_count": header.epoch_count,
        "epoch0_s": header.epoch0_s,
        "record_size": header.record_size,
        "channels": header.describe_channels(),
    }


class UploadSerializer(serializers.Serializer):
    """A recording, and optionally its subject's code, its stages, and where epoch 0 starts."""

    file = serializers.FileField(allow_empty_file=True)
    subject = serializers.RegexField(
        r"^[\w.\-]+$",
        required=False,
        allow_blank=True,
        max_length=60,
        error_messages={"invalid": "Use letters, figures, - _ and . only, and never a name."},
    )
    stages = serializers.FileField(required=False, allow_empty_file=True)
    stages_scorer = serializers.CharField(required=False, allow_blank=True, max_length=120)
    stage_codes = serializers.ChoiceField(list(CODE_MAPS), required=False, allow_blank=True)
    epoch_start_s = serializers.FloatField(required=False, allow_null=True, min_value=0)
