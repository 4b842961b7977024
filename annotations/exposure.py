"""Exposure: which texts of a night a person has been shown, will be shown, or wrote.

These are facts, read from the database. What follows from them, who may rate, score, settle or
read what, is decided in `annotations.visibility`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Exists, F, Func, Model, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower, Now, StrIndex, Trim

from annotations.adjudication.models import (
    Adjudication,
    AdjudicationComment,
    AdjudicationDecision,
    AdjudicationSide,
    MajoritySettlement,
)
from annotations.assistance.models import SentSuggestion
from annotations.exchange.models import Export
from annotations.rating.models import (
    RatingGold,
    RatingItem,
    RatingSlot,
    RatingStudy,
    RatingStudyEvent,
)
from annotations.releases.models import ReleaseAccess, ReleaseEvent
from annotations.scoring.models import EpochComment, EpochRevision, EpochScore, Scoring
from recordings.models import Recording
from studies.models import Act, AuditEvent, Membership, Role, User


def lock_people(people: Iterable[User]) -> None:
    """Lock people until the transaction ends, in one order.

    A launch gives texts to raters, and an assignment shows texts to a scorer. Each looks at what
    the other did, so neither may begin while the other is not finished.
    """
    ids = [person.pk for person in people]
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))


# The same night in several studies


def same_nights(recordings: Iterable[int]) -> set[int]:
    """Return the ids of these recordings and of all that hold the same file, in any study.

    They are read once, not left in the queries that need them: most people have none, and a
    nested query costs more each time it is written than this one.
    """
    given = set(recordings)
    if not given:
        return given
    files = Recording.objects.filter(pk__in=given).exclude(sha256="").order_by().values("sha256")
    same = Recording.objects.filter(sha256__in=files).order_by()
    return given.union(same.values_list("pk", flat=True))


def nights_of(recordings: Iterable[int]) -> dict[int, set[int]]:
    """Return for each of these recordings the ids of all that hold the same file, its own too."""
    ids = set(recordings)
    files = dict(Recording.objects.filter(pk__in=ids).order_by().values_list("pk", "sha256"))
    holders: dict[str, set[int]] = {}
    known = Recording.objects.filter(sha256__in=set(files.values()) - {""}).order_by()
    for pk, sha256 in known.values_list("pk", "sha256"):
        holders.setdefault(sha256, set()).add(pk)
    return {pk: {pk} | holders.get(files.get(pk, ""), set()) for pk in ids}


def _is_same_night(recording: str, outer: str = "recording") -> Q:
    """Return whether `recording` of a row is, or holds the file of, the outer row's."""
    same_file = Q(**{f"{recording}__sha256": OuterRef(f"{outer}__sha256")})
    has_file = ~Q(**{f"{recording}__sha256": ""})
    return Q(**{recording: OuterRef(f"{outer}_id")}) | has_file & same_file


# Nights whose texts a person rates


def rated_recordings(user: User) -> set[int]:
    """Return the ids of the recordings whose texts `user` has in an open rating study.

    All items of the queue count until the study is closed: a rating may be changed until then.
    They count also while the user may not rate, because that may end.
    """
    return same_nights(recordings_to_rate(user))


def recordings_to_rate(user: User) -> QuerySet[RatingSlot, int]:
    """Return the ids of the rated recordings in the studies of their ratings alone."""
    slots = _open_slots().filter(rater_id=user.pk)
    return slots.values_list("item__recording_id", flat=True).distinct()


def people_rating(nights: Iterable[int]) -> QuerySet[RatingSlot, int]:
    """Return the ids of the people with texts of these recordings in an open rating study."""
    slots = _open_slots().filter(item__recording__in=nights)
    return slots.values_list("rater_id", flat=True)


def _open_slots() -> QuerySet[RatingSlot]:
    return RatingSlot.objects.filter(item__rating_study__state=RatingStudy.State.OPEN).order_by()


# Scorings that a person knows


def known_scorings(user: User) -> set[int]:
    """Return the ids of the scorings whose texts `user` wrote, was shown, or will be shown.

    Shown are the source of a suggestion or of a copy for review, from the assignment on; the
    sides and the consensus of an adjudication in which they did anything; and every scoring
    that they commented on, were mentioned in, or changed, because they could open it.
    """
    own = Scoring.objects.filter(scorer__user_id=user.pk)
    settled = _grouped([user.pk], *_settled_rows([user.pk], "pk"))[user.pk]
    comments = EpochComment.objects.filter(Q(author_id=user.pk) | Q(mentions=user.pk))
    known = (
        own.values_list("pk"),
        own.filter(suggestion__isnull=False).values_list("suggestion_id"),
        SentSuggestion.objects.filter(scoring__scorer__user_id=user.pk).values_list("source_id"),
        AdjudicationSide.objects.filter(adjudication__in=settled).values_list("scoring_id"),
        Scoring.objects.filter(adjudication__in=settled).values_list("pk"),
        comments.values_list("scoring_id"),
        EpochRevision.objects.filter(user_id=user.pk).values_list("scoring_id"),
    )
    first, *others = (rows.order_by() for rows in known)
    return {pk for (pk,) in first.union(*others)}


