"""Marking notices as seen, and forgetting old ones."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from studies.models import User
from studies.notices.models import Notice, NoticeDigest

KEPT_FOR = timedelta(days=365)


def mark_seen(notices: Iterable[Notice]) -> None:
    """Mark notices as seen; those that were seen before keep their time."""
    unseen = [notice.pk for notice in notices if notice.seen_at is None]
    if unseen:
        Notice.objects.filter(pk__in=unseen, seen_at=None).update(seen_at=timezone.now())


def mark_all_seen(*, user: User, until: datetime) -> None:
    """Mark the notices of a person as seen, but for those that came later."""
    unseen = Notice.objects.filter(recipient=user, seen_at=None, made_at__lte=until)
    unseen.update(seen_at=timezone.now())


def clear_old_notices() -> None:
    """Delete notices and records of mails of more than a year ago."""
    long_ago = timezone.now() - KEPT_FOR
    Notice.objects.filter(made_at__lt=long_ago).delete()
    NoticeDigest.objects.filter(day__lt=long_ago.date()).delete()
