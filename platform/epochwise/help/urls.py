"""Addresses of the help."""

from django.urls import path

from epochwise.help import pages

app_name = "help"
urlpatterns = [
    path("help/", pages.topic, {"name": "index"}, name="index"),
    path("help/tours/<slug:leg>/", pages.tour, name="tour"),
    path("help/guides/<slug:name>/", pages.guide, name="guide"),
    path("help/<slug:name>/", pages.topic, name="topic"),
]
