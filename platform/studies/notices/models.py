"""Notices to people, what each person wants of them, and the mails that list them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import LeasedWork

if TYPE_CHECKING:
    from studies.models import User


class Notice(models.Model):
    """Something that happened and concerns a person; they may be several of a kind.

    It holds ids and no words. What it says is read when it is shown, from rows that the recipient
    may see then: so it follows names that change, and vanishes with what is erased or closed.
    """

    recipient = models.ForeignKey("studies.User", models.CASCADE, related_name="notices")
    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="notices")
    # Without choices, so that a new kind is an entry of a table and no migration.
    kind = models.CharField(max_length=40)
    about = ArrayField(models.BigIntegerField(), help_text="Ids of what the kind is about")
    key = models.CharField(
        max_length=40, blank=True, help_text="What else tells it apart, such as the due date"
    )
    role = models.CharField(
        max_length=20, blank=True, help_text="Role without which it is not shown any more"
    )
    on_page = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(
        "studies.NoticeDigest", models.SET_NULL, null=True, related_name="notices"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            # The count in the bar of every page.
            models.Index(
                fields=["recipient"],
                condition=Q(seen_at__isnull=True, on_page=True),
                name="unseen_notices",
            ),
            models.Index(fields=["recipient", "-made_at"], name="notices_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class NoticeChoices(models.Model):
    """How a person wants notices. Without a row: all of them, with a daily mail."""

    class Digest(models.TextChoices):
        OFF = "off", "No mail"
        DAILY = "daily", "Daily"
        WEEKLY = "weekly", "Weekly, on Monday"

    user = models.OneToOneField("studies.User", models.CASCADE, related_name="notice_choices")
    digest = models.CharField("mail", max_length=10, choices=Digest, default=Digest.DAILY)
    off_page = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    off_mail = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        verbose_name_plural = "choices of notices"

    def __str__(self) -> str:
        return f"choices of {self.user_id}"

    @classmethod
    def of(cls, user: "User") -> "NoticeChoices":
        """Return the choices of a person, or the usual ones, not saved."""
        return cls.objects.filter(user=user).first() or cls(user=user)


class NoticeDigest(LeasedWork):
    """A mail with the notices of a person that they have not seen. It is sent once at most.

    `sent_at` is written right before the mail leaves. If a worker dies in between nobody knows
    whether it left, and it is not sent again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KIND = "studies.notices.digests.DIGESTS"
    WAITING = State.WAITING
    RUNNING = State.SENDING

    user = models.ForeignKey("studies.User", models.CASCADE, related_name="notice_digests")
    day = models.DateField(help_text="The day, or the Monday, that it is the mail of")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    try_after = models.DateTimeField(null=True, help_text="While the mail server is away")

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["waiting", "sending"]),
                name="one_digest_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"digest of {self.day} to {self.user_id}"

    @classmethod
    def lease(cls) -> timedelta:
        return timedelta(minutes=5)

    @classmethod
    def waiting(cls) -> Q:
        """Those that wait, but for the mail server."""
        due = Q(try_after__isnull=True) | Q(try_after__lte=Now())
        return super().waiting() & due
