"""Erasing the account of a person: personal rows are deleted, their work stays without a name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, Q, QuerySet
from django.db.models.fields.related import ForeignKey

from annotations.assistance.models import SentSuggestion
from annotations.exchange.models import Export
from annotations.rating.models import RatingStudy
from annotations.releases.erasing import change_drafts, frozen_recordings, frozen_with
from annotations.releases.models import Release
from annotations.scoring.models import EpochComment, Scorer, Scoring
from epochwise.lifecycle.erasing import ErasureRefusedError
from epochwise.lifecycle.plan import NIGHT_STEPS, SCORING_STEPS
from epochwise.lifecycle.reach import RowCount
from recordings.models import Recording
from recordings.removals import remove_files
from recordings.store import refuse_other_store
from studies.audit import record
from studies.members import studies_led_alone
from studies.models import Act, AuditEvent, Invitation, Study, User

# Of the person alone: these rows go. Names of packages that are installed on some sites only are
# listed too.
OWN = frozenset(
    {
        "account.EmailAddress.user",
        "admin.LogEntry.user",
        "annotations.AgreementWork.requested_by",
        "annotations.EpochComment_mentions.user",
        "mfa.Authenticator.user",
        "socialaccount.SocialAccount.user",
        "studies.ApiToken.user",
        "studies.Membership.user",
        "studies.Notice.recipient",
        "studies.NoticeChoices.user",
        "studies.NoticeDigest.user",
        "studies.Preferences.user",
        "studies.SavedView.user",
        "studies.User_groups.user",
        "studies.User_user_permissions.user",
        "usersessions.UserSession.user",
    }
)
# Who did it: these rows stay and refer to the account, which has no name any more.
KEPT = frozenset(
    {
        "annotations.Adjudication.created_by",
        "annotations.Adjudication.discarded_by",
        "annotations.AdjudicationComment.author",
        "annotations.AdjudicationDecision.user",
        "annotations.EpochComment.author",
        "annotations.EpochComment.resolved_by",
        "annotations.EpochRevision.user",
        "annotations.Export.requested_by",
        "annotations.HarmlessWords.user",
        "annotations.LightsRevision.user",
        "annotations.MajoritySettlement.user",
        "annotations.MajoritySettlement.withdrawn_by",
        "annotations.MassexImport.requested_by",
        "annotations.ScoringImport.requested_by",
        "annotations.RatingGold.set_by",
        "annotations.RatingRater.rater",
        "annotations.RatingRater.released_by",
        "annotations.RatingSlot.rater",
        "annotations.RatingStudy.created_by",
        "annotations.RatingStudy.unblinded_by",
        "annotations.RatingStudyEvent.user",
        "annotations.ReleaseAccess.allowed_by",
        "annotations.ReleaseAccess.person",
        "annotations.ReleaseEvent.user",
        "annotations.Scorer.user",
        "annotations.Scoring.assigned_by",
        "annotations.ScoringEvent.user",
        "inference.BundleCheck.requested_by",
        "inference.ModelAddition.requested_by",
        "inference.PreScoreRun.requested_by",
        "inference.Promotion.user",
        "recordings.Ingest.requested_by",
        "recordings.IntakeQueue.made_by",
        "recordings.IntakeRule.set_by",
        "recordings.RecordingLightsChange.user",
        "recordings.SignalCorrection.user",
        "studies.AuditEvent.user",
        "studies.AuditEvent.person",
        # Invitations that the person accepted, or that name their address, are deleted.
        "studies.Invitation.accepted_by",
        "studies.Invitation.invited_by",
    }
)


def references_to(model: type) -> dict[str, ForeignKey]:
    """Return every foreign key to a model as app.Model.field; those of many-to-many tables too."""
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}": relation.field
        for relation in model._meta.get_fields(include_hidden=True)  # type: ignore[attr-defined]
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or _is_one(relation))
    }


def _is_one(relation: object) -> bool:
    return bool(getattr(relation, "one_to_one", False))


@dataclass(frozen=True)
class PersonReach:
    """What an erasure of an account deletes, keeps without the name, and cannot change."""

    pseudonym: str
    rows: tuple[RowCount, ...]
    kept: tuple[RowCount, ...]
    erasable: tuple[Scoring, ...]
    built_on: tuple[Scoring, ...]
    exports: tuple[Export, ...]
    releases: tuple[Release, ...]
    rating_studies: tuple[RatingStudy, ...]
    audit_events: int

    @property
    def counts(self) -> dict[str, int]:
        rows = {counted.words: counted.count for counted in self.rows}
        return {**rows, "exports": len(self.exports)}


def pseudonym_of(user: User) -> str:
    kind = "scorer" if Scorer.objects.filter(user=user).exists() else "member"
    return f"Former {kind} {user.pk}"


def reach_of_person(user: User) -> PersonReach:
    """Look up everything that refers to a person."""
    rows: list[RowCount] = []
    kept: list[RowCount] = []
    called = {step.model: step.words for step in NIGHT_STEPS}
    for label, field in sorted(references_to(User).items()):
        role = "" if field.name == "user" else f" ({field.name.replace('_', ' ')})"
        words = f"{called.get(field.model, field.model._meta.verbose_name_plural)}{role}"
        count = field.model._base_manager.filter(**{field.name: user}).count()
        if count and field.model is not AuditEvent:
            (rows if _is_deleted(label, field) else kept).append(RowCount(words, count))
    rows += [
        RowCount("invitations", _invitations(user).count()),
        RowCount("sessions", len(list(_sessions(user)))),
    ]
    erasable, built_on = _scorings(user)
    return PersonReach(
        pseudonym=pseudonym_of(user),
        rows=tuple(counted for counted in rows if counted.count),
        kept=tuple(kept),
        erasable=tuple(erasable),
        built_on=tuple(built_on),
        exports=tuple(Export.objects.filter(scorer__user=user).order_by("pk")),
        releases=tuple(_releases(user)),
        rating_studies=tuple(_rating_studies(user)),
        audit_events=AuditEvent.objects.filter(Q(user=user) | Q(person=user)).count(),
    )


def _releases(user: User) -> list[Release]:
    """Return the frozen releases of nights that the person has scored."""
    theirs = Recording.objects.filter(scorings__scorer__user=user)
    return [
        release
        for study in Study.objects.filter(recordings__in=theirs).distinct().order_by("pk")
        for release in frozen_with(
            study, set(theirs.filter(study=study).values_list("name", flat=True))
        )
    ]


def _rating_studies(user: User) -> "QuerySet[RatingStudy]":
    """Return the rating studies with items by the person, or with the person as a rater."""
    theirs = Q(arms__scorings__scorer__user=user) | Q(panel__rater=user)
    return RatingStudy.objects.filter(theirs).distinct().order_by("pk")


def _is_deleted(label: str, field: ForeignKey) -> bool:
    """Whether rows go with the person: those that would go with the row of the user do."""
    return label in OWN or (label not in KEPT and field.remote_field.on_delete is CASCADE)


def _invitations(user: User) -> QuerySet[Invitation]:
    theirs = Q(accepted_by=user)
    if user.email:
        theirs |= Q(email__iexact=user.email)
    return Invitation.objects.filter(theirs)


def _sessions(user: User) -> Iterable[Session]:
    return (
        session
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    )


def _scorings(user: User) -> tuple[list[Scoring], list[Scoring]]:
    """Return the person's scorings on which nothing rests, and those that others built on."""
    scorings = Scoring.objects.filter(scorer__user=user).select_related("recording", "scorer")
    built_on = {
        *scorings.filter(adjudicated_as__isnull=False).values_list("pk", flat=True),
        *scorings.filter(rated_in__isnull=False).values_list("pk", flat=True),
        *Scoring.objects.filter(suggestion__in=scorings).values_list("suggestion_id", flat=True),
        *SentSuggestion.objects.filter(source__in=scorings).values_list("source_id", flat=True),
    }
    for study in Study.objects.filter(recordings__scorings__in=scorings).distinct():
        frozen = frozen_recordings(study)
        of_study = scorings.filter(recording__study=study, recording__name__in=frozen)
        built_on |= set(of_study.values_list("pk", flat=True))
    ordered = list(scorings.order_by("pk"))
    return (
        [scoring for scoring in ordered if scoring.pk not in built_on],
        [scoring for scoring in ordered if scoring.pk in built_on],
    )


