"""Exports of MASS-EX files, and imports of these and of stage files."""

import hashlib
import json
from typing import Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from annotations.scoring.models import Scorer
from jobs.models import MeasuredWork
from studies.models import Role, Study, User


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User) -> "ExportQuerySet":
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))


class Export(MeasuredWork):
    """An export of a study: its progress, and the finished zip with its checksum."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KIND = "annotations.exchange.exports.EXPORTS"
    WAITING = State.WAITING
    RUNNING = State.RUNNING

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="exports")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    scorer = models.ForeignKey(Scorer, on_delete=models.PROTECT, related_name="+")
    include_open = models.BooleanField(
        default=False, help_text="Scorings that are not submitted yet as well"
    )
    recordings = ArrayField(
        models.BigIntegerField(), null=True, help_text="The recordings chosen; null for all"
    )
    written = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="The recordings in the file; null where an earlier version made it",
    )
    file = models.FileField(upload_to="exports", blank=True, max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.study}"


Import = TypeVar("Import", bound="FileImport")


class FileImportQuerySet(models.QuerySet[Import]):
    def of(self, user: User) -> Self:
        return self.filter(study__in=Study.objects.of(user, Role.LEAD))


class FileImport(MeasuredWork):
    """An import of files: read, previewed, confirmed and written by a worker.

    The files are deleted in the end; preview and results stay.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        READY = "ready", "Ready to import"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        DISCARDED = "discarded", "Discarded"

    WAITING = State.WAITING
    RUNNING = State.RUNNING

    study: "models.ForeignKey[Study, Study]"
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    is_confirmed = models.BooleanField(
        default=False, help_text="The worker is to write it; until then it only reads"
    )
    options = models.JSONField(default=dict, help_text="As asked for")
    file = models.FileField(upload_to="imports", blank=True, max_length=200)
    preview = models.JSONField(null=True, help_text="What the files would do, one by one")
    chosen = models.JSONField(default=list, help_text="Paths that were confirmed")
    results = models.JSONField(default=list, help_text="What was done, file by file")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"import {self.pk} into {self.study}"

    @property
    def progress_label(self) -> str:
        return "Writing" if self.is_confirmed else "Reading"

    @property
    def written_count(self) -> int:
        return sum(result["epochs"] > 0 for result in self.results)

    @property
    def preview_digest(self) -> str:
        """A hash of the plans of all files, so that people confirm what they saw."""
        files = (self.preview or {}).get("files", [])
        plans = [[file["path"], file["digest"]] for file in files]
        return hashlib.sha256(json.dumps(plans).encode()).hexdigest()

    @property
    def is_open(self) -> bool:
        """Whether it can still be looked at again, confirmed or discarded."""
        return self.state in {self.State.READY, self.State.FAILED}


class MassexImport(FileImport):
    """An import of MASS-EX files; for its options see `annotations.exchange.plan`."""

    KIND = "annotations.exchange.import_work.IMPORTS"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="massex_imports")

    objects = FileImportQuerySet["MassexImport"].as_manager()


class ScoringImport(FileImport):
    """An import of stage files; for its options see `annotations.exchange.stage_plan`."""

    KIND = "annotations.exchange.stage_work.SCORING_IMPORTS"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="scoring_imports")

    objects = FileImportQuerySet["ScoringImport"].as_manager()
