"""Addresses of the intake queue; `recordings.urls` includes them."""

from django.urls import path

from recordings.intake import api, pages, uploads

_PAGE = "studies/<slug:slug>/intake/"
_API = f"api/v1/{_PAGE}"
_QUEUE = f"{_API}<int:queue_id>/"
_NIGHT = f"{_QUEUE}nights/<int:night_id>/"

urlpatterns = [
    path(_PAGE, pages.intake, name="intake"),
    path(f"{_PAGE}<int:queue_id>/", pages.queue, name="intake-queue-page"),
    path(_API, api.QueuesView.as_view(), name="api-intake"),
    path(_QUEUE, api.QueueView.as_view(), name="api-intake-queue"),
    path(f"{_QUEUE}pattern/", api.PatternView.as_view(), name="api-intake-pattern"),
    path(f"{_QUEUE}uploads/", uploads.UploadsView.as_view(), name="api-intake-uploads"),
    path(f"{_QUEUE}uploads/<str:upload>/", uploads.UploadView.as_view(), name="api-intake-upload"),
    path(f"{_QUEUE}files/<int:file_id>/", api.FileView.as_view(), name="api-intake-file"),
    path(_NIGHT, api.NightView.as_view(), name="api-intake-night"),
    path(f"{_NIGHT}answers/", api.AnswersView.as_view(), name="api-intake-answers"),
    path(f"{_NIGHT}channels/", api.ChannelsView.as_view(), name="api-intake-channels"),
    path(f"{_NIGHT}signals/", api.SignalsView.as_view(), name="api-intake-signals"),
    path(f"{_QUEUE}import/", api.ImportView.as_view(), name="api-intake-import"),
    path(
        "api/v1/studies/<slug:slug>/intake-rules/", api.RulesView.as_view(), name="api-intake-rules"
    ),
    path(
        "api/v1/studies/<slug:slug>/intake-rules/<int:rule_id>/",
        api.RuleView.as_view(),
        name="api-intake-rule",
    ),
]