def erase_person(
    *, person: User, user: User | None, reason: str, with_scorings: bool = False
) -> PersonReach:
    """Erase what identifies a person; their scorings and ratings stay under a pseudonym.

    `with_scorings` also erases their scorings, but for those on which adjudications, rating
    studies, suggestions or frozen releases rest.

    Raises
    ------
    ErasureRefusedError, OtherStoreError
    """
    refuse_other_store()
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=person.pk)
        _refuse(locked, user)
        reach = reach_of_person(locked)
        if with_scorings:
            _erase_scorings(reach.erasable)
        remove_files([str(export.file.name) for export in reach.exports if export.file])
        Export.objects.filter(pk__in=[export.pk for export in reach.exports]).delete()
        _replace_mentions(locked)
        _delete_own(locked)
        _take_name_away(locked, reach.pseudonym)
        record(
            Act.ERASED,
            user=user,
            about=f"person {locked.pk}",
            why=reason,
            details={
                "person": locked.pk,
                "counts": reach.counts,
                "scorings": len(reach.erasable) if with_scorings else 0,
            },
        )
    return reach


def _refuse(person: User, user: User | None) -> None:
    if user is not None and user.pk == person.pk:
        raise ErasureRefusedError(
            "You cannot erase your own account.",
            advice="Another owner of the site can do it, or the command manage.py erase person.",
        )
    owners = User.objects.filter(is_superuser=True, is_active=True)
    if person.is_superuser and not owners.exclude(pk=person.pk).exists():
        raise ErasureRefusedError("This is the only owner of the site. Make another owner first.")
    if alone := studies_led_alone(person):
        raise ErasureRefusedError(
            f"This is the only lead of {', '.join(map(str, alone))}.",
            advice="Give another member the role of lead first.",
        )


