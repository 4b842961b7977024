"""What the search of a release's free text found, and what people said of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.release import Release
from annotations.models.scoring import EpochScore
from studies.models import Study


class ReleaseFindingQuerySet(models.QuerySet["ReleaseFinding"]):
    def open(self) -> "ReleaseFindingQuerySet":
        return self.exclude(models.Exists(_marks()))

    def said_harmless(self) -> "ReleaseFindingQuerySet":
        """Keep those of which somebody of the study has said so, of the very same text."""
        return self.filter(models.Exists(_marks()))


def _marks() -> models.QuerySet["HarmlessWords"]:
    return HarmlessWords.objects.filter(
        study=models.OuterRef("release__study"),
        text_sha256=models.OuterRef("text_sha256"),
        start=models.OuterRef("start"),
        stop=models.OuterRef("stop"),
    )


class ReleaseFinding(models.Model):
    """Words in a draft that may name somebody; found anew with each preview.

    A text that stands in several places is one finding, with the first of them.
    """

    class Where(models.TextChoices):
        RATIONALE = "rationale", "Rationale"
        STAGE_TEXT = "stage_text", "Stage in the words of the imported file"
        COMMENT = "comment", "Comment of a rater"
        RATING_STUDY = "rating_study", "Title of a rating study"
        GUIDELINE = "guideline", "Guideline"
        SCORER = "scorer", "Name of a scorer"

    class Kind(models.TextChoices):
        NAME = "name", "Name"
        DATE = "date", "Date"
        NUMBER = "number", "Number, address or file"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=10, choices=Kind)
    where = models.CharField(max_length=15, choices=Where)
    place = models.CharField(max_length=200, help_text="In words, such as night and epoch")
    places = models.PositiveIntegerField(default=1, help_text="How often the text stands there")
    score = models.ForeignKey(EpochScore, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    start = models.PositiveIntegerField(help_text="In characters of the text")
    stop = models.PositiveIntegerField()
    words = models.TextField(help_text="What was found")

    objects = ReleaseFindingQuerySet.as_manager()

    class Meta:
        ordering = ["release", "kind", "words", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "text_sha256", "start"], name="one_finding_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words} in {self.place}"

    @property
    def before(self) -> str:
        """The text up to what was found."""
        return self.text[: self.start]

    @property
    def after(self) -> str:
        return self.text[self.stop :]


class HarmlessWords(models.Model):
    """Somebody looked at a finding and said that it tells nobody's name.

    It holds in the study for as long as the text is the same, in later releases too.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="+")
    text_sha256 = models.CharField(max_length=64)
    start = models.PositiveIntegerField()
    stop = models.PositiveIntegerField()
    words = models.TextField(help_text="What stands there")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "text_sha256", "start", "stop"], name="one_mark_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}: harmless"
