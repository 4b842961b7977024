"""Scorings, and events of a scoring as a whole."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.scoring.models.scorers import Scorer
from psg.lights import Lights
from recordings.models import Recording
from studies.models import Mode, Study, Track

# Of these a copy never counts as a person, in whichever study the original is.
COPIED_KINDS = (Scorer.Kind.MODEL, Scorer.Kind.CONSENSUS)


# Without copies: an imported copy of another scoring is no answer of another person.
IS_ORIGINAL = Q(copy_of__isnull=True, copied_kind="")


class ScoringQuerySet(models.QuerySet["Scoring"]):
    def originals(self) -> "ScoringQuerySet":
        return self.filter(IS_ORIGINAL)

    def copies(self) -> "ScoringQuerySet":
        return self.exclude(IS_ORIGINAL)


class Scoring(models.Model):
    """A pass over a recording by a scorer of any kind."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SUBMITTED = "submitted", "Submitted"
        LOCKED = "locked", "Locked"
        WITHDRAWN = "withdrawn", "Withdrawn"

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="scorings")
    scorer = models.ForeignKey(Scorer, on_delete=models.PROTECT, related_name="scorings")
    pass_number = models.PositiveSmallIntegerField(
        default=1, help_text="2 and up where the same scorer goes over the night again"
    )
    track = models.CharField(max_length=10, choices=Track, default=Track.FINE)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.BLIND)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    suggestion = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the scorer is shown or reviews, in the modes that show something",
    )
    copy_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="copies",
        help_text="The scoring that this import is a copy of",
    )
    copied_kind = models.CharField(
        max_length=10,
        choices=[(kind.value, kind.label) for kind in COPIED_KINDS],
        blank=True,
        db_default="",
        help_text="A copy of a model's scoring or of a consensus, also after that was erased",
    )
    import_record = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="Of an import: format and hash of the file, what was said, assumed and shifted",
    )
    rule_edition = models.CharField(max_length=60, help_text="Frozen at assignment")
    guideline = models.TextField(blank=True, help_text="Frozen at assignment")
    due = models.DateField(null=True, blank=True)
    lights_off_s = models.FloatField(
        null=True, help_text="From the start of the file; null: as the recording's file says"
    )
    lights_on_s = models.FloatField(null=True, help_text="Likewise")
    lights_version = models.PositiveIntegerField(default=0)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)

    objects = ScoringQuerySet.as_manager()

    class Meta:
        ordering = ["recording", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "scorer", "pass_number"], name="one_scoring_a_pass"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording} by {self.scorer}"

    @property
    def study(self) -> Study:
        return self.recording.study

    @property
    def lights(self) -> Lights:
        """Lights off and on: the scorer's own marks, or those of the file where there are none."""
        return Lights(self.lights_off_s, self.lights_on_s).over(self.recording.lights)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_copy(self) -> bool:
        """Whether this import is a copy of another scoring, and no answer of another person."""
        return self.copy_of_id is not None or self.copied_kind != ""


FINISHED = (Scoring.State.SUBMITTED, Scoring.State.LOCKED)


class Event(models.Model):
    """Who did something, when and why. Subclasses list the kinds of events."""

    ABOUT: ClassVar[str]
    """Name of the foreign key to the row that the event belongs to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{getattr(self, self.ABOUT)}: {self.get_kind_display()}"  # type: ignore[attr-defined]


class ScoringEvent(Event):
    """A request, a reopening, a new due date, a reminder or a withdrawal: who, when, why."""

    ABOUT = "scoring"

    class Kind(models.TextChoices):
        REQUESTED = "asked", "Requested reopening"
        DECLINED = "declined", "Declined reopening"
        REOPENED = "reopened", "Reopened the scoring"
        RESCHEDULED = "rescheduled", "Changed the due date"
        WITHDRAWN = "withdrawn", "Withdrew the assignment"
        GIVEN_BACK = "given_back", "Restored the assignment"
        REASSIGNED = "reassigned", "Reassigned the recording"
        REMINDED = "reminded", "Sent a reminder"
        UNLOCKED = "unlocked", "Discarded the adjudication"

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    due = models.DateField(null=True)

    class Meta:
        ordering = ["scoring", "pk"]


def label_of(scoring: Scoring) -> str:
    """Return the scorer's label, with the number of the pass from the second pass on."""
    again = f" ({scoring.pass_number})" if scoring.pass_number > 1 else ""
    return f"{scoring.scorer.label}{again}"
