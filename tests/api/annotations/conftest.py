from tests.ratings import (  # noqa: F401
    draft_rating_study,
    expert,
    make_night,
    make_rating_study,
    rated_night,
    raters,
    rating_design,
    rating_study,
    sources,
)
from tests.releases import draft, frozen, open_study, settled  # noqa: F401
