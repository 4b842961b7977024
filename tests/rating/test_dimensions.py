"""The dimensions of ratings are listed once; columns and forms follow."""

import json
from pathlib import Path

from annotations.rating.models import DIMENSIONS, Rating, RatingGold
from annotations.rating.ratings import RATING_FIELDS, RatingContent
from annotations.rating.serializers import RatingSerializer
from annotations.rating.words import DIMENSION_WORDS, dimensions_for_browser

ROOT = Path(__file__).resolve().parents[2]


def test_every_dimension_has_its_columns_and_its_place_in_a_rating():
    for model in (Rating, RatingGold):
        assert set(DIMENSIONS) <= {field.name for field in model._meta.get_fields()}
    assert set(DIMENSIONS) <= set(RatingSerializer().fields)
    assert list(RatingContent.of({"cannot_judge": True, "comment": ""}).as_json()) == [
        *RATING_FIELDS
    ]


def test_no_other_code_names_a_dimension():
    sources = [
        *ROOT.glob("annotations/**/*.py"),
        *ROOT.glob("static/js/**/*.js"),
        *ROOT.glob("templates/**/*.html"),
    ]
    naming = {
        str(path.relative_to(ROOT))
        for path in sources
        if "migrations" not in path.parts and any(name in path.read_text() for name in DIMENSIONS)
    }
    assert naming == {"annotations/rating/words.py"}


def test_the_browser_gets_every_dimension_with_five_levels():
    entries = json.loads(json.dumps(dimensions_for_browser()))
    assert [entry["name"] for entry in entries] == list(DIMENSION_WORDS) == list(DIMENSIONS)
    assert {len(entry["levels"]) for entry in entries} == {5}
    assert [entry["short"] for entry in entries] == ["accuracy", "evidence", "coherence"]
