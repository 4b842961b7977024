"""Writing epoch scores. Every change adds a revision; a conflict never overwrites a score."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from annotations.saving import SCORE_FIELDS, Save, StaleError, atomic_save, refuse_outside
from annotations.scoring.copying import copy_rows
from annotations.scoring.errors import NotOpenError
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.visibility import shown_by_server
from recordings.models import Recording
from studies.errors import ArchivedError
from studies.models import User

Why = EpochRevision.Why


class ScoreJson(TypedDict):
    """The content of an epoch score as its history stores it."""

    stage: str | None
    rules: list[str]
    rationale: str
    flags: list[str]
    evidence: list[Mapping[str, object]]
    source_text: str


@dataclass(frozen=True)
class ScoreContent:
    """The content of an epoch score; `stage` None is unscored."""

    stage: str | None
    rules: Sequence[str] = ()
    rationale: str = ""
    flags: Sequence[str] = ()
    evidence: Sequence[Mapping[str, object]] = field(default_factory=list)
    source_text: str = ""

    def as_json(self) -> ScoreJson:
        return {
            "stage": self.stage,
            "rules": list(self.rules),
            "rationale": self.rationale,
            "flags": list(self.flags),
            "evidence": list(self.evidence),
            "source_text": self.source_text,
        }


def content_of(score: EpochScore) -> ScoreContent:
    return ScoreContent(
        stage=score.stage,
        rules=list(score.rules),
        rationale=score.rationale,
        flags=list(score.flags),
        evidence=score.evidence,
        source_text=score.source_text,
    )


def score_json(score: EpochScore | None, *, epoch: int) -> dict[str, object]:
    """Return epoch, version and the `SCORE_FIELDS` of a score; version 0 if there is none."""
    score = score or EpochScore(epoch=epoch, version=0)
    return {name: getattr(score, name) for name in ("epoch", "version", *SCORE_FIELDS)}


@atomic_save
def score_epoch(
    *, scoring: Scoring, epoch: int, content: ScoreContent, save: Save
) -> EpochRevision:
    """Write the score of an epoch and return its revision.

    A stale save whose content equals the stored score returns the stored revision. The revision
    also records the mode and the suggestion that the server had sent by then.

    Raises
    ------
    ForeignClientUuidError, ArchivedError, NotOpenError, OutsideNightError, StaleError
    """
    # Only the state of a scoring can change while it is scored.
    scoring.refresh_from_db(fields=["state"], from_queryset=Scoring.objects.select_for_update())
    known = save.first_answer(
        EpochRevision, scoring_id=scoring.pk, epoch=epoch, user_id=save.user.pk
    )
    if known:
        return known
    if scoring.study.archived_at is not None:
        raise ArchivedError
    if not scoring.is_open:
        raise NotOpenError(scoring)
    refuse_outside(epoch, scoring.recording)
    score = EpochScore.objects.filter(scoring=scoring, epoch=epoch).first()
    if save.is_stale(score.version if score else 0):
        if score and _is_unchanged(content, score):
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
        shown={**_signals(scoring), **save.shown, **shown_by_server(scoring, epoch)},
        active_ms=save.active_ms,
    )
    _write(score or EpochScore(scoring=scoring, epoch=epoch), revision)
    _freeze_grid(scoring)
    return revision


def _signals(scoring: Scoring) -> dict[str, int]:
    """Name the version of the signals, for programs that do not; nothing means the first."""
    version = scoring.recording.signals_version
    return {"signals_version": version} if version > 1 else {}


def _is_unchanged(content: ScoreContent, score: EpochScore) -> bool:
    """Whether the score has this content. Clients do not send the text of an imported file."""
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
    groundings: Mapping[int, str] | None = None,
    shown: Mapping[int, Mapping[str, object]] | None = None,
) -> int:
    """Write epochs that have no score yet, with a revision for each; return their number.

    For imports, models and consensus. Epochs that already have a score are not changed, so that
    a repeated call adds nothing. `shown` is kept in the history of an epoch.
    """
    Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    taken = set(scoring.scores.values_list("epoch", flat=True))
    fresh = [(epoch, content) for epoch, content in contents if epoch not in taken]
    now = timezone.now()
    copy_rows(
        [
            EpochScore(
                scoring=scoring,
                epoch=epoch,
                probabilities=(probabilities or {}).get(epoch),
                grounding=(groundings or {}).get(epoch, ""),
                updated_at=now,
                **content.as_json(),
            )
            for epoch, content in fresh
        ]
    )
    copy_rows(
        [
            EpochRevision(
                scoring=scoring,
                epoch=epoch,
                version=1,
                user=user,
                at=now,
                why=why,
                after=content.as_json(),
                shown=dict((shown or {}).get(epoch, {})),
            )
            for epoch, content in fresh
        ]
    )
    _freeze_grid(scoring)
    return len(fresh)


@transaction.atomic
def revise_scores(
    *, scoring: Scoring, contents: Mapping[int, ScoreContent], why: Why, user: User | None
) -> int:
    """Replace the scores of epochs of a submitted scoring, with a revision for each.

    Flags and evidence are kept. Returns the number of epochs.

    Raises
    ------
    NotOpenError
        When the scoring is not submitted: it is open to its scorer, or locked by an adjudication.
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state != Scoring.State.SUBMITTED:
        raise NotOpenError(scoring)
    stored = {score.epoch: score for score in scoring.scores.filter(epoch__in=list(contents))}
    now = timezone.now()
    revisions, written = [], []
    for epoch, wanted in contents.items():
        score = stored.get(epoch)
        content = replace(wanted, flags=score.flags, evidence=score.evidence) if score else wanted
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
