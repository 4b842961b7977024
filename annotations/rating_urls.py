"""Addresses of rating."""

from django.urls import path

from annotations.api import rating as api
from annotations.api import rating_rounds
from annotations.api.rating_results import RatingResultsView
from annotations.views import (
    rating,
    rating_designs,
    rating_raters,
    rating_results,
    rating_studies,
)

urlpatterns = [
    path("rate/<int:rating_study_id>/", rating.rate, name="rate"),
    path(
        "api/v1/rating-studies/<int:rating_study_id>/queue/",
        api.RatingQueueView.as_view(),
        name="rating-queue",
    ),
    path("api/v1/rating/<uuid:code>/", api.RatingSlotView.as_view(), name="rating-slot"),
    path(
        "api/v1/rating/<uuid:code>/stage/",
        rating_rounds.RatingStageView.as_view(),
        name="rating-own-stage",
    ),
    path(
        "api/v1/rating/<uuid:code>/gold/",
        rating_rounds.RatingGoldView.as_view(),
        name="rating-slot-gold",
    ),
    path("api/v1/rating/<uuid:code>/raw/", api.RatingRawView.as_view(), name="rating-raw"),
    path(
        "api/v1/rating/<uuid:code>/<slug:which>.png",
        api.RatingImageView.as_view(),
        name="rating-image",
    ),
    path(
        "api/v1/rating/<uuid:code>/signals/",
        api.RatingSignalsView.as_view(),
        name="rating-signals",
    ),
    path("studies/<slug:slug>/ratings/", rating_studies.rating_studies, name="rating-studies"),
    path(
        "studies/<slug:slug>/ratings/new/",
        rating_designs.new_rating_study,
        name="rating-study-new",
    ),
    path("ratings/<int:rating_study_id>/", rating_results.rating_results, name="rating-results"),
    path("ratings/<int:rating_study_id>/items/", rating_results.rating_items, name="rating-items"),
    path("ratings/<int:rating_study_id>/design/", rating_designs.design, name="rating-design"),
    path("ratings/<int:rating_study_id>/plan/", rating_designs.plan, name="rating-plan"),
    path("ratings/<int:rating_study_id>/gold/", rating_designs.gold, name="rating-gold"),
    path(
        "ratings/<int:rating_study_id>/gold/<slug:code>/",
        rating_designs.save_gold,
        name="rating-gold-save",
    ),
    path(
        "ratings/<int:rating_study_id>/gold/<slug:code>.png",
        rating_designs.gold_image,
        name="rating-gold-image",
    ),
    path("ratings/<int:rating_study_id>/launch/", rating_designs.launch, name="rating-launch"),
    path(
        "ratings/<int:rating_study_id>/launch/progress/",
        rating_designs.launch_progress,
        name="rating-launch-progress",
    ),
    path("ratings/<int:rating_study_id>/discard/", rating_designs.discard, name="rating-discard"),
    path(
        "ratings/<int:rating_study_id>/raters/", rating_raters.rating_raters, name="rating-raters"
    ),
    path("ratings/raters/<int:seat_id>/release/", rating_raters.release, name="rating-release"),
    path("ratings/<int:rating_study_id>/close/", rating_studies.close, name="rating-close"),
    path(
        "ratings/<int:rating_study_id>/unblind/",
        rating_studies.unblind_study,
        name="rating-unblind",
    ),
    path(
        "ratings/<int:rating_study_id>/ratings.csv", rating_results.ratings_csv, name="ratings-csv"
    ),
    path(
        "ratings/<int:rating_study_id>/items.csv",
        rating_results.items_csv,
        name="rating-items-csv",
    ),
    path(
        "ratings/<int:rating_study_id>/results.csv",
        rating_results.results_csv,
        name="rating-results-csv",
    ),
    path(
        "api/v1/rating-studies/<int:rating_study_id>/results/",
        RatingResultsView.as_view(),
        name="rating-results-json",
    ),
]
