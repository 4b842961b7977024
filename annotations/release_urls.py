"""Addresses of releases."""

from django.urls import path

from annotations.views import release_acts as acts
from annotations.views import release_drafts as drafts
from annotations.views import release_files as files
from annotations.views import release_findings as findings
from annotations.views import releases

urlpatterns = [
    path("studies/<slug:slug>/releases/", releases.releases, name="releases"),
    path("studies/<slug:slug>/releases/new/", drafts.new_release, name="release-new"),
    path("studies/<slug:slug>/releases/terms/", drafts.terms, name="release-terms"),
    path("releases/<int:release_id>/", releases.release, name="release"),
    path("releases/<int:release_id>/compose/", drafts.compose, name="release-compose"),
    path("releases/<int:release_id>/progress/", releases.progress, name="release-progress"),
    path("releases/<int:release_id>/findings/", findings.findings, name="release-findings"),
    path(
        "releases/<int:release_id>/findings/harmless/", findings.harmless, name="release-harmless"
    ),
    path(
        "releases/<int:release_id>/findings/<int:finding_id>/correct/",
        findings.correct,
        name="release-correct",
    ),
    path(
        "releases/<int:release_id>/findings/<int:finding_id>/wait/",
        findings.wait,
        name="release-wait",
    ),
    path("releases/<int:release_id>/freeze/", acts.freeze, name="release-freeze"),
    path("releases/<int:release_id>/withdraw/", acts.withdraw, name="release-withdraw"),
    path("releases/<int:release_id>/discard/", drafts.discard, name="release-discard"),
    path("releases/<int:release_id>/download/", files.download, name="release-download"),
]
