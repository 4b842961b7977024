"""Addresses about people."""

from django.urls import path

from studies import api_token_views, views
from studies.api.preferences import PreferenceView

app_name = "studies"
urlpatterns = [
    path("studies/<slug:slug>/members/", views.members, name="members"),
    path("studies/<slug:slug>/members/<int:membership_id>/remove/", views.remove, name="remove"),
    path(
        "studies/<slug:slug>/invitations/<int:invitation_id>/withdraw/",
        views.withdraw,
        name="withdraw",
    ),
    path("studies/<slug:slug>/protocol/", views.protocol, name="protocol"),
    path("studies/<slug:slug>/phrases/", views.phrases, name="phrases"),
    path("api/v1/me/display/", PreferenceView.as_view(field="display"), name="display"),
    path("api/v1/me/keys/", PreferenceView.as_view(field="keys"), name="keys"),
    path("me/tokens/", api_token_views.api_tokens, name="api-tokens"),
    path(
        "me/tokens/<int:token_id>/withdraw/",
        api_token_views.withdraw,
        name="api-token-withdraw",
    ),
    path("invitations/<str:token>/", views.accept, name="accept"),
]
