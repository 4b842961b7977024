"""Addresses of exports and imports."""

from django.urls import path

from annotations.exchange import pages
from annotations.exchange.api import MassexImportsView, ScoringFileView
from annotations.exchange.scoring_downloads import FILES

urlpatterns = [
    *[
        path(
            f"api/v1/scorings/<int:scoring_id>/scoring.{ending}",
            ScoringFileView.as_view(),
            {"ending": ending},
            name=f"scoring-{ending}",
        )
        for ending in FILES
    ],
    path("studies/<slug:slug>/exports/", pages.exports, name="exports"),
    path("exports/<int:export_id>/row/", pages.export_row, name="export-row"),
    path("exports/<int:export_id>/download/", pages.download_export, name="export-download"),
    path("studies/<slug:slug>/imports/", pages.imports, name="massex-imports"),
    path("imports/<int:import_id>/", pages.import_page, name="massex-import"),
    path("imports/<int:import_id>/progress/", pages.progress, name="massex-import-progress"),
    path("imports/<int:import_id>/again/", pages.again, name="massex-import-again"),
    path("imports/<int:import_id>/confirm/", pages.confirm, name="massex-import-confirm"),
    path("imports/<int:import_id>/discard/", pages.discard, name="massex-import-discard"),
    path(
        "api/v1/studies/<slug:slug>/imports/",
        MassexImportsView.as_view(),
        name="api-massex-imports",
    ),
]
