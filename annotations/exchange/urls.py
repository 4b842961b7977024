"""Addresses of exports and imports."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from annotations.exchange import import_pages, pages, stage_pages
from annotations.exchange.api import MassexImportsView, ScoringFileView
from annotations.exchange.import_rooms import MASSEX, STAGES, ImportRoom
from annotations.exchange.scoring_downloads import FILES
from annotations.exchange.stage_api import (
    ScoringImportConfirmView,
    ScoringImportsView,
    ScoringImportView,
)

_STAGES = "scoring-imports/<int:scoring_import_id>/"
_MASSEX = "imports/<int:import_id>/"
_ACTS = {
    "progress": import_pages.progress,
    "again": import_pages.again,
    "confirm": import_pages.confirm,
    "discard": import_pages.discard,
}


def _import_pages(room: ImportRoom[Any, Any], one: str) -> list[URLPattern]:
    """Return the addresses of the pages of a kind of imports; `one` is that of an import."""
    return [
        path(
            f"studies/<slug:slug>/{one.partition('/')[0]}/",
            import_pages.imports,
            {"room": room},
            name=f"{room.page}s",
        ),
        path(one, _of(room, import_pages.import_page), name=room.page),
        *(
            path(f"{one}{act}/", _of(room, view), name=f"{room.page}-{act}")
            for act, view in _ACTS.items()
        ),
    ]


def _of(room: ImportRoom[Any, Any], view: Any) -> Any:
    """Let a view of all imports serve one kind; the address names their key in its own way."""

    @wraps(view)
    def shown(request: HttpRequest, **key: int) -> HttpResponse:
        (pk,) = key.values()
        return view(request, room=room, pk=pk)

    return shown


urlpatterns = [
    path(
        "recordings/<int:recording_id>/import-scoring/",
        stage_pages.import_scoring,
        name="import-scoring",
    ),
    *_import_pages(STAGES, _STAGES),
    path(
        "scoring-imports/<int:scoring_import_id>/answer/",
        stage_pages.answer,
        name="scoring-import-answer",
    ),
    path(
        "api/v1/studies/<slug:slug>/scoring-imports/",
        ScoringImportsView.as_view(),
        name="api-scoring-imports",
    ),
    path(f"api/v1/{_STAGES}", ScoringImportView.as_view(), name="api-scoring-import"),
    path(
        f"api/v1/{_STAGES}import/",
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
    *_import_pages(MASSEX, _MASSEX),
    path(
        "api/v1/studies/<slug:slug>/imports/",
        MassexImportsView.as_view(),
        name="api-massex-imports",
    ),
]
