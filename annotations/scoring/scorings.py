"""Creating, submitting and reopening scorings, and the scorers they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.errors import NotOpenError, SubmitRefusedError
from annotations.scoring.models import Scorer, Scoring
from annotations.scoring.notices import tell_comparable
from psg.errors import StageFileError
from psg.rules.checks import check_scoring
from psg.rules.editions import get_edition
from psg.rules.phrases import GAP
from recordings.models import Recording
from studies.models import Mode, Study, Track, User


def scorer_of_user(*, user: User) -> Scorer:
    label = str(user)[: Scorer._meta.get_field("label").max_length]  # user names may be longer
    scorer, _ = Scorer.objects.get_or_create(
        user=user, defaults={"kind": Scorer.Kind.HUMAN, "label": label}
    )
    return scorer


def check_scorer_label(label: str) -> None:
    """Refuse a name of a scorer, from a file or its path, that cannot be stored.

    Raises
    ------
    StageFileError
    """
    longest = Scorer._meta.get_field("label").max_length or 0
    if len(label) > longest or not label.isprintable():
        raise StageFileError(
            "The name of the scorer is too long, or has characters that are not printed",
            where=f"{len(label)} characters; at most {longest}",
            advice="Enter the scorer (in the shell: --scorer NAME).",
        )


def imported_scorer(*, study: Study, label: str, provenance: Mapping[str, object]) -> Scorer:
    """Return the scorer of imported files under this label; it keeps the first provenance.

    Raises
    ------
    StageFileError
        When a scorer cannot have this label.
    """
    check_scorer_label(label)
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.IMPORT, label=label, defaults={"provenance": provenance}
    )
    return scorer


def consensus_scorer(*, study: Study) -> Scorer:
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.CONSENSUS, label="Consensus"
    )
    return scorer


def model_scorer(*, label: str, provenance: Mapping[str, object]) -> Scorer:
    """Make the scorer of a model. A model with another provenance needs a new label."""
    return Scorer.objects.create(kind=Scorer.Kind.MODEL, label=label, provenance=provenance)


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
    """Start a scoring with the current rules and guideline of the study."""
    scoring = new_scoring(
        recording=recording,
        study=recording.study,
        scorer=scorer,
        track=track,
        mode=mode,
        suggestion=suggestion,
        due=due,
        assigned_by=assigned_by,
    )
    scoring.pass_number += Scoring.objects.filter(recording=recording, scorer=scorer).count()
    scoring.save()
    return scoring


def new_scoring(
    *,
    recording: Recording,
    study: Study,
    scorer: Scorer,
    track: Track | None = None,
    mode: Mode | None = None,
    suggestion: Scoring | None = None,
    due: date | None = None,
    assigned_by: User | None = None,
) -> Scoring:
    """Return a first scoring with the current rules and guideline; it is not stored."""
    return Scoring(
        recording=recording,
        scorer=scorer,
        track=track or study.track,
        mode=mode or study.mode,
        suggestion=suggestion,
        rule_edition=study.rule_edition,
        guideline=study.guideline,
        due=due,
        assigned_by=assigned_by,
    )


class FindingJson(TypedDict):
    """A finding of the rule checks as the browser gets it."""

    epoch: int
    level: str
    code: str
    message: str


@dataclass(frozen=True)
class SubmitProblems:
    """Unscored epochs, and errors and warnings of the rule checks."""

    unscored: list[int]
    errors: list[FindingJson]
    warnings: list[FindingJson]


def submit_problems(*, scoring: Scoring) -> SubmitProblems:
    """List the epochs without a stage, and the findings of the rule checks in the others."""
    # The page requests this after every few saves, so it reads plain rows instead of models.
    scores = (
        scoring.scores.order_by()
        .annotate(has_gap=Q(rationale__contains=GAP))
        .values_list("epoch", "stage", "rules", "has_gap", named=True)
    )
    staged = {score.epoch for score in scores if score.stage}
    unscored = [n for n in range(scoring.recording.epoch_count) if n not in staged]
    findings = [
        FindingJson(epoch=f.epoch, level=str(f.level), code=f.code, message=f.message)
        for f in check_scoring(scores, get_edition(scoring.rule_edition))
    ]
    # On the coarse track nobody sees rationales, such as those of a copy for review.
    if scoring.track != Track.COARSE:
        findings += [_gap(score.epoch) for score in scores if score.has_gap]
    return SubmitProblems(
        unscored=unscored,
        errors=[row for row in findings if row["level"] == "error"],
        warnings=[row for row in findings if row["level"] != "error"],
    )


def _gap(epoch: int) -> FindingJson:
    message = f"The rationale has a gap ({GAP}) from a phrase. Write what belongs there."
    return FindingJson(epoch=epoch, level="error", code="gap", message=message)


@transaction.atomic
def submit_scoring(*, scoring: Scoring, accept_unscored: bool = False) -> Scoring:
    """Submit a scoring.

    Rule errors and gaps in rationales prevent it, unscored epochs too unless they are accepted.
    """
    scoring = Scoring.objects.select_for_update().get(pk=scoring.pk)
    if not scoring.is_open:
        raise NotOpenError(scoring)
    problems = submit_problems(scoring=scoring)
    if problems.errors or (problems.unscored and not accept_unscored):
        raise SubmitRefusedError(problems)
    scoring.state = Scoring.State.SUBMITTED
    scoring.submitted_at = timezone.now()
    scoring.save(update_fields=["state", "submitted_at"])
    tell_comparable(scoring)
    return scoring


@transaction.atomic
def close_scoring(*, scoring: Scoring) -> Scoring:
    """Submit a scoring that nobody edits by hand, such as a model's, complete or not."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.is_open:
        scoring.state = Scoring.State.SUBMITTED
        scoring.submitted_at = timezone.now()
        scoring.save(update_fields=["state", "submitted_at"])
    return scoring


@transaction.atomic
def reopen_scoring(*, scoring: Scoring) -> Scoring:
    """Open a submitted scoring again, so that missing epochs can be added."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state == Scoring.State.LOCKED:
        raise NotOpenError(scoring)
    scoring.state = Scoring.State.OPEN
    scoring.submitted_at = None
    scoring.save(update_fields=["state", "submitted_at"])
    return scoring
