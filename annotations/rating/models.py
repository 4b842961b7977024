"""Rating studies: what is compared and rated, by whom, in what order, and every rating."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.rating.words import DIMENSION_WORDS
from annotations.scoring.models import STAGE_CHOICES, EpochScore, Event, Scoring
from jobs.models import MeasuredWork
from recordings.models import Recording
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


class RatingArm(models.Model):
    """An arm: rationales of these scorings, as written or as control items."""

    class Kind(models.TextChoices):
        SOURCE = "source", "As written"
        CONTROL = "control", "Control items"

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="arms")
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SOURCE)
    place = models.PositiveSmallIntegerField()
    scorings = models.ManyToManyField(Scoring, related_name="rated_in")
    rationale_count = models.PositiveIntegerField(
        null=True,
        help_text="From which its items were drawn; null where that was not stored",
    )

    class Meta:
        ordering = ["rating_study", "place"]
        constraints = [
            models.UniqueConstraint(fields=["rating_study", "label"], name="one_arm_a_label"),
        ]

    def __str__(self) -> str:
        return self.label


class RatingItem(models.Model):
    """A rationale with an epoch, frozen: later changes of its source do not change it."""

    class Phase(models.TextChoices):
        CALIBRATION = "calibration", "Calibration round"
        MAIN = "main", "Main round"

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="items")
    arm = models.ForeignKey(RatingArm, on_delete=models.PROTECT, related_name="items")
    phase = models.CharField(max_length=12, choices=Phase, default=Phase.MAIN)
    code = models.CharField(max_length=8, help_text="Random; names the item while it is blind")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="+")
    epoch = models.PositiveIntegerField(help_text="That is shown")
    source = models.ForeignKey(
        EpochScore,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Where the words are from; of another epoch in a known-wrong control",
    )
    stage = models.CharField(max_length=2, choices=STAGE_CHOICES, help_text="That is argued for")
    rules = ArrayField(models.CharField(max_length=12), default=list)
    rationale = models.TextField(help_text="As written")
    words = models.TextField(help_text="As shown: the rationale without its layout")
    reference_stage = models.CharField(max_length=2, choices=STAGE_CHOICES, null=True)
    is_transition = models.BooleanField(help_text="Whether the stage changes beside the epoch")
    inclusion_probability = models.FloatField(
        null=True,
        help_text="Of being drawn to the main round; null in other rounds, for control items, "
        "for arms with scorings of an earlier arm, and where items were drawn before probabilities "
        "were stored",
    )
    rule_edition = models.CharField(max_length=60)
    renderer_version = models.CharField(max_length=60)
    text_sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of the target epoch's image; set at launch"
    )
    signal_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of the stored records that are shown; set at launch"
    )

    class Meta:
        ordering = ["rating_study", "code"]
        constraints = [
            models.UniqueConstraint(fields=["rating_study", "code"], name="one_item_a_code"),
        ]

    def __str__(self) -> str:
        return f"item {self.code} of {self.rating_study}"

    @property
    def window(self) -> range:
        """The epochs that raters see: the epoch of the item and its neighbours."""
        return range(max(self.epoch - 1, 0), min(self.epoch + 2, self.recording.epoch_count))

    @property
    def is_correct(self) -> bool | None:
        """Whether the stage argued for is that of the reference; None without a reference."""
        return None if self.reference_stage is None else self.stage == self.reference_stage

    @property
    def stratum(self) -> tuple[str, bool | None, bool]:
        return self.stage, self.is_correct, self.is_transition


class RatingRaterQuerySet(models.QuerySet["RatingRater"]):
    def admitted(self) -> "RatingRaterQuerySet":
        """Return who may rate the main round although there is a calibration round."""
        return self.filter(Q(calibrated_at__isnull=False) | Q(released_at__isnull=False))


class RatingRater(models.Model):
    """A rater of a study, from the draft on."""

    rating_study = models.ForeignKey(RatingStudy, on_delete=models.PROTECT, related_name="panel")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rates_in"
    )
    calibrated_at = models.DateTimeField(
        null=True, help_text="When the calibration round was passed; null until then"
    )
    released_at = models.DateTimeField(
        null=True, help_text="When the lead let the rater go on all the same"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    release_reason = models.TextField(blank=True)

    objects = RatingRaterQuerySet.as_manager()

    class Meta:
        ordering = ["rating_study", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rating_study", "rater"], name="one_seat_a_rater"),
        ]

    def __str__(self) -> str:
        return f"{self.rater} in {self.rating_study}"

    @property
    def may_go_on(self) -> bool:
        """Whether a calibration round does not hold the rater up any more."""
        return bool(self.calibrated_at or self.released_at)


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


# Who rates which item in what order, and the ratings.


DIMENSIONS = tuple(DIMENSION_WORDS)


class RatingSlotQuerySet(models.QuerySet["RatingSlot"]):
    def calibration(self) -> "RatingSlotQuerySet":
        """Return the calibration rounds; gold items that come again are none of them."""
        return self.filter(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)


class RatingSlot(models.Model):
    """An item in the queue of a rater, under a random code."""

    item = models.ForeignKey(RatingItem, on_delete=models.PROTECT, related_name="slots")
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rating_slots"
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.PositiveIntegerField()
    repeat = models.PositiveSmallIntegerField(default=0)
    own_stage = models.CharField(
        max_length=2,
        choices=STAGE_CHOICES,
        null=True,
        help_text="What the rater saw before the rationale was shown",
    )
    own_staged_at = models.DateTimeField(null=True)
    gold_shown_at = models.DateTimeField(null=True, help_text="From then on the rating stands")

    objects = RatingSlotQuerySet.as_manager()

    class Meta:
        ordering = ["rater", "place"]
        constraints = [
            models.UniqueConstraint(fields=["item", "rater", "repeat"], name="one_slot_a_repeat"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def is_calibration(self) -> bool:
        """Whether the rater is shown the gold of it."""
        return self.repeat == 0 and self.item.phase == RatingItem.Phase.CALIBRATION

    @property
    def awaits_stage(self) -> bool:
        """Whether the rater's own stage comes first and is not kept yet."""
        return self.item.rating_study.own_stage_first and self.own_stage is None


class DimensionScores(models.Model):
    """A column for the score of each dimension, 1 to 5; null where no score is given."""

    class Meta:
        abstract = True

    @property
    def scores(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in DIMENSIONS}


for _name in DIMENSIONS:
    DimensionScores.add_to_class(
        _name, models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5")
    )


class Rating(DimensionScores):
    """A score in each dimension, or "cannot judge"."""

    slot = models.OneToOneField(RatingSlot, on_delete=models.PROTECT, related_name="rating")
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
    """A saved version of a rating. Rows are added, but never changed."""

    slot = models.ForeignKey(RatingSlot, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    after = models.JSONField()
    shown = models.JSONField(default=dict, help_text="What of the signal was on screen, and how")
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["slot", "version"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "version"], name="one_rating_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, version {self.version}"


# Reference scores of calibration items


class RatingGold(DimensionScores):
    """The reference scores of an item; a dimension without a score does not count."""

    item = models.OneToOneField(RatingItem, on_delete=models.PROTECT, related_name="gold")
    feedback = models.TextField(help_text="Shown to a rater after they rated the item")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (1, 5)}),
                name=f"gold_{name}_from_1_to_5",
            )
            for name in DIMENSIONS
        ]

    def __str__(self) -> str:
        return f"gold of {self.item}"

    @property
    def given_scores(self) -> dict[str, int]:
        """The reference scores by dimension, without dimensions that have none."""
        return {name: score for name, score in self.scores.items() if score is not None}
