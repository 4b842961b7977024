"""Addresses of notices. All are of the person who asks."""

from django.urls import path

from studies.notices import pages

app_name = "notices"
urlpatterns = [
    path("notices/", pages.inbox, name="inbox"),
    path("notices/bell/", pages.bell, name="bell"),
    path("notices/seen/", pages.seen, name="seen"),
    path("notices/choices/", pages.choices, name="choices"),
    path("notices/<int:notice_id>/", pages.open_notice, name="open"),
]
