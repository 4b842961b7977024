"""URLs of adjudication."""

from django.urls import path

from annotations.adjudication import api, pages

urlpatterns = [
    path(
        "recordings/<int:recording_id>/adjudicate/",
        pages.adjudicate_recording,
        name="adjudicate",
    ),
    path("adjudications/<int:adjudication_id>/", pages.adjudication, name="adjudication"),
    path(
        "adjudications/<int:adjudication_id>/discard/",
        pages.discard,
        name="adjudication-discard",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/",
        api.AdjudicationView.as_view(),
        name="api-adjudication",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/epochs/<int:epoch>/",
        api.DecisionView.as_view(),
        name="decision",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/epochs/",
        api.EpochsView.as_view(),
        name="adjudication-epochs",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/majority/",
        api.MajorityView.as_view(),
        name="adjudication-majority",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/majority/<int:settlement_id>/withdraw/",
        api.WithdrawMajorityView.as_view(),
        name="adjudication-majority-withdraw",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/comments/",
        api.CommentsView.as_view(),
        name="adjudication-comments",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/finish/",
        api.FinishView.as_view(),
        name="adjudication-finish",
    ),
]
