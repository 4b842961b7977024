"""Rating studies: frozen rationales, who rates which in what order, and the ratings."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.models.scoring import STAGE_CHOICES, EpochScore, Scoring
from recordings.models import Recording
from studies.models import Role, Study, User

DIMENSIONS = ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence")


class RatingStudyQuerySet(models.QuerySet["RatingStudy"]):
    def led_by(self, user: User) -> "RatingStudyQuerySet":
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))

    def rated_by(self, user: User) -> "RatingStudyQuerySet":
        """Return the open studies in whose raters `user` is counted, now too."""
        mine = RatingSlot.objects.filter(rater_id=user.pk).values("item__rating_study_id")
        return self.filter(
            state=RatingStudy.State.OPEN,
            study__in=Study.objects.of(user, Role.RATER),
            pk__in=mine,
        )


class RatingStudy(models.Model):
    """A sample of rationales from chosen scorings, put before raters who see no source."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="rating_studies")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    seed = models.PositiveIntegerField()
    design = models.JSONField(default=dict, help_text="Sample size and repeats as asked for")
    scorings = models.ManyToManyField(Scoring, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    unblinded_at = models.DateTimeField(null=True)
    unblinded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RatingStudyQuerySet.as_manager()

    class Meta:
        ordering = ["study", "-created_at"]
        verbose_name_plural = "rating studies"

    def __str__(self) -> str:
        return self.title


class RatingItem(models.Model):
    """One rationale, frozen as it stood when the study was made."""

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="items")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="+")
    epoch = models.PositiveIntegerField()
    source = models.ForeignKey(EpochScore, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=2, choices=STAGE_CHOICES)
    rules = ArrayField(models.CharField(max_length=12), default=list)
    rationale = models.TextField()
    rule_edition = models.CharField(max_length=60)
    renderer_version = models.CharField(max_length=60)
    text_sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(max_length=64, help_text="Of the target epoch's image")

    class Meta:
        ordering = ["rating_study", "pk"]

    def __str__(self) -> str:
        return f"item {self.pk} of {self.rating_study}"


class RatingSlotQuerySet(models.QuerySet["RatingSlot"]):
    def of(self, user: User) -> "RatingSlotQuerySet":
        """Return the queue of `user`: their own slots of the studies they may rate now."""
        open_studies = RatingStudy.objects.rated_by(user)
        return self.filter(rater_id=user.pk, item__rating_study__in=open_studies)


class RatingSlot(models.Model):
    """One item in one rater's queue, under a code that says nothing."""

    item = models.ForeignKey(RatingItem, on_delete=models.PROTECT, related_name="slots")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rating_slots"
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.PositiveIntegerField()
    repeat = models.PositiveSmallIntegerField(default=0)

    objects = RatingSlotQuerySet.as_manager()

    class Meta:
        ordering = ["rater", "place"]
        constraints = [
            models.UniqueConstraint(fields=["item", "rater", "repeat"], name="one_slot_a_repeat"),
        ]

    def __str__(self) -> str:
        return str(self.code)


def _score(help_text: str) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(null=True, blank=True, help_text=help_text)


class Rating(models.Model):
    """Three scores of 1 to 5, or "cannot judge"."""

    slot = models.OneToOneField(RatingSlot, on_delete=models.PROTECT, related_name="rating")
    factual_accuracy = _score("1 to 5")
    evidence_comprehensiveness = _score("1 to 5")
    logical_coherence = _score("1 to 5")
    cannot_judge = models.BooleanField(default=False)
    comment = models.TextField(blank=True)
    complete = models.BooleanField(default=False, help_text="Only complete ratings count")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}),
                name=f"{name}_from_1_to_5",
            )
            for name in DIMENSIONS
        ]

    def __str__(self) -> str:
        return f"rating of {self.slot}"


class RatingRevision(models.Model):
    """One save of one rating. Rows are only ever added."""

    slot = models.ForeignKey(RatingSlot, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    after = models.JSONField()
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["slot", "version"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "version"], name="one_rating_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, version {self.version}"
