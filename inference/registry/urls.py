"""Addresses of registered models."""

from django.urls import path

from inference.registry import adding_pages, pages
from inference.registry.api import BundlesView, CheckView

urlpatterns = [
    path("site/models/", adding_pages.add_model, name="add-model"),
    path("studies/<slug:slug>/models/", pages.models, name="models"),
    path("studies/<slug:slug>/models/compare/", pages.compare, name="models-compare"),
    path("studies/<slug:slug>/models/<int:bundle_id>/check/", pages.check, name="check"),
    path("studies/<slug:slug>/models/<int:bundle_id>/promote/", pages.promote, name="promote"),
    path("api/v1/studies/<slug:slug>/bundles/", BundlesView.as_view(), name="api-bundles"),
    path(
        "api/v1/studies/<slug:slug>/bundles/<int:bundle_id>/check/",
        CheckView.as_view(),
        name="api-check",
    ),
]
