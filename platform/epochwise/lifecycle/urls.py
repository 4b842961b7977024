"""Addresses of erasing and correcting."""

from django.urls import path

from epochwise.lifecycle import pages, signal_api, signal_pages

app_name = "lifecycle"
urlpatterns = [
    path("recordings/<int:recording_id>/erase/", pages.recording, name="erase-recording"),
    path("recordings/<int:recording_id>/correct/", pages.correct, name="correct"),
    path(
        "recordings/<int:recording_id>/correct-signals/",
        signal_pages.correct_signals,
        name="correct-signals",
    ),
    path("corrections/<int:correction_id>/", signal_pages.progress, name="correction"),
    path(
        "api/v1/recordings/<int:recording_id>/corrections/",
        signal_api.CorrectionsView.as_view(),
        name="api-corrections",
    ),
    path(
        "api/v1/recordings/<int:recording_id>/corrections/preview/",
        signal_api.CorrectionPreviewView.as_view(),
        name="api-correction-preview",
    ),
    path(
        "studies/<slug:slug>/subjects/<int:subject_id>/erase/", pages.subject, name="erase-subject"
    ),
    path("people/<int:user_id>/erase/", pages.person, name="erase-person"),
]
