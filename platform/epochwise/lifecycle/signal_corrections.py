"""Correcting the signals of a recording, while nothing frozen rests on them."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from annotations.adjudication.models import Adjudication
from annotations.agreement.caching import forget_all
from annotations.rating.models import RatingStudy
from annotations.releases.models import Release
from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import adjudications_to_discard, visible_scorings
from epochwise.lifecycle.corrections import frozen_on
from epochwise.lifecycle.erasing import nights_of
from epochwise.lifecycle.reach import rating_studies_with
from inference.models import PreScoreRun
from psg.doubts import refuse_open
from psg.ingest import NightDecisions
from recordings.corrections.models import SignalCorrection
from recordings.corrections.planning import (
    CorrectionPlan,
    CorrectionRefusedError,
    plan_correction,
    refuse_outdated,
    state_of_signals,
)
from recordings.corrections.work import dependents_of
from recordings.models import Recording
from studies.audit import record
from studies.models import Act, User


@dataclass(frozen=True)
class SignalDependents:
    """What was made on signals, as far as a person may see it."""

    scorings: list[Scoring]
    adjudications: list[Adjudication]
    runs: list[PreScoreRun]


def dependents_on_signals(*, recording: Recording, **_: Any) -> dict[str, list[int]]:
    """Answer `signals_replacing`: scorings and pre-scoring runs made on the present signals.

    Frozen releases are written again from the store, and items of launched rating studies are
    drawn from it, so a correction is refused instead of giving them another store.

    Raises
    ------
    CorrectionRefusedError
    """
    if rests := frozen_on(recording):
        raise CorrectionRefusedError(
            "The signals cannot be corrected, because these depend on them:"
            f" {', '.join(rests)}. Nothing was changed."
        )
    if works := _works(recording):
        raise CorrectionRefusedError(
            f"The signals are in use: {'; '.join(works)}. Nothing was changed.",
            advice="Wait until it is finished, or stop it first.",
        )
    adjudications = recording.adjudications.filter(state=Adjudication.State.OPEN)
    runs = recording.runs.filter(signals_version=recording.signals_version, done__gt=0)
    made = {
        "scorings": sorted(_scorings_on(recording).values_list("pk", flat=True).distinct()),
        "runs": sorted(runs.values_list("pk", flat=True)),
    }
    if adjudications:
        made["adjudications"] = [adjudication.pk for adjudication in adjudications]
    return made


def _scorings_on(recording: Recording) -> QuerySet[Scoring]:
    """Return scorings of people and consensus scorings, and those that people have open.

    In an open scoring, the next save may be of an epoch shown before the correction.
    """
    made = Scoring.objects.filter(
        recording=recording, scorer__kind__in=[Scorer.Kind.HUMAN, Scorer.Kind.CONSENSUS]
    )
    return made.filter(Q(scores__isnull=False) | Q(state=Scoring.State.OPEN))


def forget_agreement(*, recording: Recording, **_: Any) -> None:
    """Answer `signals_replaced`: results that may rest on the signals before are computed again."""
    transaction.on_commit(forget_all)


def _works(recording: Recording) -> list[str]:
    study = recording.study
    freezing = study.releases.filter(state__in=[Release.State.WAITING, Release.State.FREEZING])
    launching = [
        touched
        for touched in rating_studies_with(nights_of(study, [recording.pk]))
        if touched.state == RatingStudy.State.LAUNCHING
    ]
    unfinished = recording.runs.filter(state__in=PreScoreRun.UNFINISHED)
    return [
        # Which model is hidden from those who still score the recording without help.
        *(["a model is scoring them"] if unfinished.exists() else []),
        *(f"{release} is being frozen" for release in freezing),
        *(f"rating study {touched} is being launched" for touched in launching),
    ]


def visible_of(made: dict[str, list[int]], user: User | None) -> SignalDependents:
    """Load what was made on signals; None sees all of it, as a command does."""
    scorings = Scoring.objects.all() if user is None else visible_scorings(user)
    found = scorings.filter(pk__in=made.get("scorings", [])).select_related("scorer")
    of_visible = PreScoreRun.objects.filter(pk__in=made.get("runs", []), scoring__in=scorings)
    led = Adjudication.objects.all() if user is None else adjudications_to_discard(user)
    return SignalDependents(
        list(found.order_by("pk")),
        list(led.filter(pk__in=made.get("adjudications", [])).order_by("pk")),
        list(of_visible.select_related("bundle")),
    )


def checked_plan(recording: Recording, given: NightDecisions) -> CorrectionPlan:
    """Plan a correction and refuse one that leaves a question open or changes nothing.

    Raises
    ------
    CorrectionRefusedError, OpenDoubtsError
    """
    plan = plan_correction(recording, given)
    if plan.changes_nothing:
        raise CorrectionRefusedError("The correction changes nothing.")
    refuse_open(plan.doubts)
    return plan


def changes_of(plan: CorrectionPlan) -> list[str]:
    """Name what a correction changes, without labels of the file, which can be erased."""
    before, after = plan.before, plan.after
    return [
        *(derivation.value for derivation in plan.changed),
        *(["mains"] if before.mains_hz != after.mains_hz else []),
        *(["clock"] if plan.changes_clock else []),
    ]


def request_correction(
    *,
    recording: Recording,
    given: NightDecisions,
    user: User | None,
    why: str,
    seen: str | None = None,
) -> SignalCorrection:
    """Request a correction from a worker; the caller sends the message after commit.

    `seen` is the state that the person saw, as `state_of_signals` names it.

    Raises
    ------
    CorrectionRefusedError, OutdatedCorrectionError, OpenDoubtsError
    """
    refuse_outdated(recording, seen)
    if not why.strip():
        raise CorrectionRefusedError("Enter a reason. It stays in the audit trail.", where="why")
    # Named before the row is loaded: a correction that is finished later makes the plan outdated.
    planned_on = state_of_signals(Recording.objects.get(pk=recording.pk))
    present = Recording.objects.get(pk=recording.pk)
    # Outside of the transaction: it reads signals, and nobody should wait for that.
    plan = checked_plan(present, given)
    with transaction.atomic():
        locked = (
            Recording.objects.select_for_update(of=("self",))
            .select_related("study")
            .get(pk=recording.pk)
        )
        if locked.corrections.filter(state__in=SignalCorrection.BUSY).exists():
            raise CorrectionRefusedError("The signals are being corrected already.")
        for state in (seen, planned_on):
            refuse_outdated(locked, state)
        dependents_of(locked)
        return _ask(locked, plan, user=user, why=why.strip())


def _ask(
    recording: Recording, plan: CorrectionPlan, *, user: User | None, why: str
) -> SignalCorrection:
    correction = SignalCorrection.objects.create(
        recording=recording,
        why=why,
        user=user,
        before=plan.before.as_json(),
        after=plan.after.as_json(),
        version_before=recording.signals_version,
    )
    record(
        Act.SIGNALS_CORRECTED,
        user=user,
        study=recording.study,
        about=f"recording {recording.pk}",
        why=why,
        details={
            "recording": recording.pk,
            "correction": correction.pk,
            "changes": changes_of(plan),
        },
    )
    return correction
