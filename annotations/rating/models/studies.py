"""Rating studies, and what was done to each as a whole."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models import Event
from jobs.models import MeasuredWork
from studies.models import Study


class RatingStudyQuerySet(models.QuerySet["RatingStudy"]):
    def launched(self) -> "RatingStudyQuerySet":
        return self.filter(state__in=RatingStudy.LAUNCHED)


class RatingStudy(MeasuredWork):
    """Rationales of chosen arms, put before raters who see no source.

    A draft has its items drawn and its words copied. While it is being launched a worker freezes
    it: then nothing of it changes, and to raters it is a draft still. With the last item frozen it
    opens, with all queues at once.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LAUNCHING = "launching", "Being launched"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    KIND = "annotations.rating.lifecycle.LAUNCHES"
    WAITING = State.LAUNCHING
    RUNNING = State.LAUNCHING
    LAUNCHED = (State.OPEN, State.CLOSED)

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="rating_studies")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    seed = models.PositiveIntegerField(help_text="Of sample, assignment and orders")
    design = models.JSONField(default=dict, help_text="As asked for; see RatingDesign")
    drawing_version = models.PositiveSmallIntegerField(
        null=True, help_text="See DRAWING_VERSION; null where it was not stored"
    )
    shared_epochs = models.PositiveIntegerField(
        null=True,
        help_text="Number of epochs with a rationale of every arm, from which arms were drawn "
        "together; null where each was drawn by itself, or where that was not stored",
    )
    own_stage_first = models.BooleanField(
        default=False, help_text="Raters stage the epoch before they see the rationale"
    )
    calibration_pass_percent = models.PositiveSmallIntegerField(
        default=70, help_text="Gold scores to be met within one point before the main round"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    launched_at = models.DateTimeField(null=True)
    unblinded_at = models.DateTimeField(null=True)
    unblinded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    unblind_reason = models.TextField(blank=True)

    objects = RatingStudyQuerySet.as_manager()

    class Meta:
        ordering = ["study", "-created_at"]
        verbose_name_plural = "rating studies"
        constraints = [
            models.CheckConstraint(
                condition=Q(unblinded_at__isnull=True) | Q(state="closed"),
                name="only_closed_rating_studies_are_unblinded",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.state == self.State.DRAFT

    @property
    def progress_label(self) -> str:
        return "Items frozen"

    @property
    def is_launched(self) -> bool:
        return self.state in self.LAUNCHED


class RatingStudyEvent(Event):
    """What was done to a rating study as a whole."""

    ABOUT = "rating_study"

    class Kind(models.TextChoices):
        DRAWN = "drawn", "Items generated"
        ASKED = "asked", "Launch requested"
        REFUSED = "refused", "Launch failed"
        LAUNCHED = "launched", "Launched"
        CLOSED = "closed", "Closed"
        UNBLINDED = "unblinded", "Unblinded"
        ERASED = "erased", "Items of erased recordings removed"

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        ordering = ["rating_study", "pk"]
