"""Read-only admin pages of bundles, runs and promotions."""

from django.contrib import admin

from inference.models import ModelBundle, PreScoreRun, Promotion
from recordings.admin import ReadOnlyAdmin


@admin.register(ModelBundle)
class ModelBundleAdmin(ReadOnlyAdmin):
    list_display = ["name", "version", "adapter", "track", "created_at"]
    list_filter = ["adapter"]


@admin.register(PreScoreRun)
class PreScoreRunAdmin(ReadOnlyAdmin):
    list_display = ["recording", "bundle", "state", "done", "total", "failed_count", "created_at"]
    list_filter = ["state", "bundle"]


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ["study", "bundle", "decision", "user", "at"]
    list_filter = ["decision"]
