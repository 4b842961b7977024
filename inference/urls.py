"""Addresses of pre-scoring."""

from django.urls import path

from inference.api import bundles
from inference.api import runs as api
from inference.entry import CHANGES
from inference.views import models, promotions, runs

app_name = "inference"
urlpatterns = [
    path("studies/<slug:slug>/runs/", runs.study_runs, name="runs"),
    path("studies/<slug:slug>/runs/start/", runs.start, name="start"),
    path("studies/<slug:slug>/models/", models.models, name="models"),
    path("studies/<slug:slug>/models/<int:bundle_id>/check/", models.check, name="check"),
    path(
        "studies/<slug:slug>/models/<int:bundle_id>/promote/",
        promotions.promote,
        name="promote",
    ),
    path("recordings/<int:recording_id>/runs/", runs.recording_runs, name="recording-runs"),
    path("runs/<int:run_id>/", runs.run_page, name="run"),
    path("runs/<int:run_id>/priority/", runs.move, name="priority"),
    *[
        path(f"runs/<int:run_id>/{what}/", runs.change, {"what": what}, name=what)
        for what in CHANGES
    ],
    path("api/v1/studies/<slug:slug>/runs/", api.StudyRunsView.as_view(), name="api-runs"),
    path("api/v1/studies/<slug:slug>/bundles/", bundles.BundlesView.as_view(), name="api-bundles"),
    path(
        "api/v1/studies/<slug:slug>/bundles/<int:bundle_id>/check/",
        bundles.CheckView.as_view(),
        name="api-check",
    ),
    path("api/v1/runs/<int:run_id>/", api.RunView.as_view(), name="api-run"),
    path("api/v1/runs/<int:run_id>/priority/", api.PriorityView.as_view(), name="api-priority"),
    path("api/v1/runs/<int:run_id>/replies/", api.RepliesView.as_view(), name="api-replies"),
    *[
        path(
            f"api/v1/runs/<int:run_id>/{what}/",
            api.ChangeView.as_view(what=what),
            name=f"api-{what}",
        )
        for what in CHANGES
    ],
]
