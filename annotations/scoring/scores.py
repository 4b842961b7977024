"""Writing epoch scores. Every change appends a revision; a conflict never destroys a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.saving import SCORE_FIELDS, Save, StaleError, one_save, refuse_outside
from annotations.scoring.errors import NotOpenError
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.visibility import shown_by_server
from recordings.models import Recording
from studies.models import User

Why = EpochRevision.Why


@dataclass(frozen=True)
class ScoreContent:
    """What a scorer says of one epoch; `stage` None is unscored."""

    stage: str | None
    rules: Sequence[str] = ()
    rationale: str = ""
    flags: Sequence[str] = ()
    evidence: Sequence[dict[str, Any]] = field(default_factory=list)
    source_text: str = ""

    def as_json(self) -> dict[str, Any]:
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}


def content_of(score: EpochScore) -> ScoreContent:
    return ScoreContent(
        stage=score.stage,
        rules=list(score.rules),
        rationale=score.rationale,
        flags=list(score.flags),
        evidence=score.evidence,
        source_text=score.source_text,
    )


def score_json(score: EpochScore | None, *, epoch: int) -> dict[str, Any]:
    """Return one epoch by names; version 0 where there is no score yet."""
    score = score or EpochScore(epoch=epoch, version=0)
    return {name: getattr(score, name) for name in ("epoch", "version", *SCORE_FIELDS)}


@one_save
def score_epoch(
    *, scoring: Scoring, epoch: int, content: ScoreContent, save: Save
) -> EpochRevision:
    """Write one epoch and return the revision that holds the answer.

    A stale save of what the epoch holds already returns the revision that brought it. To what
    the client says was shown, the server adds the mode and the suggestion it had sent by then.

    Raises
    ------
    ForeignClientUuidError, NotOpenError, OutsideNightError, StaleError
    """
    # Only its state changes while it is scored; the rest is as it was made.
    scoring.refresh_from_db(fields=["state"], from_queryset=Scoring.objects.select_for_update())
    answered = save.first_answer(
        EpochRevision, scoring_id=scoring.pk, epoch=epoch, user_id=save.user.pk
    )
    if answered:
        return answered
    if not scoring.is_open:
        raise NotOpenError(scoring)
    refuse_outside(epoch, scoring.recording)
    score = EpochScore.objects.filter(scoring=scoring, epoch=epoch).first()
    if save.is_stale(score.version if score else 0):
        if score and _is_said(content, score):
            return EpochRevision.objects.get(scoring=scoring, epoch=epoch, version=score.version)
        raise StaleError(
            "This epoch was changed in another window. Nothing was overwritten.",
            current=score_json(score, epoch=epoch),
            yours={"epoch": epoch, **content.as_json()},
        )
    revision = EpochRevision(
        scoring=scoring,
        epoch=epoch,
        version=save.version,
        client_uuid=save.client_uuid,
        user=save.user,
        why=save.why,
        before=content_of(score).as_json() if score else None,
        after=content.as_json(),
        shown={**save.shown, **shown_by_server(scoring, epoch)},
        active_ms=save.active_ms,
    )
    _write(score or EpochScore(scoring=scoring, epoch=epoch), revision)
    _freeze_grid(scoring)
    return revision


def _is_said(content: ScoreContent, score: EpochScore) -> bool:
    """Whether the epoch holds just this already. Where it came from, no client knows."""
    return replace(content_of(score), source_text="") == replace(content, source_text="")


def _write(score: EpochScore, revision: EpochRevision) -> None:
    for name, value in revision.after.items():
        setattr(score, name, value)
    score.version = revision.version
    score.updated_at = revision.at
    score.save()
    revision.save()


def _freeze_grid(scoring: Scoring) -> None:
    if scoring.recording.grid_frozen:
        return
    Recording.objects.filter(pk=scoring.recording_id, grid_frozen=False).update(grid_frozen=True)


@transaction.atomic
def add_scores(
    *,
    scoring: Scoring,
    contents: Iterable[tuple[int, ScoreContent]],
    why: Why,
    user: User | None = None,
    probabilities: dict[int, dict[str, float]] | None = None,
) -> int:
    """Write many epochs that have no score yet, with one revision each; returns how many.

    For imports, models and consensus. An epoch that is already scored is left as it is, so
    the same work done twice adds nothing.
    """
    Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    taken = set(scoring.scores.values_list("epoch", flat=True))
    fresh = [(epoch, content) for epoch, content in contents if epoch not in taken]
    now = timezone.now()
    EpochScore.objects.bulk_create(
        [
            EpochScore(
                scoring=scoring,
                epoch=epoch,
                probabilities=(probabilities or {}).get(epoch),
                updated_at=now,
                **content.as_json(),
            )
            for epoch, content in fresh
        ]
    )
    EpochRevision.objects.bulk_create(
        [
            EpochRevision(
                scoring=scoring,
                epoch=epoch,
                version=1,
                user=user,
                at=now,
                why=why,
                after=content.as_json(),
            )
            for epoch, content in fresh
        ]
    )
    _freeze_grid(scoring)
    return len(fresh)


# Changing many epochs of a finished scoring that nobody edits by hand, with a revision each.


@transaction.atomic
def revise_scores(
    *, scoring: Scoring, contents: Mapping[int, ScoreContent], why: Why, user: User | None
) -> int:
    """Write what each of these epochs says now; returns how many. Flags and evidence stay.

    Raises
    ------
    NotOpenError
        When the scoring is not submitted: an open one is somebody's, a locked one is settled.
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state != Scoring.State.SUBMITTED:
        raise NotOpenError(scoring)
    stored = {score.epoch: score for score in scoring.scores.filter(epoch__in=list(contents))}
    now = timezone.now()
    revisions, written = [], []
    for epoch, said in contents.items():
        score = stored.get(epoch)
        content = replace(said, flags=score.flags, evidence=score.evidence) if score else said
        before = content_of(score).as_json() if score else None
        score = score or EpochScore(scoring=scoring, epoch=epoch, version=0)
        for name, value in content.as_json().items():
            setattr(score, name, value)
        score.version += 1
        score.updated_at = now
        written.append(score)
        revisions.append(
            EpochRevision(
                scoring=scoring,
                epoch=epoch,
                version=score.version,
                user=user,
                at=now,
                why=why,
                before=before,
                after=content.as_json(),
            )
        )
    EpochScore.objects.bulk_create([score for score in written if score.pk is None])
    EpochScore.objects.bulk_update(
        list(stored.values()),
        [*SCORE_FIELDS, "source_text", "version", "updated_at"],
        batch_size=500,
    )
    EpochRevision.objects.bulk_create(revisions)
    return len(revisions)