def rated_by(people: Collection[int]) -> dict[int, set[int]]:
    """Return by person the recordings whose texts they have in an open rating study."""
    slots = _open_slots().filter(rater_id__in=people)
    return _grouped(people, slots.values_list("rater_id", "item__recording_id"))


def settled_by(people: Collection[int]) -> dict[int, set[int]]:
    """Return by person the recordings of which they started or settled an adjudication."""
    return _grouped(people, *_settled_rows(people, "recording_id"))


def _settled_rows(people: Collection[int], of: str) -> list[QuerySet[Any, Any]]:
    """Return rows of people, and of what `of` leads to from adjudications in which they acted."""
    return [_done_by(people, model, who, path + of) for model, who, path in _ACTS_OF_ADJUDICATORS]


def _done_by(people: Collection[int], model: type[Model], who: str, of: str) -> QuerySet[Any, Any]:
    return model._default_manager.filter(**{f"{who}__in": people}).order_by().values_list(who, of)


# What adjudicators do, with all sides before them: who did it, and the way to the adjudication.
_ACTS_OF_ADJUDICATORS: tuple[tuple[type[Model], str, str], ...] = (
    (Adjudication, "created_by_id", ""),
    (Adjudication, "discarded_by_id", ""),
    (AdjudicationDecision, "user_id", "adjudication__"),
    (AdjudicationComment, "author_id", "adjudication__"),
    (MajoritySettlement, "user_id", "adjudication__"),
    (MajoritySettlement, "withdrawn_by_id", "adjudication__"),
)


def launched_by(people: Collection[int]) -> dict[int, set[int]]:
    """Return by person the recordings of which they have, or once had, texts to rate.

    Which of them were read is not kept, so all texts of a launched study count.
    """
    slots = _done_by(people, RatingSlot, "rater_id", "item__recording_id")
    return _grouped(people, slots.exclude(item__rating_study__state=RatingStudy.State.DRAFT))


def _grouped(people: Collection[int], *rows: QuerySet[Any, Any]) -> dict[int, set[int]]:
    """Return what rows of people and ids say, by person; empty for those of whom none says."""
    found: dict[int, set[int]] = {person: set() for person in people}
    first, *others = rows
    for person, pk in first.union(*others) if others else first.distinct():
        found[person].add(pk)
    return found


# Rating items that a person knows


def known_items(user: User, among: QuerySet[RatingItem]) -> set[int]:
    """Return the ids of the rating items whose text `user` knows from elsewhere.

    The text is that of a scoring they know, of any version of it, whoever carried it over: into
    a consensus, or into a copy for review. Or a comment that they could read quotes it, or they
    were shown the reference scores of the same text in another rating study.

    Runs for every item that is opened. Most raters know no text; then none is compared.
    """
    knows = Q()
    if known := known_scorings(user):
        knows |= Q(source__scoring__in=known) | Q(Exists(_same_scores(known)))
        knows |= Q(Exists(_same_revisions(known)))
    if _readable_comments(user).exists():
        knows |= Q(Exists(_quotes(user)))
    if _have_copies(among) and (overseen := overseen_studies(user)):
        knows |= Q(Exists(_same_overseen(overseen)))
    shown = RatingSlot.objects.filter(rater_id=user.pk, gold_shown_at__isnull=False)
    if shown.exists():
        knows |= Q(Exists(_same_gold(shown)))
    if not knows:
        return set()
    return set(among.alias(plain=_plain(F("rationale"))).filter(knows).values_list("pk", flat=True))


def _same_gold(shown: QuerySet[RatingSlot]) -> QuerySet[RatingSlot]:
    there = shown.filter(
        _is_same_night("item__recording"), item__source__epoch=OuterRef("source__epoch")
    ).exclude(item__rating_study=OuterRef("rating_study_id"))
    return there.alias(plain=_plain(F("item__rationale"))).filter(plain=OuterRef("plain"))


