"""Addresses of recordings."""

from django.urls import include, path

from recordings import api, pages
from recordings.api import RecordingUploadView

app_name = "recordings"
urlpatterns = [
    path("", include("recordings.intake.urls")),
    path("recordings/<int:recording_id>/", pages.recording, name="recording"),
    path("recordings/<int:recording_id>/channels/", pages.channels, name="channels"),
    path("recordings/<int:recording_id>/intake/", pages.intake_record, name="intake-record"),
    path("recordings/<int:recording_id>/history/", pages.history, name="history"),
    path("recordings/<int:recording_id>/signals/", pages.signals, name="signals"),
    path("recordings/<int:recording_id>/lights/", pages.lights, name="lights"),
    path("recordings/<int:recording_id>/remove/", pages.remove, name="remove"),
    path("api/v1/studies/<slug:slug>/recordings/", RecordingUploadView.as_view(), name="upload"),
    path(
        "api/v1/recordings/<int:recording_id>/", api.RecordingView.as_view(), name="api-recording"
    ),
    path("api/v1/recordings/<int:recording_id>/layout/", api.LayoutView.as_view(), name="layout"),
    path(
        "api/v1/recordings/<int:recording_id>/epochs/<int:first>/",
        api.EpochsView.as_view(),
        name="epochs",
    ),
    path(
        "api/v1/recordings/<int:recording_id>/envelope/",
        api.EnvelopeView.as_view(),
        name="envelope",
    ),
    path(
        "api/v1/recordings/<int:recording_id>/spectrogram.png",
        api.SpectrogramView.as_view(),
        name="spectrogram",
    ),
]
