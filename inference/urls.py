"""Addresses of pre-scoring."""

from inference.registry.urls import urlpatterns as registry
from inference.runs.urls import urlpatterns as runs

app_name = "inference"
urlpatterns = [*runs, *registry]
