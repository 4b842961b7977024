"""Addresses about people."""

from django.urls import path

from studies import views

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
    path("invitations/<str:token>/", views.accept, name="accept"),
]
