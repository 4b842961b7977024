"""Twenty-five real nights by five scorers each, read as an import reads them."""

import numpy as np
import pytest
from krippendorff import alpha as library_alpha
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as library_fleiss

from psg.agreement import (
    AgreementSums,
    Bootstrap,
    CategorySums,
    at_transition,
    category_counts,
    fleiss_kappa,
    krippendorff_alpha,
    only_where,
    pairwise_kappas,
    specific_agreement,
)
from psg.epochs import grid_for
from psg.stagefiles import StageOptions, place_on_grid, read_entries
from psg.stages import STAGES, stage_codes, stages_from_codes
from tests.conftest import REAL_DATA

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def nights() -> list[np.ndarray]:
    """(n_epochs, 5) of stage codes, night by night."""
    names = sorted(path.stem for path in (REAL_DATA / "dod-h" / "scorer_1").glob("*.json"))
    return [np.stack([_codes(name, n) for n in range(1, 6)], axis=1) for name in names]


def _codes(name: str, scorer: int) -> np.ndarray:
    path = REAL_DATA / "dod-h" / f"scorer_{scorer}" / f"{name}.json"
    entries = read_entries(path, StageOptions(codes="yasa"))
    grid = grid_for(max(entry.onset_s + entry.duration_s for entry in entries), entries)
    return stage_codes(place_on_grid(entries, grid))


def drawn(nights) -> CategorySums:
    return AgreementSums.of(nights, len(STAGES)).categories.drawn(np.ones(len(nights)))


def test_all_nights_together_agree_as_the_libraries_say(nights):
    assert [night.shape[1] for night in nights] == [5] * 25
    epochs = np.concatenate(nights).astype(int)
    data = np.where(epochs < 0, np.nan, epochs.astype(float)).T
    expected = library_alpha(reliability_data=data, level_of_measurement="nominal")
    assert float(krippendorff_alpha(drawn(nights))) == pytest.approx(expected)
    by_all = [night[(night >= 0).all(axis=1)] for night in nights]
    expected = library_fleiss(category_counts(np.concatenate(by_all), len(STAGES)))
    assert float(fleiss_kappa(drawn(by_all))) == pytest.approx(expected)
    for pair in pairwise_kappas([stages_from_codes(column) for column in epochs.T]):
        both = epochs[(epochs[:, [pair.first, pair.second]] >= 0).all(axis=1)]
        a, b = both[:, pair.first], both[:, pair.second]
        assert pair.kappa == pytest.approx(cohen_kappa_score(a, b))


def test_scorers_agree_least_beside_transitions_and_on_n1(nights):
    masks = [at_transition(night) for night in nights]
    beside = [only_where(night, mask) for night, mask in zip(nights, masks, strict=True)]
    sums = AgreementSums.of(beside, len(STAGES)).categories
    found = Bootstrap.of(len(nights), seed=1).interval(lambda t: fleiss_kappa(sums.drawn(t)))
    assert found.low < found.value < found.high < float(fleiss_kappa(drawn(nights)))
    assert not found.runs_narrow
    assert STAGES[int(specific_agreement(drawn(nights)).argmin())] == "N1"
