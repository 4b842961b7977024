"""Stored agreement of single recordings: equal to the report's, and never outdated unnoticed."""

import numpy as np
import pytest

from annotations.agreement.models import NightAgreement
from annotations.agreement.nights import disputed_count, fresh_agreements, refresh_nights
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores

pytestmark = pytest.mark.django_db

ANNA = ["W", "W", "N1", "N2", "N2", "N3", None, "R"]
BEN = ["W", "N1", "N1", "N2", "N3", "N3", "R", "R"]


def test_it_equals_the_report(imported, labels_only, study):
    imported("Anna", ANNA)
    imported("Ben", BEN)
    assert fresh_agreements([labels_only.pk]) == {labels_only.pk: None}
    assert refresh_nights(study.pk) == 1
    night = fresh_agreements([labels_only.pk])[labels_only.pk]
    sheet = sheet_of(Scoring.objects.all())
    [row] = agreement_report(sheet, compared_columns(sheet)).by_recording
    assert (night.kappa, night.scorers) == (pytest.approx(row.mean_pairwise_kappa), 2)
    assert night.disputed == 2
    assert refresh_nights(study.pk) == 0


def test_it_is_outdated_once_a_scoring_changed_joined_or_left(imported, labels_only, study):
    first = imported("Anna", ANNA)
    imported("Ben", BEN)
    refresh_nights(study.pk)
    add_scores(scoring=first, contents=[(6, ScoreContent(stage="R"))], why=EpochRevision.Why.IMPORT)
    assert fresh_agreements([labels_only.pk]) == {labels_only.pk: None}
    assert refresh_nights(study.pk) == 1
    imported("Cleo", ANNA)
    assert fresh_agreements([labels_only.pk]) == {labels_only.pk: None}
    refresh_nights(study.pk)
    Scoring.objects.exclude(pk=first.pk).update(state="open")
    assert fresh_agreements([labels_only.pk]) == {}
    refresh_nights(study.pk)
    assert not NightAgreement.objects.exists()


def test_copies_and_a_single_scoring_count_as_nothing(imported, labels_only, study):
    first = imported("Anna", ANNA)
    copy = imported("Anna again", ANNA)
    Scoring.objects.filter(pk=copy.pk).update(copy_of=first)
    assert refresh_nights(study.pk) == 0
    assert fresh_agreements([labels_only.pk]) == {}


@pytest.mark.parametrize(
    ("codes", "count"),
    [
        ([[0, 0], [1, 1]], 0),
        ([[0, 1], [-1, 1], [-1, -1]], 1),
        ([[-1, 2, 2], [4, -1, 0], [3, 3, 3]], 1),
    ],
)
def test_only_those_who_staged_an_epoch_can_differ(codes, count):
    assert disputed_count(np.array(codes, dtype=np.int8)) == count
