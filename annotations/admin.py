"""Read-only admin lists of scorings, adjudications, rating studies, exports and releases.

Stages and rationales are not shown: only the workbench enforces blinding. Scorings that are being
rated are hidden, because their list would show the possible sources to raters.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations.adjudication.models import Adjudication
from annotations.exchange.models import Export
from annotations.rating.models import RatingStudy
from annotations.releases.models import Release
from annotations.scoring.models import Scorer, Scoring
from recordings.admin import ReadOnlyAdmin


@admin.register(Scorer)
class ScorerAdmin(ReadOnlyAdmin):
    list_display = ["label", "kind", "study"]
    list_filter = ["kind", "study"]
    search_fields = ["label"]


@admin.register(Scoring)
class ScoringAdmin(ReadOnlyAdmin):
    list_display = ["recording", "scorer", "pass_number", "mode", "state", "due", "submitted_at"]
    list_filter = ["state", "mode", "recording__study"]
    list_select_related = ["recording", "scorer"]
    search_fields = ["recording__name", "scorer__label"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Scoring]":
        being_rated = RatingStudy.objects.filter(state=RatingStudy.State.OPEN)
        return super().get_queryset(request).exclude(pk__in=being_rated.values("arms__scorings"))


@admin.register(Adjudication)
class AdjudicationAdmin(ReadOnlyAdmin):
    list_display = ["recording", "state", "created_by", "created_at", "finished_at"]
    list_filter = ["state", "recording__study"]
    exclude = ["seed", "consensus"]


@admin.register(RatingStudy)
class RatingStudyAdmin(ReadOnlyAdmin):
    list_display = ["title", "study", "state", "created_at", "unblinded_at", "unblinded_by"]
    list_filter = ["state", "study"]
    exclude = ["seed", "design"]


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ["study", "scorer", "state", "done", "total", "requested_by", "created_at"]
    list_filter = ["state", "study"]
    exclude = ["file"]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ["study", "title", "version", "state", "created_at", "frozen_at"]
    list_filter = ["state", "study"]
    exclude = ["file", "preview", "manifest"]
