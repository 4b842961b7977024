"""Agreement of one recording's scorings, against scikit-learn."""

import json
from itertools import combinations

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from sklearn.metrics import cohen_kappa_score

from annotations.agreement.epochs import FoundEpochs, NightEpochs
from annotations.agreement.one_night import agreement, disagreements, scored_nights
from annotations.agreement.sheet import SheetRow
from annotations.exchange.scoring_files import import_scoring_file
from annotations.scoring.models import Scoring
from psg.stages import STAGES
from recordings.models import Recording, Subject

pytestmark = pytest.mark.django_db

NIGHTS = {
    "Anna": ["W", "W", "N1", "N2", "N2", "N3", "N3", "R", None, "W"],
    "Ben": ["W", "N1", "N1", "N2", "N2", "N2", "N3", "R", "R", "W"],
    "Cleo": ["W", "W", "N1", "N2", None, "N3", "N3", "N2", "R", "W"],
}


def told(capsys, *args):
    call_command("agreement", *args, "--json")
    return json.loads(capsys.readouterr().out)


def by_sklearn(a, b):
    both = [(x, y) for x, y in zip(a, b, strict=True) if x and y]
    return cohen_kappa_score(*zip(*both, strict=True), labels=[s.value for s in STAGES])


def test_pairs_equal_scikit_learn_over_the_epochs_both_scored(imported, capsys):
    for label, stages in NIGHTS.items():
        imported(label, stages)
    answer = told(capsys, "--recording", "S1")
    expected = [by_sklearn(NIGHTS[a], NIGHTS[b]) for a, b in combinations(NIGHTS, 2)]
    assert [pair["kappa"] for pair in answer["pairs"]] == pytest.approx(expected)
    assert [pair["epochs"] for pair in answer["pairs"]] == [9, 8, 9]
    found = answer["measures"]["all"]
    assert found["mean_pairwise_kappa"]["value"] == pytest.approx(sum(expected) / 3)
    assert found["epochs_scored_by_all"] == 8
    assert found["all_agree"] == pytest.approx(5 / 8)


def test_undefined_is_null_and_never_a_number(imported, capsys):
    imported("Anna", ["W", "W"])
    imported("Ben", [None, None, "N2"])
    answer = told(capsys, "--recording", "S1")
    nothing = {"value": None, "low": None, "high": None}
    for place in answer["measures"].values():
        assert place["mean_pairwise_kappa"] == place["ac1"] == nothing
        assert place["all_agree"] is None
    pair = answer["pairs"][0]
    assert (pair["scorers"], pair["kappa"], pair["epochs"]) == (["Anna", "Ben"], None, 0)
    assert {row["specific_agreement"]["value"] for row in answer["stages"]} == {None}


def test_one_scoring_alone_is_told_in_one_line(imported):
    imported("Anna", ["W"])
    with pytest.raises(CommandError, match="agreement needs two"):
        call_command("agreement", "--recording", "S1")


def test_an_unknown_recording_is_told_in_one_line(db):
    with pytest.raises(CommandError, match="no recording named Nobody"):
        call_command("agreement", "--recording", "Nobody")


def test_dissent_is_the_share_outside_the_largest_camp(imported, labels_only):
    for label, stages in NIGHTS.items():
        imported(label, stages)
    shares = disagreements(scored_nights(labels_only, Scoring.objects.select_related("scorer")))
    assert shares == pytest.approx([0, 1 / 3, 0, 0, 0, 1 / 3, 0, 1 / 3, 0, 0])


@pytest.mark.real_data
def test_twelve_scorers_of_one_real_night_agree_as_published(study, real_data, capsys):
    recording = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="SN1"),
        name="SN1",
        state=Recording.State.LABELS_ONLY,
        epoch_count=901,
    )
    for number in range(1, 13):
        path = real_data / f"psg-ipa/manual/SN1_SleepStages_manual_scorer{number}.edf"
        import_scoring_file(recording=recording, scorer_label=f"Scorer {number}", path=path)
    answer = told(capsys, "--recording", "SN1")
    nights = scored_nights(recording, Scoring.objects.select_related("scorer").order_by("pk"))
    expected = [by_sklearn(a.stages, b.stages) for a, b in combinations(nights, 2)]
    assert [pair["kappa"] for pair in answer["pairs"]] == pytest.approx(expected)
    assert len(expected) == 66
    everywhere, beside, steady = (
        answer["measures"][place] for place in ("all", "transition", "steady")
    )
    assert everywhere["mean_pairwise_kappa"]["value"] == pytest.approx(0.726, abs=0.005)
    assert everywhere["all_agree"] == pytest.approx(0.42, abs=0.01)
    assert agreement(nights).all_scored_count == everywhere["epochs_scored_by_all"]
    assert beside["epochs"] + steady["epochs"] == everywhere["epochs"]
    assert beside["agreement"]["value"] < everywhere["agreement"]["value"]
    assert steady["agreement"]["value"] > everywhere["agreement"]["value"]
    assert answer["intervals"]["runs_narrow"]
    assert everywhere["ac1"]["low"] is None  # one night has no interval over nights


def test_found_epochs_are_ordered_and_made_only_where_they_are_shown():
    def epochs(numbers, dissent, certainty) -> NightEpochs:
        return NightEpochs(np.array(numbers), np.array(dissent), np.array(certainty))

    first, second = SheetRow(Recording(name="S1"), {}), SheetRow(Recording(name="S2"), {})
    nights = [
        (first, epochs([3, 4], [0.0, 0.5], [np.nan, 0.9])),
        (second, epochs([0, 1, 7], [0.5, 0.2, 0.0], [0.4, 0.9, np.nan])),
    ]
    in_order = {
        order: [(e.recording.name, e.epoch) for e in FoundEpochs(nights, order)]
        for order in ("night", "disagreement", "uncertainty")
    }
    assert in_order == {
        "night": [("S1", 3), ("S1", 4), ("S2", 0), ("S2", 1), ("S2", 7)],
        "disagreement": [("S1", 4), ("S2", 0), ("S2", 1), ("S1", 3), ("S2", 7)],
        "uncertainty": [("S2", 0), ("S1", 4), ("S2", 1), ("S1", 3), ("S2", 7)],
    }
    page = FoundEpochs(nights, "night")[3:100]
    assert [(e.dissent, e.certainty) for e in page] == [(0.2, 0.9), (0.0, None)]
    assert not FoundEpochs([], "uncertainty")
