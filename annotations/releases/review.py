"""Reviewing the findings in the free text of a draft: marked as harmless, or corrected."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from annotations.releases.composition import Composition
from annotations.releases.lifecycle import ReleaseRefusedError, note
from annotations.releases.models import HarmlessWords, Release, ReleaseEvent, ReleaseFinding
from annotations.releases.planning import preview_of
from annotations.releases.selection import selected_scorings
from annotations.scoring.models import FINISHED, EpochRevision, EpochScore, Scoring
from annotations.scoring.scores import content_of
from studies.models import User

Kind = ReleaseEvent.Kind
CORRECTED = "Texts were corrected after this preview. Preview the release again."


@transaction.atomic
def mark_harmless(*, release: Release, findings: Iterable[int], user: User | None) -> int:
    """Mark findings as harmless; return how many were not marked before."""
    fresh = list(release.findings.open().filter(pk__in=list(findings)))
    now = timezone.now()
    HarmlessWords.objects.bulk_create(
        [
            HarmlessWords(
                study=release.study,
                text_sha256=finding.text_sha256,
                start=finding.start,
                stop=finding.stop,
                words=finding.words,
                user=user,
                at=now,
            )
            for finding in fresh
        ],
        ignore_conflicts=True,
    )
    if fresh:
        note(release, Kind.REVIEWED, user, f"{len(fresh)} marked as harmless")
    return len(fresh)


@transaction.atomic
def take_back(*, release: Release, finding: ReleaseFinding, user: User | None) -> None:
    """Open a finding again that was marked as harmless.

    Raises
    ------
    ReleaseRefusedError
        When the release is no longer a draft.
    """
    draft = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if not draft.is_draft:
        raise ReleaseRefusedError("The free text of a frozen release cannot be reviewed again.")
    HarmlessWords.objects.filter(
        study=release.study,
        text_sha256=finding.text_sha256,
        start=finding.start,
        stop=finding.stop,
    ).delete()
    note(draft, Kind.REVIEWED, user, "1 passage to review again")


@transaction.atomic
def correct_words(
    *, release: Release, finding: ReleaseFinding, text: str, user: User | None
) -> int:
    """Replace a rationale wherever the nights of the draft contain it; return how often.

    Stage, rules and evidence stay, and so does the history of each epoch. Ratings of the former
    text no longer count. The preview of the draft has to be updated before it is frozen.

    Raises
    ------
    ReleaseRefusedError
    """
    draft = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if not draft.is_draft:
        raise ReleaseRefusedError("Only texts of a draft can be corrected.")
    if finding.where != ReleaseFinding.Where.RATIONALE:
        raise ReleaseRefusedError("Only rationales can be corrected here.")
    if text == finding.text:
        raise ReleaseRefusedError("The text was not changed. Edit it first.")
    changed = [_rewrite(score, text, user) for score in _scores_with(draft, finding.text)]
    if not changed:
        raise ReleaseRefusedError("The text was changed in another window. Reload the draft.")
    draft.findings.filter(text_sha256=finding.text_sha256).delete()
    preview = preview_of(draft)
    problems = dict.fromkeys((*preview.problems, CORRECTED))
    draft.preview = replace(preview, problems=tuple(problems)).as_json()
    draft.save(update_fields=["preview"])
    note(draft, Kind.REVIEWED, user, f"Text removed from {len(changed)} rationale(s)")
    return len(changed)


def _scores_with(draft: Release, text: str) -> list[EpochScore]:
    """Return the scores with this text in all finished scorings of the nights of the draft."""
    chosen = selected_scorings(draft.study, Composition.from_json(draft.composition))
    nights = {scoring.recording_id for scoring in chosen}
    finished = Scoring.objects.filter(recording__in=nights, state__in=FINISHED).order_by("pk")
    locked = [scoring.pk for scoring in finished.select_for_update(of=("self",))]
    scores = EpochScore.objects.filter(scoring__in=locked, rationale=text)
    return list(scores.select_for_update(of=("self",)).order_by("pk"))


def _rewrite(score: EpochScore, text: str, user: User | None) -> EpochRevision:
    before = content_of(score)
    after = replace(before, rationale=text)
    score.rationale = text
    score.version += 1
    score.updated_at = timezone.now()
    score.save(update_fields=["rationale", "version", "updated_at"])
    return EpochRevision.objects.create(
        scoring_id=score.scoring_id,
        epoch=score.epoch,
        version=score.version,
        user=user,
        at=score.updated_at,
        why=EpochRevision.Why.REDACTED,
        before=before.as_json(),
        after=after.as_json(),
    )
