"""The answers of scorers to suggestions, read from revisions and from the server's records.

Two modes are read. In `reveal` a first answer is locked before the suggestion is shown. In
`assisted` the suggestion is shown from the start, so that there is no answer before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.visibility import locks_answers
from studies.models import Mode

SHOWN = (Mode.REVEAL, Mode.ASSISTED)


@dataclass(frozen=True)
class Answer:
    """The answer to a suggestion."""

    recording_id: int
    subject_id: int
    scoring_id: int
    epoch: int
    mode: str
    own: str | None
    """The stage locked before the suggestion was shown; None in `assisted`."""
    suggested: str | None
    final: str | None
    taken: bool
    """Whether the scorer accepted the suggestion by its key."""
    words_before: str
    """The locked rationale (`reveal`), or the suggested rationale (`assisted`)."""
    words_after: str
    ms_before: int
    """Active time up to the lock; 0 in `assisted`."""
    ms_after: int


Place = tuple[int, int]
"""The key of a scoring, and an epoch of it."""


# Why an epoch is left out: scored in `reveal` without a lock; scored before a suggestion was sent;
# or the suggestion or the final answer has no stage.
NOT_LOCKED, NEVER_SENT, UNSTAGED = "not_locked", "suggestion_never_sent", "without_stage"
LEFT_OUT = (NOT_LOCKED, NEVER_SENT, UNSTAGED)


@dataclass(frozen=True)
class Answers:
    """All answers, and by reason the epochs that are left out."""

    answers: list[Answer]
    left_out: dict[str, list[Place]]


def answers_of(scorings: Iterable[Scoring]) -> Answers:
    """Read the answers of finished scorings in the modes that show a suggestion."""
    shown = [s for s in scorings if s.mode in SHOWN and s.suggestion_id]
    read = [_Read.of(scoring).answers() for scoring in shown]
    return Answers(
        answers=[answer for of_scoring in read for answer in of_scoring.answers],
        left_out={
            why: [place for of_scoring in read for place in of_scoring.left_out[why]]
            for why in LEFT_OUT
        },
    )


@dataclass(frozen=True)
class _Read:
    """The rows of a scoring, by epoch."""

    scoring: Scoring
    scores: Mapping[int, EpochScore]
    revisions: Mapping[int, list[EpochRevision]]
    locks: Mapping[int, RevealLock]
    sent: Mapping[int, list[SentSuggestion]]
    suggested_words: Mapping[tuple[int, int], str]
    """Rationale of the source by epoch and version."""

    @classmethod
    def of(cls, scoring: Scoring) -> "_Read":
        sent = _by_epoch(
            SentSuggestion.objects.filter(scoring=scoring).order_by("epoch", "version")
        )
        source = EpochRevision.objects.filter(scoring=scoring.suggestion).order_by()
        words = source.values_list("epoch", "version", "after__rationale")
        return cls(
            scoring=scoring,
            scores={s.epoch: s for s in scoring.scores.filter(stage__isnull=False).order_by()},
            revisions=_by_epoch(scoring.revisions.order_by("epoch", "version")),
            locks={k.epoch: k for k in scoring.locks.select_related("revision").order_by()},
            sent=sent,
            suggested_words={(epoch, version): text or "" for epoch, version, text in words},
        )

    def answers(self) -> Answers:
        answers = Answers([], {why: [] for why in LEFT_OUT})
        is_reveal = locks_answers(self.scoring.mode)
        for epoch in sorted(self.revisions):
            place = (self.scoring.pk, epoch)
            if epoch not in self.scores:
                answers.left_out[UNSTAGED].append(place)
            elif is_reveal and epoch not in self.locks:
                answers.left_out[NOT_LOCKED].append(place)
            elif (suggestion := self._suggestion(epoch)) is None:
                answers.left_out[NEVER_SENT].append(place)
            elif suggestion["stage"] is None:
                answers.left_out[UNSTAGED].append(place)
            else:
                answers.answers.append(self._answer(epoch, suggestion))
        return answers

    def _suggestion(self, epoch: int) -> Mapping[str, Any] | None:
        """Return the suggestion shown after the lock, or in `assisted` with the last answer."""
        if locks_answers(self.scoring.mode):
            after = [row for row in self.sent.get(epoch, []) if row.at >= self.locks[epoch].at]
            return after[-1].as_json() if after else None
        shown = self.revisions[epoch][-1].shown.get("suggestion")
        return dict(shown) if shown else None

    def _answer(self, epoch: int, suggestion: Mapping[str, Any]) -> Answer:
        revisions, score = self.revisions[epoch], self.scores[epoch]
        lock = self.locks.get(epoch) if locks_answers(self.scoring.mode) else None
        locked_at = lock.revision.version if lock else 0
        own = lock.revision.after if lock else None
        words = own.get("rationale", "") if own else self._words(epoch, suggestion["version"])
        return Answer(
            recording_id=self.scoring.recording_id,
            subject_id=self.scoring.recording.subject_id,
            scoring_id=self.scoring.pk,
            epoch=epoch,
            mode=self.scoring.mode,
            own=own["stage"] if own else None,
            suggested=suggestion["stage"],
            final=score.stage,
            taken=any(r.shown.get("took") for r in revisions if r.version > locked_at),
            words_before=words,
            words_after=score.rationale,
            ms_before=sum(r.active_ms for r in revisions if r.version <= locked_at),
            ms_after=sum(r.active_ms for r in revisions if r.version > locked_at),
        )

    def _words(self, epoch: int, version: int) -> str:
        return self.suggested_words.get((epoch, version), "")


def _by_epoch(rows: Iterable[Any]) -> dict[int, list[Any]]:
    by_epoch: dict[int, list[Any]] = {}
    for row in rows:
        by_epoch.setdefault(row.epoch, []).append(row)
    return by_epoch