def _erase_scorings(scorings: Sequence[Scoring]) -> None:
    pks = [scoring.pk for scoring in scorings]
    studies = list(Study.objects.filter(recordings__scorings__in=pks).distinct())
    for step in SCORING_STEPS:
        step.rows(pks).delete()
    for study in studies:
        change_drafts(study, set())


def _replace_mentions(person: User) -> None:
    """Put the new account name where comments mention the person; the rest of a text stays."""
    mention = re.compile(rf"(?<![\w@])@{re.escape(person.username)}(?![\w@+-]|\.\w)")
    for comment in EpochComment.objects.filter(text__contains=f"@{person.username}"):
        comment.text = mention.sub(f"@{_username(person)}", comment.text)
        comment.save(update_fields=["text"])


def _delete_own(person: User) -> None:
    _invitations(person).delete()
    for session in _sessions(person):
        session.delete()
    for label, field in references_to(User).items():
        if _is_deleted(label, field):
            field.model._base_manager.filter(**{field.name: person}).delete()


def _take_name_away(person: User, pseudonym: str) -> None:
    Scorer.objects.filter(user=person).update(label=pseudonym)
    person.username = _username(person)
    person.name = pseudonym
    person.first_name = person.last_name = person.email = ""
    person.password = UNUSABLE_PASSWORD_PREFIX
    person.last_login = None
    person.is_active = person.is_staff = person.is_superuser = False
    person.save()


def _username(person: User) -> str:
    return f"former-{person.pk}"
