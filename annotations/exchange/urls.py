"""Addresses of exports and imports."""

from django.urls import path

from annotations.exchange import pages, stage_pages
from annotations.exchange.api import MassexImportsView, ScoringFileView
from annotations.exchange.scoring_downloads import FILES
from annotations.exchange.stage_api import (
    ScoringImportConfirmView,
    ScoringImportsView,
    ScoringImportView,
)

_IMPORT = "scoring-imports/<int:scoring_import_id>/"

urlpatterns = [
    path(
        "recordings/<int:recording_id>/import-scoring/",
        stage_pages.import_scoring,
        name="import-scoring",
    ),
    path(
        "studies/<slug:slug>/scoring-imports/", stage_pages.scoring_imports, name="scoring-imports"
    ),
    path(_IMPORT, stage_pages.scoring_import, name="scoring-import"),
    path(
        f"{_IMPORT}progress/", stage_pages.scoring_import_progress, name="scoring-import-progress"
    ),
    path(f"{_IMPORT}again/", stage_pages.scoring_import_again, name="scoring-import-again"),
    path(f"{_IMPORT}answer/", stage_pages.scoring_import_answer, name="scoring-import-answer"),
    path(f"{_IMPORT}confirm/", stage_pages.scoring_import_confirm, name="scoring-import-confirm"),
    path(f"{_IMPORT}discard/", stage_pages.scoring_import_discard, name="scoring-import-discard"),
    path(
        "api/v1/studies/<slug:slug>/scoring-imports/",
        ScoringImportsView.as_view(),
        name="api-scoring-imports",
    ),
    path(f"api/v1/{_IMPORT}", ScoringImportView.as_view(), name="api-scoring-import"),
    path(
        f"api/v1/{_IMPORT}import/",
        ScoringImportConfirmView.as_view(),
        name="api-scoring-import-confirm",
    ),
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
