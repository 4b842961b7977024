from tests.ratings import (  # noqa: F401
    expert,
    make_night,
    make_rating_study,
    rated_night,
    raters,
    rating_study,
    sources,
)
