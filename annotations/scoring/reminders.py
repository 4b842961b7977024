"""Mails that remind people of their open scorings."""

from collections.abc import Collection

from django.conf import settings

from annotations.scoring.models import Scoring
from studies.accounts.mail import sent


def mail_reminders(scoring_ids: Collection[int]) -> int:
    """Send a mail to each scorer with their open scorings among these; return how many were sent.

    Without a mail server nothing is sent: the reminder is on the start page.
    """
    scorings = Scoring.objects.filter(
        pk__in=scoring_ids, state=Scoring.State.OPEN, scorer__user__is_active=True
    )
    by_person: dict[str, list[Scoring]] = {}
    for scoring in scorings.select_related("recording", "scorer__user").order_by("due", "pk"):
        assert scoring.scorer.user is not None
        by_person.setdefault(scoring.scorer.user.email, []).append(scoring)
    return sum(
        sent(to=email, template="reminder", scorings=theirs, site_url=settings.SITE_URL)
        for email, theirs in by_person.items()
    )
