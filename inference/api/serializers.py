"""Runs, replies and bundles as JSON."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from inference.models import BundleCheck, ModelBundle, PreScoreRun, Promotion, Reply
from inference.queries.progress import progress_of
from inference.queries.study_progress import StudyProgress
from inference.queries.workers import GpuWorkers

PRIORITIES = [name.lower() for name in PreScoreRun.Priority.names]


class StartRunSerializer(serializers.Serializer):
    """Either one recording, or `whole_study`; never the study because a recording was left out.

    Without a bundle the study's promoted one is meant.
    """

    recording = serializers.IntegerField(min_value=1, required=False)
    whole_study = serializers.BooleanField(default=False)
    bundle = serializers.CharField(max_length=63, required=False, default="")
    priority = serializers.ChoiceField(PRIORITIES, default="normal")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["whole_study"] == ("recording" in attrs):
            raise serializers.ValidationError("Name a recording, or set whole_study.")
        return attrs


class PrioritySerializer(serializers.Serializer):
    priority = serializers.ChoiceField(PRIORITIES)


def run_json(run: PreScoreRun, *, workers: GpuWorkers) -> dict[str, Any]:
    progress = progress_of(run, workers=workers)
    return {
        "id": run.pk,
        "recording": run.recording_id,
        "bundle": run.bundle.name,
        "scoring": run.scoring_id,
        "attempt": run.attempt,
        "priority": run.get_priority_display().lower(),
        **asdict(progress),
        "rate": progress.rate,
        "left": progress.left,
        "started_at": run.started_at,
        "heartbeat_at": run.heartbeat_at,
        "finished_at": run.finished_at,
    }


def study_json(progress: StudyProgress) -> dict[str, Any]:
    words = {"label": progress.label, "rate": progress.rate, "left": progress.left}
    return {**asdict(progress), "left_s": progress.left_s, **words}


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


def check_json(check: BundleCheck) -> dict[str, Any]:
    return {"state": check.state, "finished_at": check.finished_at, **check.report}


def promotion_json(decision: Promotion) -> dict[str, Any]:
    return {
        "bundle": decision.bundle_id,
        "decision": decision.decision,
        "reason": decision.reason,
        "by": str(decision.user or ""),
        "at": decision.at,
    }


def bundle_json(bundle: ModelBundle, *, workers: GpuWorkers) -> dict[str, Any]:
    return {
        "id": bundle.pk,
        "name": bundle.name,
        "version": bundle.version,
        "title": bundle.title,
        "adapter": bundle.adapter,
        "track": bundle.track,
        "licence": bundle.licence,
        "stage_only": bundle.is_stage_only,
        "runnable": workers.can_run(bundle),
        "workers": workers.able[bundle.adapter],
        "install_hint": bundle.install_hint,
        "renderer_version": bundle.renderer_version,
        "prompt_sha256": bundle.prompt_sha256,
        "weights_sha256": bundle.weights_sha256,
        "measured": bundle.measured,
        "check": check_json(check) if (check := bundle.checks.first()) else None,
    }
