"""Addresses of exports and imports."""

from django.urls import path

from annotations.api.massex_imports import MassexImportsView
from annotations.views import exports, massex_imports

urlpatterns = [
    path("studies/<slug:slug>/exports/", exports.exports, name="exports"),
    path("exports/<int:export_id>/row/", exports.export_row, name="export-row"),
    path("exports/<int:export_id>/download/", exports.download_export, name="export-download"),
    path("studies/<slug:slug>/imports/", massex_imports.imports, name="massex-imports"),
    path("imports/<int:import_id>/", massex_imports.massex_import, name="massex-import"),
    path(
        "imports/<int:import_id>/progress/", massex_imports.progress, name="massex-import-progress"
    ),
    path("imports/<int:import_id>/again/", massex_imports.again, name="massex-import-again"),
    path("imports/<int:import_id>/confirm/", massex_imports.confirm, name="massex-import-confirm"),
    path("imports/<int:import_id>/discard/", massex_imports.discard, name="massex-import-discard"),
    path(
        "api/v1/studies/<slug:slug>/imports/",
        MassexImportsView.as_view(),
        name="api-massex-imports",
    ),
]
