"""Scorers, scorings, epoch scores and comments, with the history of every change."""

import math
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from psg.lights import Lights
from psg.stagefiles.facts import EventKind
from psg.stages import EPOCH_S, STAGES
from recordings.models import Recording
from studies.models import Mode, Study, Track


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


# Scorers: people, models, imported files and consensus


class Scorer(models.Model):
    """The author of scorings: a person, a model, an imported file or a consensus.

    The provenance is a frozen copy, so that this module does not depend on `inference`.
    """

    class Kind(models.TextChoices):
        HUMAN = "human", "Expert"
        MODEL = "model", "Model"
        IMPORT = "import", "Imported"
        CONSENSUS = "consensus", "Consensus"

    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField(max_length=120)
    study = models.ForeignKey(
        Study,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scorers",
        help_text="Of imported scorers and consensus; people and models serve every study",
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scorer",
    )
    provenance = models.JSONField(
        default=dict, help_text="Model, weights, prompt, renderer; or file and importer"
    )

    class Meta:
        ordering = ["kind", "label"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="human", user__isnull=False)
                | (~Q(kind="human") & Q(user__isnull=True)),
                name="people_and_only_people_have_a_user",
            ),
            models.UniqueConstraint(
                fields=["study", "kind", "label"],
                condition=Q(study__isnull=False),
                name="one_scorer_a_label_in_a_study",
            ),
            models.UniqueConstraint(
                fields=["label"], condition=Q(kind="model"), name="one_model_scorer_a_label"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def kind_word(self) -> str:
        """The kind as it follows the label; empty if the label is the same word."""
        word = str(self.get_kind_display()).lower()
        return "" if self.label.lower() == word else word

    @property
    def label_and_kind(self) -> str:
        return f"{self.label}, {self.kind_word}" if self.kind_word else self.label


# Scorings and their epochs


STAGE_CHOICES = [(stage.value, stage.value) for stage in STAGES]

# Of these a copy never counts as a person, in whichever study the original is.
COPIED_KINDS = (Scorer.Kind.MODEL, Scorer.Kind.CONSENSUS)


class Flag(models.TextChoices):
    ARTEFACT = "artefact", "Artefact"
    UNSURE = "unsure", "Unsure"


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


class EpochScore(models.Model):
    """The current stage, rules, rationale, evidence and flags of an epoch."""

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="scores")
    epoch = models.PositiveIntegerField(help_text="Index on the recording's grid, from 0")
    stage = models.CharField(max_length=2, choices=STAGE_CHOICES, null=True, blank=True)
    rules = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    rationale = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    source_text = models.CharField(
        max_length=80, blank=True, help_text="The stage in the words of the imported file"
    )
    probabilities = models.JSONField(
        null=True, blank=True, help_text="Stage to probability, from models that give them"
    )
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["scoring_id", "epoch"]  # by "scoring" each read would join three tables
        constraints = [
            models.UniqueConstraint(fields=["scoring", "epoch"], name="one_score_an_epoch"),
            models.CheckConstraint(
                condition=Q(stage__isnull=True) | Q(stage__in=[s.value for s in STAGES]),
                name="stage_is_one_of_five_or_unscored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch}: {self.stage or 'unscored'}"


class ScoredEvent(models.Model):
    """An event of an imported file that is no stage, such as an arousal.

    `name` and `channel` are known words, or empty: free text of a file may name a person.
    """

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="scored_events")
    onset_s = models.FloatField(help_text="From the start of the recording")
    duration_s = models.FloatField(help_text="0 for a point in time")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in EventKind])
    name = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["scoring_id", "onset_s", "pk"]

    def __str__(self) -> str:
        return f"{self.name or self.kind} at {self.onset_s:g} s"

    def epochs(self, epoch0_s: float) -> range:
        """Return the epochs that the event touches, on the grid that begins at `epoch0_s`."""
        start_s = self.onset_s - epoch0_s
        last = math.ceil((start_s + self.duration_s) / EPOCH_S) - 1
        first = math.floor(start_s / EPOCH_S)
        return range(first, max(first, last) + 1)


class EpochRevision(models.Model):
    """A change of an epoch score. Rows are only added, never changed."""

    class Why(models.TextChoices):
        EDIT = "edit", "Edit"
        UNDO = "undo", "Undo"
        REDO = "redo", "Redo"
        IMPORT = "import", "Import"
        MODEL = "model", "Model"
        CONSENSUS = "consensus", "Consensus"
        COPY = "copy", "Copied for review"
        REDACTED = "redacted", "Identifying words removed"

    # Two indexes below begin with the scoring; a third would only make saves slower.
    scoring = models.ForeignKey(
        Scoring, on_delete=models.PROTECT, related_name="revisions", db_index=False
    )
    epoch = models.PositiveIntegerField()
    version = models.PositiveIntegerField(help_text="That the epoch has after this change")
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why, default=Why.EDIT)
    before = models.JSONField(null=True, help_text="None where the epoch had no score")
    after = models.JSONField()
    shown = models.JSONField(default=dict, help_text="What was on screen, suggestions included")
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["scoring_id", "epoch", "version"]
        # The last revision of each scoring, which names the content of all its epochs.
        indexes = [models.Index(fields=["scoring", "-id"], name="last_revision_of_a_scoring")]
        constraints = [
            models.UniqueConstraint(
                fields=["scoring", "epoch", "version"], name="one_revision_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, epoch {self.epoch}, version {self.version}"


# Events of a scoring as a whole


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


# The history of lights off and lights on


class LightsRevision(models.Model):
    """A change of lights off or on by a scorer. The marks of the file are never changed.

    Rows are only added, never changed.
    """

    class Why(models.TextChoices):
        EDIT = "edit", "Edit"
        UNDO = "undo", "Undo"
        REDO = "redo", "Redo"
        IMPORT = "import", "Import"
        CONSENSUS = "consensus", "Consensus"
        COPY = "copy", "Copied for review"

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="lights_revisions")
    version = models.PositiveIntegerField(help_text="That the marks have after this change")
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why, default=Why.EDIT)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["scoring", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["scoring", "version"], name="one_lights_revision_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scoring}, lights, version {self.version}"


# Comments


class EpochComment(models.Model):
    """A comment on an epoch. Its text never changes; it is open until it is resolved."""

    scoring = models.ForeignKey(Scoring, on_delete=models.PROTECT, related_name="comments")
    epoch = models.PositiveIntegerField()
    client_uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments"
    )
    text = models.TextField()
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["scoring", "epoch", "pk"]

    def __str__(self) -> str:
        return f"{self.author} on {self.scoring}, epoch {self.epoch}"


def label_of(scoring: Scoring) -> str:
    """Return the scorer's label, with the number of the pass from the second pass on."""
    again = f" ({scoring.pass_number})" if scoring.pass_number > 1 else ""
    return f"{scoring.scorer.label}{again}"
