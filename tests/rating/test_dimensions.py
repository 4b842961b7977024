"""The dimensions of ratings are listed once; columns and forms follow."""

import dataclasses
import json

from annotations.rating.models import DIMENSIONS, Rating, RatingGold
from annotations.rating.ratings import RatingContent
from annotations.rating.words import DIMENSION_WORDS, dimensions_for_browser


def test_every_dimension_has_its_columns_and_its_place_in_a_rating():
    for model in (Rating, RatingGold):
        assert set(DIMENSIONS) <= {field.name for field in model._meta.get_fields()}
    assert set(DIMENSIONS) <= {field.name for field in dataclasses.fields(RatingContent)}


def test_the_browser_gets_every_dimension_with_five_levels():
    entries = json.loads(json.dumps(dimensions_for_browser()))
    assert [entry["name"] for entry in entries] == list(DIMENSION_WORDS) == list(DIMENSIONS)
    assert {len(entry["levels"]) for entry in entries} == {5}
    assert [entry["short"] for entry in entries] == ["accuracy", "evidence", "coherence"]
