"""The life of a scoring: made for a scorer, worked on, submitted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.scoring.errors import NotOpenError, SubmitRefusedError
from annotations.scoring.models import Scorer, Scoring
from psg.rules.checks import check_scoring
from psg.rules.editions import get_edition
from recordings.models import Recording
from studies.models import Mode, Study, Track, User


def scorer_of_user(*, user: User) -> Scorer:
    scorer, _ = Scorer.objects.get_or_create(
        user=user, defaults={"kind": Scorer.Kind.HUMAN, "label": str(user)}
    )
    return scorer


def imported_scorer(*, study: Study, label: str, provenance: dict[str, Any]) -> Scorer:
    """Return the scorer of imported files under this label; the first file's origin is kept."""
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.IMPORT, label=label, defaults={"provenance": provenance}
    )
    return scorer


def consensus_scorer(*, study: Study) -> Scorer:
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.CONSENSUS, label="Consensus"
    )
    return scorer


def model_scorer(*, label: str, provenance: dict[str, Any]) -> Scorer:
    """Make the scorer of one model. Its provenance never changes: a new one needs a new label."""
    return Scorer.objects.create(kind=Scorer.Kind.MODEL, label=label, provenance=provenance)


# The life of a scoring: made, worked on, submitted.


@transaction.atomic
def create_scoring(
    *,
    recording: Recording,
    scorer: Scorer,
    track: Track | None = None,
    mode: Mode | None = None,
    suggestion: Scoring | None = None,
    due: date | None = None,
    assigned_by: User | None = None,
) -> Scoring:
    """Start a scoring under the study's rules and guideline as they stand now."""
    study = recording.study
    passes = Scoring.objects.filter(recording=recording, scorer=scorer).count()
    return Scoring.objects.create(
        recording=recording,
        scorer=scorer,
        pass_number=passes + 1,
        track=track or study.track,
        mode=mode or study.mode,
        suggestion=suggestion,
        rule_edition=study.rule_edition,
        guideline=study.guideline,
        due=due,
        assigned_by=assigned_by,
    )


@dataclass(frozen=True)
class SubmitProblems:
    """What stands between a scoring and its submission."""

    unscored: list[int]
    errors: list[dict[str, object]]
    warnings: list[dict[str, object]]


def submit_problems(*, scoring: Scoring) -> SubmitProblems:
    """List the epochs without a stage, and what the rule checks find in the others."""
    # The page asks after every few saves, so no models are made of a thousand epochs.
    scores = scoring.scores.order_by().values_list("epoch", "stage", "rules", named=True)
    staged = {score.epoch for score in scores if score.stage}
    unscored = [n for n in range(scoring.recording.epoch_count) if n not in staged]
    findings = check_scoring(scores, get_edition(scoring.rule_edition))
    told = [
        {"epoch": f.epoch, "level": str(f.level), "code": f.code, "message": f.message}
        for f in findings
    ]
    return SubmitProblems(
        unscored=unscored,
        errors=[row for row in told if row["level"] == "error"],
        warnings=[row for row in told if row["level"] != "error"],
    )


@transaction.atomic
def submit_scoring(*, scoring: Scoring, accept_unscored: bool = False) -> Scoring:
    """Close a scoring. Rule errors always stop it, unscored epochs unless they are accepted."""
    scoring = Scoring.objects.select_for_update().get(pk=scoring.pk)
    if not scoring.is_open:
        raise NotOpenError(scoring)
    problems = submit_problems(scoring=scoring)
    if problems.errors or (problems.unscored and not accept_unscored):
        raise SubmitRefusedError(problems)
    scoring.state = Scoring.State.SUBMITTED
    scoring.submitted_at = timezone.now()
    scoring.save(update_fields=["state", "submitted_at"])
    return scoring


@transaction.atomic
def close_scoring(*, scoring: Scoring) -> Scoring:
    """Close a scoring that nobody edits by hand, such as a model's, as complete as it is."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.is_open:
        scoring.state = Scoring.State.SUBMITTED
        scoring.submitted_at = timezone.now()
        scoring.save(update_fields=["state", "submitted_at"])
    return scoring


@transaction.atomic
def reopen_scoring(*, scoring: Scoring) -> Scoring:
    """Open a closed scoring again, so that missing epochs can be added; locked ones stay."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state == Scoring.State.LOCKED:
        raise NotOpenError(scoring)
    scoring.state = Scoring.State.OPEN
    scoring.submitted_at = None
    scoring.save(update_fields=["state", "submitted_at"])
    return scoring
