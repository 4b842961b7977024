"""Runs, replies and bundles as JSON."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from inference.models import ModelBundle, PreScoreRun, Reply
from inference.queries.progress import progress_of


class StartRunSerializer(serializers.Serializer):
    recording = serializers.IntegerField(min_value=1)
    bundle = serializers.CharField(max_length=63)


def run_json(run: PreScoreRun, *, workers: int) -> dict[str, Any]:
    progress = progress_of(run, workers=workers)
    return {
        "id": run.pk,
        "recording": run.recording_id,
        "bundle": run.bundle.name,
        "scoring": run.scoring_id,
        "attempt": run.attempt,
        **asdict(progress),
        "rate": progress.rate,
        "left": progress.left,
        "started_at": run.started_at,
        "heartbeat_at": run.heartbeat_at,
        "finished_at": run.finished_at,
    }


def reply_json(reply: Reply) -> dict[str, Any]:
    return {
        "epoch": reply.epoch,
        "attempt": reply.attempt,
        "fault": reply.fault,
        "reason": reply.fault_detail,
        "notes": reply.notes,
        "text": reply.text,
        "edge": reply.edge,
        "pixel_sha256": reply.pixel_sha256,
        "duration_s": reply.duration_s,
    }


def bundle_json(bundle: ModelBundle) -> dict[str, Any]:
    return {
        "name": bundle.name,
        "version": bundle.version,
        "title": bundle.title,
        "adapter": bundle.adapter,
        "track": bundle.track,
        "licence": bundle.licence,
        "installed": bundle.is_installed,
        "install_hint": bundle.install_hint,
        "renderer_version": bundle.renderer_version,
        "prompt_sha256": bundle.prompt_sha256,
        "weights_sha256": bundle.weights_sha256,
        "measured": bundle.measured,
    }
