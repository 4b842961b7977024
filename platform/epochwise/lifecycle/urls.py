"""Addresses of erasing and correcting."""

from django.urls import path

from epochwise.lifecycle import pages

app_name = "lifecycle"
urlpatterns = [
    path("recordings/<int:recording_id>/erase/", pages.recording, name="erase-recording"),
    path("recordings/<int:recording_id>/correct/", pages.correct, name="correct"),
    path(
        "studies/<slug:slug>/subjects/<int:subject_id>/erase/", pages.subject, name="erase-subject"
    ),
    path("people/<int:user_id>/erase/", pages.person, name="erase-person"),
]
