"""Looking at what the search of free text found: harmless, or words to take out."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from annotations.releases.composition import Composition
from annotations.releases.lifecycle import ReleaseRefusedError, note
from annotations.releases.models import HarmlessWords, Release, ReleaseEvent, ReleaseFinding
from annotations.releases.selection import selected_scorings
from annotations.scoring.models import FINISHED, EpochRevision, EpochScore, Scoring
from annotations.scoring.scores import content_of
from studies.models import User

Kind = ReleaseEvent.Kind
CORRECTED = "Words were corrected since this preview: look at the draft again."


@transaction.atomic
def mark_harmless(*, release: Release, findings: Iterable[int], user: User | None) -> int:
    """Say of findings that they name nobody; returns of how many that was not said yet."""
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
        note(release, Kind.REVIEWED, user, f"{len(fresh)} said to be harmless")
    return len(fresh)


@transaction.atomic
def take_back(*, release: Release, finding: ReleaseFinding, user: User | None) -> None:
    """Let a finding wait again.

    Raises
    ------
    ReleaseRefusedError
        When the release is no draft any more.
    """
    draft = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if not draft.is_draft:
        raise ReleaseRefusedError("Its free text was looked at before it was frozen.")
    HarmlessWords.objects.filter(
        study=release.study,
        text_sha256=finding.text_sha256,
        start=finding.start,
        stop=finding.stop,
    ).delete()
    note(draft, Kind.REVIEWED, user, "One is to be looked at again")


@transaction.atomic
def correct_words(
    *, release: Release, finding: ReleaseFinding, text: str, user: User | None
) -> int:
    """Write a rationale anew wherever it stands in the nights of the draft; returns how often.

    Stage, rules and evidence stay, and so does the history of each epoch. Ratings of the old
    words no longer count. The draft has to be looked through again before it is frozen.

    Raises
    ------
    ReleaseRefusedError
    """
    draft = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if not draft.is_draft:
        raise ReleaseRefusedError("Only the words of a draft can be corrected.")
    if finding.where != ReleaseFinding.Where.RATIONALE:
        raise ReleaseRefusedError("Only rationales can be corrected here.")
    if text == finding.text:
        raise ReleaseRefusedError("These are the words as they were.")
    changed = [_rewrite(score, text, user) for score in _scores_with(draft, finding.text)]
    if not changed:
        raise ReleaseRefusedError("The words have changed meanwhile: look at the draft again.")
    draft.findings.filter(text_sha256=finding.text_sha256).delete()
    draft.preview["problems"] = [*{*draft.preview["problems"], CORRECTED}]
    draft.save(update_fields=["preview"])
    note(draft, Kind.REVIEWED, user, f"Words taken out of {len(changed)} rationale(s)")
    return len(changed)


def _scores_with(draft: Release, text: str) -> list[EpochScore]:
    """Find the text in finished scorings of the draft's nights, those it was taken from too."""
    chosen = selected_scorings(draft.study, Composition.from_json(draft.composition))
    nights = {scoring.recording_id for scoring in chosen}
    finished = Scoring.objects.filter(recording__in=nights, state__in=FINISHED).order_by("pk")
    locked = [scoring.pk for scoring in finished.select_for_update(of=("self",))]
    found = EpochScore.objects.filter(scoring__in=locked, rationale=text)
    return list(found.select_for_update(of=("self",)).order_by("pk"))


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
