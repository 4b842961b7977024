"""Addresses of members, protocol, phrases, preferences, tokens and invitations."""

from django.urls import path

from studies import pages
from studies.api import PreferenceView

app_name = "studies"
urlpatterns = [
    path("studies/<slug:slug>/members/", pages.members, name="members"),
    path("studies/<slug:slug>/members/<int:membership_id>/remove/", pages.remove, name="remove"),
    path(
        "studies/<slug:slug>/invitations/<int:invitation_id>/withdraw/",
        pages.withdraw,
        name="withdraw",
    ),
    path("studies/<slug:slug>/protocol/", pages.protocol, name="protocol"),
    path("studies/<slug:slug>/phrases/", pages.phrases, name="phrases"),
    path("api/v1/me/display/", PreferenceView.as_view(field="display"), name="display"),
    path("api/v1/me/keys/", PreferenceView.as_view(field="keys"), name="keys"),
    path("me/tokens/", pages.api_tokens, name="api-tokens"),
    path(
        "me/tokens/<int:token_id>/withdraw/",
        pages.withdraw_token,
        name="api-token-withdraw",
    ),
    path("invitations/<str:token>/", pages.accept, name="accept"),
]
