"""Writing one planned file of an import: all of it or nothing."""

from django.db import transaction

from annotations.imports.plan import FilePlan, Outcome
from annotations.models import EpochRevision, LightsRevision, Scoring
from annotations.services.imports import import_contents
from annotations.services.labels_only import labels_only_recording
from annotations.services.lights import bring_lights
from annotations.services.revising import revise_scores
from annotations.services.scores import ScoreContent
from psg.errors import StageFileError
from recordings.models import Recording
from studies.models import Study, Track, User


@transaction.atomic
def write_file(*, plan: FilePlan, study: Study, seen_digest: str, user: User | None) -> int:
    """Write what a plan says; returns how many epochs. Equal or done before, nothing is written.

    Raises
    ------
    StageFileError
        When the plan has errors, or is not what was seen, as `seen_digest` names it.
    """
    if plan.outcome is Outcome.REFUSED:
        raise StageFileError("This file has errors by now", advice="Look at it again.")
    if plan.outcome is Outcome.EQUAL:
        return 0
    if plan.existing is not None:
        # From here on nobody changes it, so that it is still what was compared.
        Scoring.objects.select_for_update(of=("self",)).get(pk=plan.existing.pk)
    if plan.digest != seen_digest:
        raise StageFileError("What it would change has changed", advice="Look at it again.")
    if plan.existing is None:
        return _import(plan, _recording(plan, study), user)
    return _revise(plan, plan.existing, user)


def _import(plan: FilePlan, recording: Recording, user: User | None) -> int:
    provenance = {"importer": "MASS-EX csv", "file_sha256": plan.sha256}
    scoring = import_contents(
        recording=recording,
        scorer_label=plan.scorer,
        contents=sorted(plan.contents.items()),
        provenance=provenance,
        user=user,
    )
    if plan.lights:
        bring_lights(
            scoring=scoring, lights=plan.lights.own, why=LightsRevision.Why.IMPORT, user=user
        )
    return len(plan.contents)


def _recording(plan: FilePlan, study: Study) -> Recording:
    if plan.recording is not None:
        return plan.recording
    assert plan.table is not None
    assert plan.grid is not None
    recording = labels_only_recording(study=study, name=plan.table.subject, grid=plan.grid)
    if plan.lights:
        marks = plan.lights.recording
        recording.lights_off_s, recording.lights_on_s = marks.off_s, marks.on_s
        recording.save(update_fields=["lights_off_s", "lights_on_s"])
    return recording


def _revise(plan: FilePlan, scoring: Scoring, user: User | None) -> int:
    changes = plan.changes
    contents = {n: plan.contents[n] for n in (*changes.added, *changes.changed)}
    contents |= {n: plan.contents.get(n, ScoreContent(stage=None)) for n in changes.gone}
    revise_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT, user=user)
    if plan.moves_lights and plan.lights:
        bring_lights(
            scoring=scoring, lights=plan.lights.own, why=LightsRevision.Why.IMPORT, user=user
        )
    if scoring.track == Track.COARSE and any(c.rationale for c in contents.values()):
        Scoring.objects.filter(pk=scoring.pk).update(track=Track.FINE)
    return len(contents)
