"""Read-only admin pages of recordings. Ingest creates recordings; scorings depend on them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from recordings.models import Ingest, Recording, Subject


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Subject)
class SubjectAdmin(ReadOnlyAdmin):
    list_display = ["code", "study"]
    list_filter = ["study"]


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["name", "study", "state", "epoch_count", "created_at"]
    list_filter = ["study", "state"]
    search_fields = ["name"]


@admin.register(Ingest)
class IngestAdmin(ReadOnlyAdmin):
    list_display = ["recording", "state", "step", "attempt", "created_at", "finished_at"]
    list_filter = ["state"]
