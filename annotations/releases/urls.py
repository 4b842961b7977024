"""Addresses of releases."""

from django.urls import path

from annotations.releases import file_pages as files
from annotations.releases import findings_pages as findings
from annotations.releases import pages
from annotations.releases import pages as acts
from annotations.releases import pages as drafts
from annotations.releases import sharing_pages as sharing

urlpatterns = [
    path("studies/<slug:slug>/releases/", pages.releases, name="releases"),
    path("studies/<slug:slug>/releases/new/", drafts.new_release, name="release-new"),
    path("studies/<slug:slug>/releases/terms/", drafts.terms, name="release-terms"),
    path("releases/<int:release_id>/", pages.release_page, name="release"),
    path("releases/<int:release_id>/compose/", drafts.compose, name="release-compose"),
    path("releases/<int:release_id>/rows/", drafts.rows, name="release-rows"),
    path("releases/<int:release_id>/progress/", pages.progress, name="release-progress"),
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
    path("releases/<int:release_id>/data/", sharing.data, name="release-data"),
    path("releases/<int:release_id>/accept/", sharing.accept, name="release-accept"),
    path("releases/<int:release_id>/people/", sharing.people, name="release-people"),
    path("releases/<int:release_id>/people/outside/", sharing.outsider, name="release-outsider"),
    path("releases/<int:release_id>/download/", files.download, name="release-download"),
]
