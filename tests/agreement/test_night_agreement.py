"""Stored agreement of single recordings: equal to the report's, and never outdated unnoticed."""

from contextlib import closing

import numpy as np
import pytest
from django.db import connection
from django.db.models import QuerySet

from annotations import tasks
from annotations.agreement import nights
from annotations.agreement.models import NightAgreement
from annotations.agreement.nights import disputed_count, fresh_agreements, refresh_nights
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from epochwise.desk.plots import PLOTS
from epochwise.desk.reading import Reader, recordings_for, with_agreement
from psg.agreement.single_night import night_kappa_interval
from recordings.models import Recording

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


def test_the_interval_of_a_night_is_stored_with_it(imported, labels_only, study):
    type(labels_only).objects.filter(pk=labels_only.pk).update(epoch_count=320)
    labels_only.refresh_from_db()
    stages = [("W", "N2", "N2", "R")[n // 40 % 4] for n in range(320)]
    imported("Anna", stages)
    imported("Ben", ["N1" if n % 40 < 4 else stage for n, stage in enumerate(stages)])
    refresh_nights(study.pk)
    night = NightAgreement.objects.get()
    sheet = sheet_of(Scoring.objects.all())
    chosen = sheet.only(compared_columns(sheet))
    interval = night_kappa_interval(chosen.codes(chosen.nights[0]))
    assert (night.kappa_low, night.kappa_high) == pytest.approx(interval)
    assert night.kappa_low < night.kappa < night.kappa_high


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


def test_nothing_is_stored_of_scorings_that_change_while_they_are_measured(
    imported, study, monkeypatch
):
    first = imported("Anna", ANNA)
    imported("Ben", BEN)
    measured = nights._measured

    def reopened_meanwhile(recording_id: int) -> dict:
        Scoring.objects.filter(pk=first.pk).update(state="open")
        return measured(recording_id)

    monkeypatch.setattr(nights, "_measured", reopened_meanwhile)
    assert refresh_nights(study.pk) == 0
    monkeypatch.undo()
    Scoring.objects.filter(pk=first.pk).update(state="submitted")
    assert refresh_nights(study.pk) == 1
    assert NightAgreement.objects.get().scorers == 2


def test_two_processes_never_compute_the_same_study(imported, study):
    imported("Anna", ANNA)
    imported("Ben", BEN)
    other = connection.copy()
    place = [nights._REFRESH, study.pk]
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", place)
        assert refresh_nights(study.pk) == 0
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", place)
    assert refresh_nights(study.pk) == 1


def test_a_request_is_sent_once_until_a_worker_has_answered_it(study, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.refresh_nights_of, "apply_async", lambda args, **_: sent.append(args))
    tasks.send_refresh_of_nights(study.pk)
    tasks.send_refresh_of_nights(study.pk)
    assert sent == [[study.pk]]
    tasks.refresh_nights_of(study.pk)
    tasks.send_refresh_of_nights(study.pk)
    assert sent == [[study.pk]] * 2
    tasks.refresh_nights_of(study.pk)


def test_only_current_values_order_filter_and_are_drawn(imported, labels_only, study, lead):
    def measured() -> QuerySet[Recording]:
        reader = Reader.of(lead, study)
        return with_agreement(reader, recordings_for(reader))

    first = imported("Anna", ANNA)
    imported("Ben", BEN)
    refresh_nights(study.pk)
    assert measured().get(kappa__gt=0, disputed=2) == labels_only
    assert len(PLOTS["nights"].draw(lead, study).rows) == 1
    add_scores(scoring=first, contents=[(6, ScoreContent(stage="R"))], why=EpochRevision.Why.IMPORT)
    assert measured().get(kappa=None, disputed=None) == labels_only
    plot = PLOTS["nights"].draw(lead, study)
    assert plot.rows == []
    assert "has not yet for 1 recording" in plot.note


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
