"""Agreement of single recordings, computed by a worker and stored, for lists of many."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.aggregates import StringAgg
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from annotations.agreement.measures import Codes, defined
from annotations.agreement.models import NightAgreement
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.scoring.models import FINISHED, EpochRevision, Scorer, Scoring, ScoringQuerySet
from psg.agreement import AgreementSums, mean_pair_kappa
from psg.agreement.single_night import night_kappa_interval
from psg.stages import STAGES
from recordings.models import Recording

FEWEST = 2
"""Scorings that can be compared."""
_REFRESH = 0x6E696768
"""Number of the advisory lock, so that it is not taken for one of another kind."""


@dataclass(frozen=True)
class Compared:
    """The scorings of a recording that can be compared: how many, and a digest of them."""

    count: int
    stamp: str

    @property
    def is_enough(self) -> bool:
        return self.count >= FEWEST


def stamps_of(recordings: Collection[int]) -> dict[int, Compared]:
    """Return what can be compared of each recording; those without any are left out."""
    of_recordings = _comparable().filter(Exists(_revisions()), recording__in=recordings)
    counted = of_recordings.order_by().values("recording_id").annotate(count=Count("pk"))
    rows = counted.annotate(stamp=_digest()).values_list("recording_id", "count", "stamp")
    return {recording: Compared(count, stamp) for recording, count, stamp in rows}


def _digest() -> MD5:
    """Return a digest of the scorings of a recording, which changes with every revision of one.

    The database computes it, so that lists can be ordered and filtered by values that still hold.
    """
    last = Cast(Subquery(_revisions().order_by("-pk").values("client_uuid")[:1]), TextField())
    part = Concat(Cast("pk", TextField()), Value(":"), last, output_field=TextField())
    return MD5(StringAgg(part, " ", order_by="pk"))


def _revisions() -> QuerySet[EpochRevision]:
    return EpochRevision.objects.filter(scoring=OuterRef("pk"))


def _comparable() -> ScoringQuerySet:
    finished = Scoring.objects.filter(state__in=FINISHED).originals()
    return finished.exclude(scorer__kind=Scorer.Kind.CONSENSUS)


def current_agreements() -> QuerySet[NightAgreement]:
    """Return the stored agreement that still holds for the scorings of its recording."""
    now = _comparable().filter(Exists(_revisions()), recording=OuterRef("recording")).order_by()
    stamp = now.values("recording_id").annotate(stamp=_digest()).values("stamp")
    return NightAgreement.objects.filter(stamp=Subquery(stamp))


def refresh_nights(study_id: int) -> int:
    """Compute the agreement of the recordings of a study where it is missing or outdated.

    Nothing is done while another process does it.

    Returns
    -------
    int
        How many were computed.
    """
    with _alone(study_id) as is_alone:
        return _refresh(study_id) if is_alone else 0


def _refresh(study_id: int) -> int:
    recordings = Recording.objects.filter(study=study_id).order_by("pk")
    stamps = stamps_of(list(recordings.values_list("pk", flat=True)))
    stored = NightAgreement.objects.filter(recording__study=study_id)
    known = dict(stored.values_list("recording_id", "stamp"))
    enough = {pk: compared.stamp for pk, compared in stamps.items() if compared.is_enough}
    stored.exclude(recording__in=enough).delete()
    outdated = [pk for pk, stamp in enough.items() if known.get(pk) != stamp]
    return sum(_compute(pk) for pk in outdated)


def _compute(recording_id: int) -> bool:
    """Store the agreement of a recording, unless its scorings change while it is measured."""
    before = stamps_of([recording_id])
    measured = _measured(recording_id)
    if not before or stamps_of([recording_id]) != before:
        return False  # the next request finds it missing or outdated
    NightAgreement.objects.update_or_create(
        recording_id=recording_id, defaults={"stamp": before[recording_id].stamp, **measured}
    )
    return True


@contextmanager
def _alone(study_id: int) -> Iterator[bool]:
    """Hold the only place for the refresh of a study, or yield False where another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_REFRESH, study_id])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_REFRESH, study_id])


def _measured(recording_id: int) -> dict[str, float | int | None]:
    sheet = sheet_of(_comparable().filter(recording=recording_id))
    chosen = sheet.only(compared_columns(sheet))
    if not chosen.nights:
        return dict.fromkeys(("kappa", "kappa_low", "kappa_high", "disputed")) | {"scorers": 0}
    codes = chosen.codes(chosen.nights[0])
    pairs = AgreementSums.of([codes], len(STAGES)).pairs_drawn(np.ones(1))
    low, high = night_kappa_interval(codes)
    return {
        "scorers": len(chosen.nights[0].scorings),
        "kappa": defined(float(mean_pair_kappa(pairs))),
        "kappa_low": defined(low),
        "kappa_high": defined(high),
        "disputed": disputed_count(codes),
    }


def disputed_count(codes: Codes) -> int:
    """Return on how many epochs the scorers differ, among those who staged the epoch.

    Parameters
    ----------
    codes
        (n_epochs, n_scorers) of stage codes, -1 where a scorer gave no stage.
    """
    highest = codes.max(axis=1)
    lowest = np.where(codes < 0, np.iinfo(codes.dtype).max, codes).min(axis=1)
    return int(np.count_nonzero((highest >= 0) & (lowest < highest)))


def fresh_agreements(recordings: Sequence[int]) -> dict[int, NightAgreement | None]:
    """Return the stored agreement of each recording with enough scorings; None where outdated."""
    stamps = stamps_of(recordings)
    stored = {n.recording_id: n for n in NightAgreement.objects.filter(recording__in=recordings)}
    return {
        pk: night if (night := stored.get(pk)) and night.stamp == compared.stamp else None
        for pk, compared in stamps.items()
        if compared.is_enough
    }
