"""URLs of annotations, by feature."""

from annotations.adjudication.urls import urlpatterns as adjudication
from annotations.agreement.urls import urlpatterns as agreement
from annotations.assistance.urls import urlpatterns as assistance
from annotations.exchange.urls import urlpatterns as exchange
from annotations.night.urls import urlpatterns as night
from annotations.rating.urls import urlpatterns as rating
from annotations.releases.urls import urlpatterns as releases
from annotations.scoring.urls import urlpatterns as scoring

app_name = "annotations"
urlpatterns = [
    *scoring,
    *assistance,
    *adjudication,
    *agreement,
    *night,
    *rating,
    *exchange,
    *releases,
]
