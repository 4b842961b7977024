"""Addresses of the lead's desk."""

from epochwise.desk.list_urls import lists

app_name = "desk"
urlpatterns = [*lists]