def _same_scores(known: set[int]) -> QuerySet[EpochScore]:
    there = EpochScore.objects.filter(
        _is_same_night("scoring__recording"),
        scoring__in=known,
        epoch=OuterRef("source__epoch"),
    )
    return there.alias(plain=_plain(F("rationale"))).filter(plain=OuterRef("plain"))


def _have_copies(among: QuerySet[RatingItem]) -> bool:
    """Return whether a file of these items is that of several recordings."""
    files = among.exclude(recording__sha256="").order_by().values("recording__sha256")
    copies = Recording.objects.filter(sha256__in=files).order_by().values("sha256")
    return copies.annotate(count=Count("pk")).filter(count__gt=1).exists()


def _same_overseen(overseen: set[int]) -> QuerySet[EpochScore]:
    """Return the same texts of the same file in studies that a person oversees, or once did."""
    there = EpochScore.objects.filter(
        ~Q(scoring__recording__sha256=""),
        scoring__recording__sha256=OuterRef("recording__sha256"),
        scoring__recording__study__in=overseen,
        epoch=OuterRef("source__epoch"),
    ).exclude(scoring__recording=OuterRef("recording_id"))
    return there.alias(plain=_plain(F("rationale"))).filter(plain=OuterRef("plain"))


def _same_revisions(known: set[int]) -> QuerySet[EpochRevision]:
    there = EpochRevision.objects.filter(
        _is_same_night("scoring__recording"),
        scoring__in=known,
        epoch=OuterRef("source__epoch"),
    )
    return there.alias(plain=_plain(KT("after__rationale"))).filter(plain=OuterRef("plain"))


def _quotes(user: User) -> QuerySet[EpochComment]:
    """Return comments with the text of an item that `user` wrote or could read.

    Comments of others on a rated night are hidden from the launch on, so later ones do not count.
    """
    until = Coalesce(OuterRef("rating_study__launched_at"), Now())
    return (
        _readable_comments(user)
        .filter(
            Q(author_id=user.pk) | Q(at__lte=until),
            _is_same_night("scoring__recording"),
            epoch=OuterRef("source__epoch"),
        )
        .alias(quoted=StrIndex(_plain(F("text")), OuterRef("plain")))
        .filter(quoted__gt=0)
    )


def _readable_comments(user: User) -> QuerySet[EpochComment]:
    return EpochComment.objects.filter(
        Q(author_id=user.pk) | Q(scoring__scorer__user_id=user.pk) | Q(mentions=user.pk)
    )


def _plain(text: Combinable) -> Combinable:
    """Return a text without case and layout, as texts are compared."""
    spaced = Func(text, Value(r"\s+"), Value(" "), Value("g"), function="REGEXP_REPLACE")
    return Lower(Trim(spaced), output_field=TextField())


# Studies whose scorings a person could read

# People with these roles see every scoring of their study; annotators see their own.
OVERSEERS = (Role.LEAD, Role.ADJUDICATOR, Role.VIEWER)


def overseen_studies(user: User) -> set[int]:
    """Return the ids of the studies whose scorings `user` may read, or once could."""
    return overseen_by([user.pk])[user.pk]


def overseen_by(people: Collection[int]) -> dict[int, set[int]]:
    """Return by person the studies whose scorings they may read, or once could.

    Roles that ended are on record, and so is what only people with such a role do: they assign,
    adjudicate, design and launch rating studies, export and release. People whom a lead lets
    download a release count as well.
    """
    roles = Membership.objects.filter(user_id__in=people, role__in=OVERSEERS)
    ended = AuditEvent.objects.filter(
        act=Act.ROLE_REMOVED, person_id__in=people, details__role__in=OVERSEERS
    )
    rows = [
        roles.values_list("user_id", "study_id"),
        ended.values_list("person_id", "study_id"),
        *_settled_rows(people, "recording__study_id"),
        *(_done_by(people, model, who, of) for model, who, of in _ACTS_OF_OVERSEERS),
    ]
    return _grouped(people, *(each.order_by() for each in rows))


# By what only overseers do: who did it, and the study of it.
_ACTS_OF_OVERSEERS: tuple[tuple[type[Model], str, str], ...] = (
    (Scoring, "assigned_by_id", "recording__study_id"),
    (RatingStudy, "created_by_id", "study_id"),
    (RatingStudyEvent, "user_id", "rating_study__study_id"),
    (RatingGold, "set_by_id", "item__rating_study__study_id"),
    (Export, "requested_by_id", "study_id"),
    (ReleaseEvent, "user_id", "release__study_id"),
    # Whom a lead let download a release could read as much of it.
    (ReleaseAccess, "person_id", "release__study_id"),
)
