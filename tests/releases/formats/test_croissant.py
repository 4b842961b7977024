"""Croissant metadata, judged and read by its own library."""

import hashlib
import json

import mlcroissant
import pandas as pd
import pytest

from annotations.rating.lifecycle import close_rating_study, unblind
from annotations.rating.models import Rating, RatingSlot
from annotations.releases.composition import ReleaseSource
from annotations.scoring.models import Scoring
from tests.helpers.ratings import give

pytestmark = pytest.mark.django_db


def text_of(value: object) -> object:
    if isinstance(value, list):
        return [text_of(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


def records(dataset: mlcroissant.Dataset, name: str) -> list[dict]:
    return [
        {key.rpartition("/")[2]: text_of(value) for key, value in record.items()}
        for record in dataset.records(name)
    ]


def test_the_library_finds_no_fault_and_reads_every_record(folder, scores):
    dataset = mlcroissant.Dataset(folder / "croissant.json")
    assert dataset.metadata.ctx.issues.report() == ""
    assert dataset.metadata.license == ["https://creativecommons.org/licenses/by/4.0/"]
    expected = scores()
    rows = records(dataset, "epochs_train") + records(dataset, "epochs_test")
    assert {(row["recording"], row["scorer"], row["epoch"]) for row in rows} == set(expected)
    for row in rows:
        score = expected[row["recording"], row["scorer"], row["epoch"]]
        assert (row["stage"], row["rules"], row["flags"]) == (
            score.stage,
            score.rules,
            score.flags,
        )
        assert (row["rationale"] or "") == score.rationale
    assert records(dataset, "splits") == pd.read_csv(folder / "splits.csv", dtype=str).to_dict(
        "records"
    )
    for file in json.loads((folder / "croissant.json").read_text())["distribution"]:
        content = (folder / file["contentUrl"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_ratings_are_read_too_those_who_could_not_judge_without_a_score(
    rating_study, sources, frozen, unzipped, open_study, lead
):
    Scoring.objects.update(state=Scoring.State.SUBMITTED)
    first, second = RatingSlot.objects.all()[:2]
    give(first, [5, 4, 3])
    Rating.objects.create(slot=second, cannot_judge=True, complete=True, comment="Too noisy.")
    close_rating_study(rating_study=rating_study, user=lead)
    unblind(rating_study=rating_study, user=lead, reason="The round is over.")
    open_study.licence = "As agreed"
    open_study.save()
    folder = unzipped(frozen("1.0.0", source=ReleaseSource.ALL, with_ratings=True))
    dataset = mlcroissant.Dataset(folder / "croissant.json")
    assert dataset.metadata.ctx.issues.report() == ""
    rows = {row["cannot_judge"]: row for row in records(dataset, "ratings")}
    assert rows[0]["factual_accuracy"] == 5
    assert pd.isna(rows[1]["factual_accuracy"])
    assert rows[1]["comment"] == "Too noisy."
