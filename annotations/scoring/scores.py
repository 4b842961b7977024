"""Writing epoch scores. Every change appends a revision; a conflict never destroys a row."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.scoring.errors import (
    ForeignClientUuidError,
    NotOpenError,
    OutsideNightError,
    StaleVersionError,
)
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.visibility import shown_by_server
from psg.rules.editions import get_edition
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


@transaction.atomic
def score_epoch(
    *,
    scoring: Scoring,
    epoch: int,
    content: ScoreContent,
    seen_version: int,
    client_uuid: uuid.UUID,
    user: User,
    why: Why = Why.EDIT,
    shown: dict[str, Any] | None = None,
    active_ms: int = 0,
) -> EpochRevision:
    """Write one epoch and return the revision that holds the answer.

    A replay of `client_uuid` returns its first answer and changes nothing, and a stale save of
    what the epoch holds already returns the revision that brought it. To what the
    client says was `shown`, the server adds the mode and the suggestion it had sent by then.

    Raises
    ------
    StaleVersionError
        When the epoch has moved on from `seen_version`.
    NotOpenError, OutsideNightError, ForeignClientUuidError
    """
    # Only its state changes while it is scored; the rest is as it was made.
    scoring.refresh_from_db(fields=["state"], from_queryset=Scoring.objects.select_for_update())
    if answered := EpochRevision.objects.filter(client_uuid=client_uuid).first():
        if (answered.scoring_id, answered.epoch) != (scoring.pk, epoch):
            raise ForeignClientUuidError
        return answered
    if not scoring.is_open:
        raise NotOpenError(scoring)
    if not 0 <= epoch < scoring.recording.epoch_count:
        raise OutsideNightError(
            f"The night has epochs 0 to {scoring.recording.epoch_count - 1}; {epoch} is outside."
        )
    score = EpochScore.objects.filter(scoring=scoring, epoch=epoch).first()
    if (score.version if score else 0) != seen_version:
        if score and _is_said(content, score):
            return EpochRevision.objects.get(scoring=scoring, epoch=epoch, version=score.version)
        raise StaleVersionError(score)
    revision = EpochRevision(
        scoring=scoring,
        epoch=epoch,
        version=seen_version + 1,
        client_uuid=client_uuid,
        user=user,
        why=why,
        before=content_of(score).as_json() if score else None,
        after=content.as_json(),
        shown={**(shown or {}), **shown_by_server(scoring, epoch)},
        active_ms=active_ms,
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


def known_rules(scoring: Scoring) -> frozenset[str]:
    return frozenset(get_edition(scoring.rule_edition).rule_ids)


# Changing many epochs of a finished scoring that nobody edits by hand, with a revision each.


_WRITTEN = ("stage", "rules", "rationale", "flags", "evidence", "source_text")


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
        list(stored.values()), [*_WRITTEN, "version", "updated_at"], batch_size=500
    )
    EpochRevision.objects.bulk_create(revisions)
    return len(revisions)
