"""What the datasheet says of how sure labels and words are, and ratings.csv behind it."""

import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from annotations.rating.lifecycle import close_rating_study, unblind
from annotations.rating.models import DIMENSIONS, RatingSlot
from annotations.releases.composition import ReleaseSource
from annotations.releases.datasheet import datasheet
from annotations.releases.manifest import Manifest
from annotations.releases.models import Release
from annotations.scoring.models import Scoring
from tests.helpers.adjudications import finished_scoring
from tests.helpers.ratings import EXPERT_NAME, MODEL_LABEL, give

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ANNA = ["W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R", "W"]
BEN = ["W", "W", "N2", "N2", None, "N3", "N2", "R", "N1", "W"]


def text_of(release: Release, name: str = "datasheet.md") -> str:
    with zipfile.ZipFile(release.file.path) as archive:
        return archive.read(name).decode()


@pytest.fixture
def submitted_sources(sources) -> list[Scoring]:
    for scoring in sources:
        scoring.state = Scoring.State.SUBMITTED
        scoring.save()
    return sources


@pytest.fixture
def rated(rating_study, submitted_sources, lead):
    """A rating study that is over: the first rater rated all, the second three, one twice."""
    first, second = (panel.rater for panel in rating_study.panel.order_by("pk"))
    for n, slot in enumerate(RatingSlot.objects.filter(rater=first)):
        give(slot, [1 + n % 5, 4, 3], comment="Not, as I see it,\n'so'." if n % 5 < 2 else "")
    for slot in RatingSlot.objects.filter(rater=second)[:3]:
        give(slot, [4, 4, 4])
    close_rating_study(rating_study=rating_study, user=lead)
    unblind(rating_study=rating_study, user=lead, reason="The round is over.")
    return rating_study


def test_agreement_of_experts_is_told_though_only_their_consensus_is_released(settled, frozen):
    for night in ("01-0001", "01-0002"):
        recording = settled(night).recording
        finished_scoring(recording, f"Anna {night}", ANNA)
        finished_scoring(recording, f"Ben {night}", BEN)
    release = frozen("1.0.0", left_out_flags=("artefact",))
    both = [(a, b) for a, b in zip(ANNA, BEN, strict=True) if b]
    kappa = cohen_kappa_score([a for a, _ in both], [b for _, b in both])
    told = release.manifest["agreement"]["places"]["all"]
    assert told["epochs"] == 18
    assert told["mean_pairwise_kappa"]["value"] == pytest.approx(kappa)
    text = text_of(release)
    assert f"| Cohen's kappa, mean over pairs | {kappa:.2f} (" in text
    assert "2 subjects are few: these intervals run narrow" in text
    assert "Of 4 people who scored without help, over 2 nights" in text
    assert "Anna" not in text
    manifest = Manifest.from_json(release.manifest)
    assert datasheet(manifest) == text
    for earlier, has_marks in (("epochwise-release/1", False), ("epochwise-release/2", True)):
        of_its_time = replace(manifest, format=earlier)
        assert of_its_time.has_marks is has_marks
        assert "In simulated studies" in text
        assert "In simulated studies" not in datasheet(of_its_time)


def test_a_scoring_under_a_blind_rating_study_gives_no_number(
    rated_night, rating_study, submitted_sources, frozen, open_study
):
    finished_scoring(rated_night, "Anna", ANNA)
    other = finished_scoring(rated_night, "Ben", BEN)
    release = frozen("1.0.0", source=ReleaseSource.SCORER, scorer_id=other.scorer_id)
    assert "do without 1 scoring of which" in text_of(release)
    assert release.manifest["agreement"]["scorers"] == 2
    for name in (EXPERT_NAME, MODEL_LABEL):
        assert name not in text_of(release)


def test_ratings_csv_holds_every_rating_of_what_is_released_and_no_name(
    rated, frozen, open_study, tmp_path
):
    release = frozen("1.0.0", source=ReleaseSource.ALL, with_ratings=True)
    text = text_of(release, "ratings.csv")
    (tmp_path / "ratings.csv").write_text(text, newline="")
    table = pd.read_csv(tmp_path / "ratings.csv", keep_default_na=False)
    slots = RatingSlot.objects.filter(rating__complete=True).select_related("rating", "item")
    expected = {
        (slot.item.code, slot.repeat): (
            slot.item.epoch,
            *(getattr(slot.rating, name) for name in DIMENSIONS),
            slot.rating.comment,
        )
        for slot in slots.filter(rater=rated.panel.order_by("pk").first().rater)
    }
    by_first = table[table["rater"] == "rater-1"]
    assert {
        (row["item"], row["repeat"]): (
            row["epoch"],
            *(row[name] for name in DIMENSIONS),
            row["comment"],
        )
        for row in by_first.to_dict("records")
    } == expected
    assert len(table) == slots.count()
    assert set(table["scorer"]) == {"expert-1", "wavereader-7b"}
    assert EXPERT_NAME not in text
    first_looks = table[table["repeat"] == 0]
    sheet = text_of(release)
    for name in DIMENSIONS:
        counts = [int((first_looks[name] == level).sum()) for level in range(1, 6)]
        cells = " | ".join(map(str, [*counts, f"{first_looks[name].mean():.2f}"]))
        assert f"| {name.replace('_', ' ')} | {cells}" in sheet
    assert f"{len(first_looks)} ratings of {first_looks['item'].nunique()} rationales" in sheet


def test_ratings_of_a_study_that_is_still_blind_are_in_no_file(
    rating_study, submitted_sources, settled, frozen, open_study
):
    for slot in RatingSlot.objects.all()[:4]:
        give(slot, [5, 4, 3])
    settled("01-0001")
    release = frozen("1.0.0", with_ratings=True)
    assert text_of(release, "ratings.csv").count("\n") == 1
    assert "Ratings are not part of this release" in text_of(release)
