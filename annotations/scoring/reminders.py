"""Mails that remind people of their open scorings."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from annotations.scoring.models import Scoring
from studies.accounts.mail import sent
from studies.models import Membership


def mail_reminders(scoring_ids: Collection[int]) -> int:
    """Send a mail to each scorer with their open scorings among these; return how many were sent.

    Without a mail server nothing is sent, nor to those who turned this mail off: the reminder is
    on the start page.
    """
    scorings = Scoring.objects.filter(
        Exists(_membership_of_the_scorer()),
        pk__in=scoring_ids,
        state=Scoring.State.OPEN,
        scorer__user__is_active=True,
    )
    scorings = scorings.exclude(scorer__user__notice_choices__off_mail__contains=["reminded"])
    by_person: dict[str, list[Scoring]] = {}
    for scoring in scorings.select_related("recording", "scorer__user").order_by("due", "pk"):
        assert scoring.scorer.user is not None
        by_person.setdefault(scoring.scorer.user.email, []).append(scoring)
    return sum(
        sent(to=email, template="reminder", scorings=theirs, site_url=settings.SITE_URL)
        for email, theirs in by_person.items()
    )


def by_scorer(scoring_ids: Collection[int]) -> list[list[int]]:
    """Return the ids of scorings in one list for each scorer."""
    rows = Scoring.objects.filter(pk__in=scoring_ids).order_by("scorer_id", "pk")
    theirs: dict[int, list[int]] = {}
    for pk, scorer in rows.values_list("pk", "scorer_id"):
        theirs.setdefault(scorer, []).append(pk)
    return list(theirs.values())


def _membership_of_the_scorer() -> QuerySet[Membership]:
    """Those who left the study are told nothing of it any more."""
    return Membership.objects.filter(
        study=OuterRef("recording__study"), user=OuterRef("scorer__user")
    )
