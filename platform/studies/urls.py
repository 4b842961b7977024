"""Addresses of members, protocol, phrases, preferences, tokens, accounts and invitations."""

from django.urls import path

from studies import pages
from studies.accounts import pages as accounts
from studies.accounts import people_pages as people
from studies.api import MontagesView, PreferenceView

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
    path(
        "api/v1/studies/<slug:slug>/montages/",
        MontagesView.as_view(),
        name="montages",
    ),
    path("me/tokens/", pages.api_tokens, name="api-tokens"),
    path(
        "me/tokens/<int:token_id>/withdraw/",
        pages.withdraw_token,
        name="api-token-withdraw",
    ),
    path("me/", accounts.account, name="account"),
    path("me/sessions/<int:session_id>/end/", accounts.end_one_session, name="session-end"),
    path("me/sessions/end/", accounts.sign_out_elsewhere, name="sign-out-elsewhere"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/reset-link/", people.make_reset_link, name="reset-link"),
    path("people/<int:user_id>/deactivate/", people.deactivate_person, name="deactivate"),
    path("people/<int:user_id>/reactivate/", people.reactivate_person, name="reactivate"),
    path("people/<int:user_id>/studies/", people.allow_managing_studies, name="allow-studies"),
    path("invitations/open/", accounts.accept_after_signing_in, name="accept-open"),
    path("invitations/<str:token>/", accounts.accept, name="accept"),
]
