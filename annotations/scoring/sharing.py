"""Sharing recordings out to annotators: a plan that is looked at, then one transaction."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count

from annotations.exposure import lock_people
from annotations.scoring.assignments import copy_scores
from annotations.scoring.many import GONE, Outcome, counted
from annotations.scoring.models import FINISHED, Scorer, Scoring, label_of
from annotations.scoring.notices import tell_assigned
from annotations.scoring.scorings import new_scoring, scorer_of_user
from annotations.visibility import (
    closed_recordings,
    is_review,
    shows_another,
    visible_scorings,
    why_none_assigned,
)
from recordings.models import Recording
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Mode, Role, Study, User

HIDDEN = "You score or rate it yourself, so the reasons are hidden from you."


@dataclass(frozen=True)
class Wish:
    """How recordings are to be assigned. `each` counts the people who have a recording already."""

    each: int
    mode: Mode
    due: date | None = None
    source: Scorer | None = None
    """Whose finished scoring is shown, in the modes that show one."""


@dataclass(frozen=True)
class PlannedNight:
    """Who has a recording, who gets it, and why so few do."""

    recording: Recording
    has: list[str]
    gets: list[User] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [user.label for user in self.gets]

    @property
    def pairs(self) -> list[str]:
        return [f"{self.recording.pk}:{user.pk}" for user in self.gets]


class _Facts:
    """What is true of recordings and annotators, read with few queries."""

    def __init__(
        self, recordings: Sequence[Recording], annotators: Sequence[User], wish: Wish, by: User
    ) -> None:
        ids = [recording.pk for recording in recordings]
        self._wish, self._closed = wish, closed_recordings(by)
        self.barred = why_none_assigned(ids, annotators, wish.mode)
        self.sources = _sources(ids, wish, by)
        visible = visible_scorings(by).filter(recording__in=ids)
        self._seen = set(visible.values_list("pk", flat=True))
        self.having: dict[int, dict[int, Scoring]] = {}
        people = Scoring.objects.filter(recording__in=ids, scorer__kind=Scorer.Kind.HUMAN)
        for scoring in people.select_related("scorer"):
            assert scoring.scorer.user_id is not None
            of_night = self.having.setdefault(scoring.recording_id, {})
            of_night.setdefault(scoring.scorer.user_id, scoring)

    def has(self, recording: Recording) -> list[Scoring]:
        """Return the assignments that count: those that were not withdrawn."""
        known = self.having.get(recording.pk, {}).values()
        return [s for s in known if s.state != Scoring.State.WITHDRAWN]

    def labels(self, has: Sequence[Scoring]) -> list[str]:
        """Return who has a recording; of those whom `by` may not see, the number alone."""
        seen = sorted(label_of(scoring) for scoring in has if scoring.pk in self._seen)
        hidden = len(has) - len(seen)
        return [*seen, f"{hidden} hidden from you"] if hidden else seen

    def why_not_at_all(self, recording: Recording) -> str | None:
        if not recording.epoch_count:
            return f"{recording} has no epochs: it is not imported yet, or its import failed."
        if shows_another(self._wish.mode) and recording.pk not in self.sources:
            who = self._wish.source or "the chosen scorer"
            return f"{recording} has no finished scoring by {who} that could be shown."
        return None

    def is_closed(self, recording: Recording) -> bool:
        """Return whether it is hidden from `by` who has a recording, and why others cannot."""
        return recording.pk in self._closed

    def why_not(self, recording: Recording, annotator: User) -> str | None:
        if scoring := self.having.get(recording.pk, {}).get(annotator.pk):
            withdrawn = scoring.state == Scoring.State.WITHDRAWN
            had = "had this recording before; restore it there" if withdrawn else "has it already"
            return f"{annotator} {had}."
        source = self.sources.get(recording.pk)
        if source and source.scorer.user_id == annotator.pk:
            return f"{annotator} would get their own scoring as suggestion."
        return self.barred[annotator.pk].get(recording.pk)


def _sources(recordings: Collection[int], wish: Wish, by: User) -> dict[int, Scoring]:
    if not shows_another(wish.mode) or wish.source is None:
        return {}
    finished = visible_scorings(by).filter(
        recording__in=recordings, scorer=wish.source, state__in=FINISHED
    )
    return {s.recording_id: s for s in finished.select_related("scorer").order_by("pass_number")}


def plan_assignments(
    *,
    study: Study,
    recordings: Sequence[Recording],
    annotators: Sequence[User],
    wish: Wish,
    by: User,
) -> list[PlannedNight]:
    """Share recordings out, so that everybody has about as much open work as the others.

    The recordings that the fewest people may score come first. Among people with equally much to
    do, those are chosen who share the fewest recordings, so that pairs of scorers vary.
    """
    facts = _Facts(recordings, annotators, wish, by)
    able = {
        r.pk: [a for a in annotators if facts.why_not(r, a) is None]
        for r in recordings
        if facts.why_not_at_all(r) is None
    }
    load, shared = _open_work(study, annotators), Counter[frozenset[int]]()
    nights = {}
    for recording in sorted(recordings, key=lambda r: len(able.get(r.pk, ()))):
        has = facts.has(recording)
        chosen: list[User] = []
        if recording.pk in able:
            chosen = _chosen(able[recording.pk], wish.each - len(has), load, shared)
        nights[recording.pk] = PlannedNight(
            recording,
            facts.labels(has),
            chosen,
            _why_few(facts, recording, annotators, chosen, wish),
        )
    return [nights[recording.pk] for recording in recordings]


def _chosen(
    able: Sequence[User], wanted: int, load: Counter[int], shared: Counter[frozenset[int]]
) -> list[User]:
    chosen: list[User] = []
    while len(chosen) < min(wanted, len(able)):
        left = [user for user in able if user not in chosen]
        chosen.append(
            min(
                left,
                key=lambda u: (load[u.pk], sum(shared[frozenset((u.pk, c.pk))] for c in chosen)),
            )
        )
    load.update(user.pk for user in chosen)
    shared.update(frozenset((a.pk, b.pk)) for a in chosen for b in chosen if a.pk < b.pk)
    return chosen


def _why_few(
    facts: _Facts,
    recording: Recording,
    annotators: Sequence[User],
    chosen: Sequence[User],
    wish: Wish,
) -> list[str]:
    """Return why a recording gets nobody, or fewer people than wanted; empty if it gets all."""
    has = len(facts.has(recording))
    if has >= wish.each:
        return [f"It has {has} of {wish.each} already."]
    if reason := facts.why_not_at_all(recording):
        return [reason]
    if has + len(chosen) >= wish.each:
        return []
    if facts.is_closed(recording):
        able = sum(facts.why_not(recording, annotator) is None for annotator in annotators)
        refused = len(annotators) - able
        return [f"It cannot be given to {refused} of the chosen annotators. {HIDDEN}"]
    holders = {scoring.scorer.user_id for scoring in facts.has(recording)}
    others = [a for a in annotators if a not in chosen and a.pk not in holders]
    reasons = (facts.why_not(recording, a) for a in others)
    return [reason for reason in reasons if reason] or ["No other annotator was chosen."]


def _open_work(study: Study, annotators: Sequence[User]) -> Counter[int]:
    open_ones = Scoring.objects.filter(
        recording__study=study, state=Scoring.State.OPEN, scorer__user__in=annotators
    )
    rows = open_ones.order_by().values_list("scorer__user_id").annotate(Count("pk"))
    return Counter(dict(rows))


def annotators_of(study: Study) -> list[User]:
    people = User.objects.filter(
        is_active=True, memberships__study=study, memberships__role=Role.ANNOTATOR
    )
    return list(people.order_by("username"))


@transaction.atomic
def assign_many(
    *, study: Study, pairs: Sequence[tuple[int, int]], wish: Wish, by: User
) -> list[Outcome]:
    """Assign recordings to annotators as planned, all or none if the database fails.

    Everything is checked again under locks, since another lead may have assigned in the meantime:
    no recording gets more people than wanted, nobody gets a recording twice.

    Parameters
    ----------
    pairs
        Ids of recordings and annotators.
    """
    lock_unarchived(study.pk)
    wanted = {user for _, user in pairs}
    people = {user.pk: user for user in annotators_of(study) if user.pk in wanted}
    lock_people(people.values())
    nights = {
        recording.pk: recording
        for recording in Recording.objects.filter(study=study, pk__in={r for r, _ in pairs})
    }
    annotators = [people[pk] for pk in dict.fromkeys(user for _, user in pairs) if pk in people]
    facts = _Facts(list(nights.values()), annotators, wish, by)
    scorers = {user.pk: scorer_of_user(user=user) for user in annotators}
    counts = Counter({pk: len(facts.has(recording)) for pk, recording in nights.items()})
    outcomes, made = [], []
    for night, person in dict.fromkeys(pairs):
        recording, annotator = nights.get(night), people.get(person)
        if recording is None or annotator is None:
            outcomes.append(Outcome(str(recording or "recording"), False, GONE))
            continue
        reason = _refused_now(facts, recording, annotator, counts[night], wish)
        outcomes.append(Outcome(str(recording), not reason, reason or "Assigned.", str(annotator)))
        if not reason:
            counts[night] += 1
            made.append(
                new_scoring(
                    recording=recording,
                    study=study,
                    scorer=scorers[person],
                    mode=wish.mode,
                    suggestion=facts.sources.get(night),
                    due=wish.due,
                    assigned_by=by,
                )
            )
    _store(made, wish)
    if made:
        tell_assigned(study=study, scorings=made, by=by)
        record(
            Act.ASSIGNED,
            user=by,
            study=study,
            about=counted(len(made), "assignment"),
            details={
                "recordings": sorted({s.recording_id for s in made}),
                "people": len({s.scorer_id for s in made}),
                "mode": str(wish.mode),
            },
        )
    return outcomes


def _refused_now(
    facts: _Facts, recording: Recording, annotator: User, has: int, wish: Wish
) -> str | None:
    if reason := facts.why_not_at_all(recording):
        return reason
    if reason := facts.why_not(recording, annotator):
        return HIDDEN if facts.is_closed(recording) else reason
    if has >= wish.each:
        return f"It has {has} of {wish.each} already. Nothing was done."
    return None


def _store(made: Sequence[Scoring], wish: Wish) -> None:
    Scoring.objects.bulk_create(made, batch_size=500)
    if is_review(wish.mode):
        for scoring in made:
            assert scoring.suggestion is not None
            copy_scores(scoring.suggestion, scoring)
