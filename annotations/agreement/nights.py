"""Agreement of single recordings, computed by a worker and stored, for lists of many."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import OuterRef, Subquery

from annotations.agreement.measures import Codes, defined
from annotations.agreement.models import NightAgreement
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.scoring.models import FINISHED, EpochRevision, Scorer, Scoring, ScoringQuerySet
from psg.agreement import AgreementSums, mean_pair_kappa
from psg.stages import STAGES
from recordings.models import Recording

FEWEST = 2
"""Scorings that can be compared."""


@dataclass(frozen=True)
class Compared:
    """The scorings of a recording that can be compared: how many, and a digest of them."""

    count: int
    stamp: str

    @property
    def is_enough(self) -> bool:
        return self.count >= FEWEST


NOTHING = Compared(0, "")


def stamps_of(recordings: Collection[int]) -> dict[int, Compared]:
    """Return what can be compared of each recording; those without any are left out.

    The digest changes with every revision of a scoring, as in `sheet_of`.
    """
    last = EpochRevision.objects.filter(scoring=OuterRef("pk")).order_by("-pk")
    rows = (
        _comparable()
        .filter(recording__in=recordings)
        .annotate(stamp=Subquery(last.values("client_uuid")[:1]))
        .filter(stamp__isnull=False)
        .order_by("recording_id", "pk")
        .values_list("recording_id", "pk", "stamp")
    )
    texts: dict[int, list[str]] = {}
    for recording, pk, stamp in rows:
        texts.setdefault(recording, []).append(f"{pk}:{stamp}")
    return {
        pk: Compared(len(parts), hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32])
        for pk, parts in texts.items()
    }


def _comparable() -> ScoringQuerySet:
    finished = Scoring.objects.filter(state__in=FINISHED).originals()
    return finished.exclude(scorer__kind=Scorer.Kind.CONSENSUS)


def refresh_nights(study_id: int) -> int:
    """Compute the agreement of the recordings of a study where it is missing or outdated.

    Returns
    -------
    int
        How many were computed.
    """
    recordings = Recording.objects.filter(study=study_id).order_by("pk")
    stamps = stamps_of(list(recordings.values_list("pk", flat=True)))
    stored = NightAgreement.objects.filter(recording__study=study_id)
    known = dict(stored.values_list("recording_id", "stamp"))
    enough = {pk: compared.stamp for pk, compared in stamps.items() if compared.is_enough}
    stored.exclude(recording__in=enough).delete()
    outdated = [pk for pk, stamp in enough.items() if known.get(pk) != stamp]
    for pk in outdated:
        NightAgreement.objects.update_or_create(
            recording_id=pk, defaults={"stamp": enough[pk], **_measured(pk)}
        )
    return len(outdated)


def _measured(recording_id: int) -> dict[str, float | int | None]:
    sheet = sheet_of(_comparable().filter(recording=recording_id))
    chosen = sheet.only(compared_columns(sheet))
    if not chosen.nights:
        return {"scorers": 0, "kappa": None, "disputed": None}
    codes = chosen.codes(chosen.nights[0])
    pairs = AgreementSums.of([codes], len(STAGES)).pairs_drawn(np.ones(1))
    return {
        "scorers": len(chosen.nights[0].scorings),
        "kappa": defined(float(mean_pair_kappa(pairs))),
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
