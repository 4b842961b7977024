"""Addresses of rating."""

from django.urls import path

from annotations.rating import api as api
from annotations.rating import api as rating_rounds
from annotations.rating import design_pages, pages
from annotations.rating.api import RatingResultsView

urlpatterns = [
    path("rate/<int:rating_study_id>/", pages.rate, name="rate"),
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
    path("studies/<slug:slug>/ratings/", pages.rating_studies, name="rating-studies"),
    path(
        "studies/<slug:slug>/ratings/new/",
        design_pages.new_rating_study,
        name="rating-study-new",
    ),
    path("ratings/<int:rating_study_id>/", pages.rating_results, name="rating-results"),
    path("ratings/<int:rating_study_id>/items/", pages.rating_items, name="rating-items"),
    path("ratings/<int:rating_study_id>/design/", design_pages.design, name="rating-design"),
    path("ratings/<int:rating_study_id>/plan/", design_pages.plan, name="rating-plan"),
    path("ratings/<int:rating_study_id>/gold/", design_pages.gold, name="rating-gold"),
    path(
        "ratings/<int:rating_study_id>/gold/<slug:code>/",
        design_pages.save_gold,
        name="rating-gold-save",
    ),
    path(
        "ratings/<int:rating_study_id>/gold/<slug:code>.png",
        design_pages.gold_image,
        name="rating-gold-image",
    ),
    path("ratings/<int:rating_study_id>/launch/", design_pages.launch, name="rating-launch"),
    path(
        "ratings/<int:rating_study_id>/launch/progress/",
        design_pages.launch_progress,
        name="rating-launch-progress",
    ),
    path("ratings/<int:rating_study_id>/discard/", design_pages.discard, name="rating-discard"),
    path("ratings/<int:rating_study_id>/raters/", pages.rating_raters, name="rating-raters"),
    path("ratings/raters/<int:seat_id>/admit/", pages.admit, name="rating-admit"),
    path("ratings/<int:rating_study_id>/close/", pages.close, name="rating-close"),
    path(
        "ratings/<int:rating_study_id>/unblind/",
        pages.unblind_study,
        name="rating-unblind",
    ),
    path("ratings/<int:rating_study_id>/ratings.csv", pages.ratings_csv, name="ratings-csv"),
    path(
        "ratings/<int:rating_study_id>/items.csv",
        pages.items_csv,
        name="rating-items-csv",
    ),
    path(
        "ratings/<int:rating_study_id>/results.csv",
        pages.results_csv,
        name="rating-results-csv",
    ),
    path(
        "api/v1/rating-studies/<int:rating_study_id>/results/",
        RatingResultsView.as_view(),
        name="rating-results-json",
    ),
]
