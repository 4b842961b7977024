"""Addresses of releases."""

from django.urls import path

from annotations.views import releases

urlpatterns = [
    path("studies/<slug:slug>/releases/", releases.releases, name="releases"),
    path("studies/<slug:slug>/releases/new/", releases.new_release, name="release-new"),
    path("studies/<slug:slug>/releases/terms/", releases.terms, name="release-terms"),
    path("releases/<int:release_id>/", releases.release, name="release"),
    path("releases/<int:release_id>/compose/", releases.compose, name="release-compose"),
    path("releases/<int:release_id>/progress/", releases.progress, name="release-progress"),
    path("releases/<int:release_id>/freeze/", releases.freeze, name="release-freeze"),
    path("releases/<int:release_id>/withdraw/", releases.withdraw, name="release-withdraw"),
    path("releases/<int:release_id>/discard/", releases.discard, name="release-discard"),
    path("releases/<int:release_id>/download/", releases.download, name="release-download"),
]
