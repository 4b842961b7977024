"""One model over all nights of a study."""

from dataclasses import dataclass, field

from django.db import transaction

from inference.models import ModelBundle, PreScoreRun
from inference.services.runs import RunRefusedError, start_run
from recordings.models import Recording
from studies.models import Study, User


@dataclass
class StudyStart:
    """The runs that were started, and why other nights were left out."""

    runs: list[PreScoreRun] = field(default_factory=list)
    left_out: list[tuple[Recording, str]] = field(default_factory=list)


@transaction.atomic
def start_study(
    *,
    study: Study,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = PreScoreRun.Priority.NORMAL,
) -> StudyStart:
    """Start a run on every night with signals that the model has not read yet.

    Raises
    ------
    RunRefusedError
        When no night is left to read; the text says why.
    """
    start = StudyStart()
    for night in study.recordings.filter(state=Recording.State.READY).order_by("name"):
        if night.runs.filter(bundle=bundle, state=PreScoreRun.State.DONE).exists():
            start.left_out.append((night, f"{bundle} has read {night} already."))
            continue
        try:
            run = start_run(
                recording=night, bundle=bundle, requested_by=requested_by, priority=priority
            )
            start.runs.append(run)
        except RunRefusedError as refused:
            start.left_out.append((night, str(refused)))
    if not start.runs:
        reasons = " ".join(dict.fromkeys(reason for _, reason in start.left_out[:3]))
        raise RunRefusedError(f"No night of {study} is left to read. {reasons}".strip())
    return start
