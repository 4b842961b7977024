"""Addresses of pre-scoring, room by room."""

from inference.registry.urls import urlpatterns as registry
from inference.runs.urls import urlpatterns as runs

app_name = "inference"
urlpatterns = [*runs, *registry]
