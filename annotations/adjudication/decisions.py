"""Decisions on epochs of an adjudication. Rows are only added; the newest decision is valid."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from annotations.adjudication.errors import AdjudicationFinishedError, AdjudicationRefusedError
from annotations.adjudication.models import (
    SIDE_LETTERS,
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.adjudication.reading import SideScores, Words, all_agree, sides_of
from annotations.saving import Save, StaleError, atomic_save, refuse_outside
from annotations.scoring.models import EpochScore
from psg.rules.editions import get_edition
from studies.errors import ArchivedError

# The fields of a decision. The browser gets this list.
DECISION_FIELDS = ("choice", "side", "stage", "rules", "rationale", "reason")

Choice = AdjudicationDecision.Choice


@dataclass(frozen=True)
class Resolution:
    """The content of a decision. `side` is the place of the accepted side."""

    choice: str
    side: int | None = None
    stage: str | None = None
    rules: Sequence[str] = field(default_factory=list)
    rationale: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the `DECISION_FIELDS`, with the letter of the side."""
        letter = None if self.side is None else SIDE_LETTERS[self.side]
        return {name: getattr(self, name) for name in DECISION_FIELDS} | {"side": letter}


def decision_json(decision: AdjudicationDecision | None, *, epoch: int) -> dict[str, object]:
    """Return epoch, version and `DECISION_FIELDS`; version 0 and no choice if undecided.

    Of an epoch settled by rule the side and its words are left out: the rule chose the stage, and
    no person this scoring.
    """
    decision = decision or AdjudicationDecision(epoch=epoch, version=0, choice="")
    names = ("epoch", "version", *DECISION_FIELDS)
    letter = decision.side.letter if decision.side else None
    content = {name: getattr(decision, name) for name in names} | {"side": letter}
    if decision.choice == Choice.MAJORITY:
        content |= {"side": None, "rules": [], "rationale": ""}
    return content


def fullest_place(
    scores: SideScores | Mapping[int, Words], places: Collection[int], *, seed: int, epoch: int
) -> int:
    """Return which of the sides at `places` has the most complete score of an epoch.

    Among equally complete scores, a random choice by seed and epoch favours no side. It depends on
    the order of `places`.
    """
    fullness = {place: _fullness(scores[place]) for place in places}
    fullest = [place for place, full in fullness.items() if full == max(fullness.values())]
    return random.Random(f"{seed}:{epoch}").choice(fullest)


def _fullness(score: EpochScore | Words | None) -> tuple[bool, bool]:
    return bool(score and score.rationale), bool(score and score.rules)


@atomic_save
def decide(
    *, adjudication: Adjudication, epoch: int, verdict: Resolution, save: Save
) -> AdjudicationDecision:
    """Write a decision and return it.

    The study is not locked, so that adjudicators of many nights do not wait for each other, nor for
    a release of their study: a decision on its way while the study is archived may still be saved.

    Raises
    ------
    AdjudicationRefusedError
        When the side has no stage, the sides disagree, or a rule does not support the stage.
    ArchivedError, AdjudicationFinishedError, ForeignClientUuidError, OutsideNightError, StaleError
    """
    locked = Adjudication.objects.select_for_update(of=("self",))
    adjudication = locked.select_related("recording__study").get(pk=adjudication.pk)
    known = save.first_answer(
        AdjudicationDecision,
        adjudication_id=adjudication.pk,
        epoch=epoch,
        user_id=save.user.pk,
    )
    if known:
        return known
    if adjudication.recording.study.archived_at is not None:
        raise ArchivedError
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    refuse_outside(epoch, adjudication.recording)
    current = adjudication.decisions.filter(epoch=epoch).order_by("-version").first()
    if save.is_stale(current.version if current else 0):
        raise StaleError(
            "This epoch was decided in another window. Nothing was overwritten.",
            current=decision_json(current, epoch=epoch),
            yours={"epoch": epoch, **verdict.as_json()},
        )
    decision = AdjudicationDecision(
        adjudication=adjudication,
        epoch=epoch,
        version=save.version,
        client_uuid=save.client_uuid,
        user=save.user,
        why=save.why,
        choice=verdict.choice,
        shown=dict(save.shown),
        active_ms=save.active_ms,
    )
    _fill(decision, verdict)
    decision.save()
    return decision


def _fill(decision: AdjudicationDecision, verdict: Resolution) -> None:
    decision.reason = verdict.reason if decision.settles else ""
    if verdict.choice in (Choice.TAKE, Choice.UNANIMOUS):
        _take(decision, verdict)
    elif verdict.choice == Choice.WRITE:
        _check_written(decision.adjudication, verdict)
        decision.stage, decision.rules = verdict.stage, list(verdict.rules)
        decision.rationale = verdict.rationale
    elif verdict.choice == Choice.MAJORITY:
        _settle_again(decision)


def _settle_again(decision: AdjudicationDecision) -> None:
    """Redo what a rule settled; refused where no rule did, or the rule was withdrawn."""
    by_rule = AdjudicationDecision.objects.filter(
        adjudication=decision.adjudication_id,
        epoch=decision.epoch,
        choice=Choice.MAJORITY,
        settlement__withdrawn_at=None,
    )
    before = by_rule.order_by("-version").first()
    if before is None:
        raise AdjudicationRefusedError("No rule settles this epoch any more.")
    for name in ("settlement", "side", "stage", "rules", "rationale", "reason"):
        setattr(decision, name, getattr(before, name))


def _take(decision: AdjudicationDecision, verdict: Resolution) -> None:
    """Copy the score of a side; "unanimous" is refused unless all sides agree."""
    sides = sides_of(decision.adjudication)
    scores = _scores_of_epoch(sides, decision.epoch)
    if verdict.choice == Choice.UNANIMOUS and not all_agree(scores):
        raise AdjudicationRefusedError(
            "The scorings disagree on this epoch, so it needs a decision."
        )
    side = next((side for side in sides if side.place == verdict.side), None)
    score = scores[side.place] if side else None
    if side is None or score is None or score.stage is None:
        raise AdjudicationRefusedError("This scoring has no stage for this epoch.")
    decision.side, decision.stage = side, score.stage
    decision.rules, decision.rationale = list(score.rules), score.rationale


def _scores_of_epoch(sides: Sequence[AdjudicationSide], epoch: int) -> SideScores:
    scores = EpochScore.objects.filter(scoring__in=[side.scoring_id for side in sides], epoch=epoch)
    by_scoring = {score.scoring_id: score for score in scores}
    return [by_scoring.get(side.scoring_id) for side in sides]


def _check_written(adjudication: Adjudication, verdict: Resolution) -> None:
    if verdict.stage is None:
        raise AdjudicationRefusedError("A decision needs a stage.")
    edition = get_edition(adjudication.rule_edition)
    wrong = [r for r in verdict.rules if verdict.stage not in edition.rule(r).supports]
    if wrong:
        raise AdjudicationRefusedError(f"{', '.join(wrong)} cannot support {verdict.stage}.")
