"""A release: scorings frozen under a version, with the file that was made of them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.models.event import Event
from annotations.models.leased import LeasedWork
from studies.models import Role, Study, User


class ReleaseQuerySet(models.QuerySet["Release"]):
    def of(self, user: User) -> "ReleaseQuerySet":
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))


class Release(LeasedWork):
    """A draft may change; from freezing on neither its rows nor its file ever do."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        WAITING = "waiting", "Waiting to be frozen"
        FREEZING = "freezing", "Being frozen"
        FROZEN = "frozen", "Frozen"
        WITHDRAWN = "withdrawn", "Withdrawn"

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
    def is_being_frozen(self) -> bool:
        return self.state in {self.State.WAITING, self.State.FREEZING}

    @property
    def is_frozen(self) -> bool:
        """Whether its rows and its file are final; withdrawn ones stay as they are too."""
        return self.state in {self.State.FROZEN, self.State.WITHDRAWN}

    @property
    def file_name(self) -> str:
        return f"{self.study.slug}-{self.version}.zip"


class ReleaseEvent(Event):
    """What was done with a release, downloads included."""

    ABOUT = "release"

    class Kind(models.TextChoices):
        COMPOSED = "composed", "Composed it"
        CHANGED = "changed", "Changed the draft"
        ASKED = "asked", "Asked to freeze it"
        REFUSED = "refused", "Could not be frozen"
        REVIEWED = "reviewed", "Looked at its free text"
        FROZEN = "frozen", "Frozen"
        WITHDRAWN = "withdrawn", "Withdrew it"
        DOWNLOADED = "downloaded", "Downloaded it"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        ordering = ["release", "pk"]
