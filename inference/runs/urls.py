"""Addresses of pre-scoring runs."""

from django.urls import path

from inference.runs import api, pages
from inference.runs.entry import CHANGES

urlpatterns = [
    path("studies/<slug:slug>/runs/", pages.study_runs, name="runs"),
    path("studies/<slug:slug>/runs/start/", pages.start, name="start"),
    path("recordings/<int:recording_id>/runs/", pages.recording_runs, name="recording-runs"),
    path("runs/<int:run_id>/", pages.run_page, name="run"),
    path("runs/<int:run_id>/priority/", pages.move, name="priority"),
    *[
        path(f"runs/<int:run_id>/{what}/", pages.change, {"what": what}, name=what)
        for what in CHANGES
    ],
    path("api/v1/studies/<slug:slug>/runs/", api.StudyRunsView.as_view(), name="api-runs"),
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
