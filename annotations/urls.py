"""Addresses of annotations, room by room."""

from annotations import (
    adjudication_urls,
    agreement_urls,
    assistance_urls,
    massex_import_urls,
    rating_urls,
    release_urls,
    teamwork_urls,
)

app_name = "annotations"
urlpatterns = [
    *teamwork_urls.urlpatterns,
    *assistance_urls.urlpatterns,
    *adjudication_urls.urlpatterns,
    *agreement_urls.urlpatterns,
    *rating_urls.urlpatterns,
    *massex_import_urls.urlpatterns,
    *release_urls.urlpatterns,
]
