"""Releases: scorings frozen under a version, and the findings in their free text."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models import EpochScore, Event
from jobs.models import MeasuredWork
from studies.models import Role, Study, User


class ReleaseQuerySet(models.QuerySet["Release"]):
    def of(self, user: User) -> "ReleaseQuerySet":
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))


class Release(MeasuredWork):
    """A draft may change; from freezing on its rows and file stay, unless a night is erased."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        WAITING = "waiting", "Waiting to be frozen"
        FREEZING = "freezing", "Being frozen"
        FROZEN = "frozen", "Frozen"
        WITHDRAWN = "withdrawn", "Withdrawn"

    KIND = "annotations.releases.work.RELEASES"
    WAITING = State.WAITING
    RUNNING = State.FREEZING

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="releases")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.CharField(max_length=20, blank=True, help_text="MAJOR.MINOR.PATCH")
    composition = models.JSONField(default=dict, help_text="As asked for; see Composition")
    preview = models.JSONField(
        default=dict, help_text="What the composition held when it was last looked at"
    )
    previewed_at = models.DateTimeField(default=timezone.now)
    manifest = models.JSONField(null=True, help_text="Set when it is frozen; see Manifest")
    file = models.FileField(upload_to="releases", blank=True, max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Of the file, in bytes")
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True)
    erasures = models.JSONField(
        default=list, db_default=[], help_text="Nights erased since; see ErasedNight"
    )
    rewrite_due = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its file still holds erased nights; nobody gets it",
    )
    as_frozen = models.JSONField(
        null=True, help_text="Manifest and SHA-256 before the first erasure; null without any"
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["study", "-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "version"],
                condition=~Q(version=""),
                name="one_release_a_version",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["frozen", "withdrawn"])
                | (~Q(version="") & ~Q(file="") & Q(manifest__isnull=False)),
                name="frozen_releases_have_version_file_and_manifest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}".strip()

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_frozen(self) -> bool:
        """Whether its rows and its file are final; those of a withdrawn release are too."""
        return self.state in {self.State.FROZEN, self.State.WITHDRAWN}

    @property
    def file_name(self) -> str:
        return f"{self.study.slug}-{self.version}.zip"


class ReleaseEvent(Event):
    """An act on a release, or a download."""

    ABOUT = "release"

    class Kind(models.TextChoices):
        COMPOSED = "composed", "Draft created"
        CHANGED = "changed", "Draft changed"
        REQUESTED = "asked", "Freezing requested"
        REFUSED = "refused", "Freezing failed"
        REVIEWED = "reviewed", "Free text reviewed"
        FROZEN = "frozen", "Frozen"
        WITHDRAWN = "withdrawn", "Release withdrawn"
        DOWNLOADED = "downloaded", "Downloaded"
        ERASED = "erased", "Nights erased"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        ordering = ["release", "pk"]


class ReleaseAccessQuerySet(models.QuerySet["ReleaseAccess"]):
    def open(self) -> "ReleaseAccessQuerySet":
        """Keep the rows that let somebody download today."""
        lasts = Q(until__isnull=True) | Q(until__gte=timezone.localdate())
        return self.filter(lasts, ended_at__isnull=True)


class ReleaseAccess(models.Model):
    """A person whom a lead lets download a frozen release. Rows end, and are never deleted.

    Who had access could read the scorings: `annotations.exposure` counts ended rows as well.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="accesses")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="release_accesses"
    )
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    allowed_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(
        null=True, help_text="When the person accepted licence and conditions of use"
    )
    until = models.DateField(null=True, help_text="The last day; null: until a lead ends it")
    is_outside = models.BooleanField(
        default=False, db_default=False, help_text="Whether the person was no member of the study"
    )
    ended_at = models.DateTimeField(null=True)

    objects = ReleaseAccessQuerySet.as_manager()

    class Meta:
        ordering = ["release", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "person"],
                condition=Q(ended_at__isnull=True),
                name="one_access_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} may download {self.release}"

    @property
    def is_over(self) -> bool:
        """Whether the last day has passed."""
        return self.until is not None and self.until < timezone.localdate()


# The findings in the free text of a draft, and those that were marked as harmless.


class ReleaseFindingQuerySet(models.QuerySet["ReleaseFinding"]):
    def open(self) -> "ReleaseFindingQuerySet":
        return self.exclude(models.Exists(_marks()))

    def harmless(self) -> "ReleaseFindingQuerySet":
        """Keep the findings that were marked as harmless, in the same text, in this study."""
        return self.filter(models.Exists(_marks()))


def _marks() -> models.QuerySet["HarmlessWords"]:
    return HarmlessWords.objects.filter(
        study=models.OuterRef("release__study"),
        text_sha256=models.OuterRef("text_sha256"),
        start=models.OuterRef("start"),
        stop=models.OuterRef("stop"),
    )


class ReleaseFinding(models.Model):
    """Words in a draft that may identify a person; searched with each preview.

    A text that occurs in several places is a single finding, with the first of them.
    """

    class Where(models.TextChoices):
        RATIONALE = "rationale", "Rationale"
        STAGE_TEXT = "stage_text", "Stage name of the imported file"
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
        """The text before the words."""
        return self.text[: self.start]

    @property
    def after(self) -> str:
        return self.text[self.stop :]


class HarmlessWords(models.Model):
    """A passage that was reviewed and identifies nobody.

    The mark holds in the study for as long as the text is the same, in later releases too.
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
