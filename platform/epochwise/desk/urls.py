"""Addresses of the lead's desk."""

from django.urls import path

from epochwise.desk import member_pages, overview_pages, study_pages
from epochwise.desk.list_urls import lists

app_name = "desk"
_STUDY = "studies/<slug:slug>"

urlpatterns = [
    *lists,
    path("studies/", study_pages.studies, name="studies"),
    path("new-study/", study_pages.create, name="new-study"),
    path(f"{_STUDY}/settings/", study_pages.settings, name="settings"),
    path(f"{_STUDY}/clone/", study_pages.clone, name="clone"),
    path(f"{_STUDY}/archive/", study_pages.archive, name="archive"),
    path(f"{_STUDY}/restore/", study_pages.restore, name="restore"),
    path(f"{_STUDY}/needs/", overview_pages.needs, name="needs"),
    path(f"{_STUDY}/overview/<slug:name>/", overview_pages.plot, name="plot"),
    path(f"{_STUDY}/members/role/", member_pages.give_role, name="give-role"),
    path(
        f"{_STUDY}/members/<int:membership_id>/removal/",
        member_pages.removal,
        name="removal",
    ),
]
