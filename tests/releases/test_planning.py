"""What a draft shows, and what it says is in the way."""

import pytest

from annotations.rating.lifecycle import close_rating_study, unblind
from annotations.rating.models import RatingSlot
from annotations.releases.composition import Composition, ReleaseSource
from annotations.releases.lifecycle import change_release, create_release
from annotations.scoring.models import EpochScore
from annotations.scoring.scorings import close_scoring
from annotations.visibility import UnaidedNightsError
from tests.helpers.adjudications import finished_scoring
from tests.helpers.ratings import give

pytestmark = pytest.mark.django_db


def test_a_preview_counts_kept_epochs_by_stage_rule_track_and_part(settled, draft_release):
    for n in range(1, 5):
        settled(f"01-000{n}")
    preview = draft_release(shares={"train": 50, "test": 50}).preview
    assert preview["problems"] == []
    assert preview["epochs"] == 36
    assert preview["counts"]["stages"]["train"] == {"W": 4, "N1": 2, "N2": 4, "N3": 4, "R": 4}
    assert preview["counts"]["rules"]["N3.1"] == 8
    assert preview["counts"]["tracks"] == {"fine": 36}
    assert preview["subjects"] == {"train": 2, "test": 2}


def test_nothing_is_released_without_a_licence_or_words_without_leave(
    settled, draft_release, open_study
):
    settled("01-0001")
    open_study.licence = ""
    open_study.may_release_words = False
    open_study.save()
    problems = " ".join(draft_release().preview["problems"])
    assert "no licence" in problems
    assert "does not allow the release of rationales" in problems
    assert "rationales" not in " ".join(draft_release(track="coarse").preview["problems"])


def test_words_images_and_signals_each_need_their_own_leave(settled, draft_release, open_study):
    settled("01-0001")
    open_study.may_release_words = open_study.may_release_images = False
    open_study.save()
    seen = draft_release(track="coarse", with_images=True, with_signals=True).preview
    assert seen["carries"] == {"words": False, "images": False, "signals": False}
    assert [problem[:41] for problem in seen["problems"]] == [
        "The study does not allow the release of s"
    ]
    assert seen["notes"][0].startswith("Images are listed but not included")
    open_study.may_release_signals = open_study.may_release_images = True
    open_study.save()
    seen = draft_release(track="coarse", with_images=True, with_signals=True).preview
    assert seen["carries"] == {"words": False, "images": True, "signals": True}
    assert seen["problems"] == []
    assert "there are no signals to draw them from" in " ".join(seen["notes"])


def test_an_empty_selection_says_so(draft_release, settled):
    assert "nothing to release" in " ".join(draft_release().preview["problems"])
    settled("01-0001")
    nothing = draft_release(least_agreement_percent=50).preview["problems"]
    assert "filters exclude all epochs" in " ".join(nothing)


def test_recordings_that_are_gone_or_not_scored_are_named(settled, draft_release, labels_only):
    settled("01-0001")
    problems = draft_release(recordings=("01-0001", "S1", "gone")).preview["problems"]
    assert any("gone" in problem for problem in problems)
    assert any("S1 has no finished scoring" in problem for problem in problems)


def test_a_subject_in_two_parts_of_a_given_split_is_an_error(settled, draft_release):
    settled("night-1", subject="01-0001")
    settled("night-2", subject="01-0001")
    settled("night-3")
    given = {"night-1": "train", "night-2": "test"}
    problems = " ".join(draft_release(given_parts=given).preview["problems"])
    assert "Subject 01-0001 is in test and train" in problems
    assert "night-3 no part" in problems


def test_nights_of_one_subject_stay_together_in_a_drawn_split(settled, draft_release):
    for n in range(6):
        settled(f"night-{n}", subject=f"s{n // 2}")
    release = draft_release(shares={"train": 34, "validation": 33, "test": 33})
    assert release.preview["problems"] == []
    assert sum(release.preview["subjects"].values()) == 3


def test_more_parts_than_subjects_cannot_be_filled(settled, draft_release):
    settled("01-0001")
    assert "cannot fill 2 parts" in str(
        draft_release(shares={"train": 80, "test": 20}).preview["problems"]
    )


def test_flagged_epochs_are_left_out(settled, draft_release):
    EpochScore.objects.filter(scoring=settled("01-0001"), epoch__lt=3).update(flags=["artefact"])
    preview = draft_release(left_out_flags=("artefact",)).preview
    assert (preview["epochs"], preview["left_out"]) == (6, 3)


def test_only_epochs_on_which_other_experts_agree_stay(settled, draft_release):
    consensus = settled("01-0001")
    finished_scoring(consensus.recording, "Anna", ["W", "N1", "N2", "N3"])
    finished_scoring(consensus.recording, "Ben", ["W", "N2", "N2"])
    assert draft_release(least_agreement_percent=100).preview["epochs"] == 2
    assert draft_release(least_agreement_percent=50).preview["epochs"] == 3


def test_people_are_numbered_and_their_names_stay_in_the_preview(
    settled, draft_release, expert, make_noise_night
):
    night = make_noise_night()
    finished_scoring(night, "Dorothea", ["W"], user=expert)
    finished_scoring(night, "Anna", ["W"])
    named = draft_release(source=ReleaseSource.ALL).preview["named"]
    assert named["expert-1"].startswith("Dorothea")
    assert "anna" in named


def test_a_lead_who_still_scores_a_night_blind_may_not_look(scoring, settled, open_study):
    finished_scoring(scoring.recording, "Anna", ["W"])
    asked = Composition(source=ReleaseSource.ALL)
    with pytest.raises(UnaidedNightsError, match="S1"):
        create_release(study=open_study, title="x", composition=asked, user=scoring.scorer.user)
    close_scoring(scoring=scoring)
    create_release(study=open_study, title="x", composition=asked, user=scoring.scorer.user)


def test_sources_under_a_blind_rating_study_are_not_given_away(
    rating_study, draft_release, open_study, lead
):
    for scoring in [arm.scorings.get() for arm in rating_study.arms.all()]:
        scoring.state = scoring.State.SUBMITTED
        scoring.save()
    release = draft_release(source=ReleaseSource.ALL)
    assert "still blind" in str(release.preview["problems"])
    for slot in RatingSlot.objects.filter(rater=rating_study.panel.first().rater)[:2]:
        give(slot, [5, 4, 3])
    close_rating_study(rating_study=rating_study, user=lead)
    unblind(rating_study=rating_study, user=lead, reason="The round is over.")
    again = change_release(
        release=release,
        title="Rated",
        composition=Composition(source=ReleaseSource.ALL, least_mean_rating=4.0),
        user=None,
    )
    assert again.preview["problems"] == []
    assert 1 <= again.preview["epochs"] <= 2
