"""What is compared and rated."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotations.rating.models.studies import RatingStudy
from annotations.scoring.models import STAGE_CHOICES, EpochScore, Scoring
from recordings.models import Recording


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
