"""Create the demo study: two simulated nights, a finished and an unscored recording."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from annotations.rating.design import RatingDesign, equal_arms
from annotations.rating.drafts import draw_rating_study
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import RatingStudy
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, consensus_scorer, create_scoring
from epochwise.demo.experts import expert_contents
from epochwise.demo.people import DEMO_PEOPLE
from inference.bundles import BUILT_IN_RULES, BUILT_IN_SLEEPVLM, BundleError
from inference.models import ModelBundle, PreScoreRun
from inference.registry.bundles import built_in_folder, find_bundle, register_bundle
from inference.runs.entry import begin_run
from inference.runs.lifecycle import RunRefusedError, start_run
from inference.runs.work import CHUNKS
from psg.ingest.decisions import NightDecisions
from psg.simulate import SimulatedNight, simulate_night, write_mass_files
from recordings.incoming import IncomingFile, receive_recording
from recordings.ingest import INGESTS
from recordings.models import Recording
from studies.members import add_member, create_study
from studies.models import Study, User


def offer_nano(*, tell: Callable[[str], object], folder: Path | None = None) -> ModelBundle | None:
    """Register SleepVLM-nano; if its weights are missing, the demo starts without it."""
    try:
        return register_bundle(folder=folder or built_in_folder(BUILT_IN_SLEEPVLM))[0]
    except BundleError as error:
        tell(f"the demo starts without SleepVLM-nano: {error}")
        return None


def read_by_nano(
    *, recording: Recording, bundle: ModelBundle, tell: Callable[[str], object]
) -> None:
    """Pre-score a recording with SleepVLM-nano once, with low priority."""
    if recording.runs.filter(bundle=bundle).exists():
        return
    try:
        begin_run(recording=recording, bundle=bundle, priority=PreScoreRun.Priority.LOW)
    except (
        RunRefusedError
    ) as refused:  # workers of a killed site still count as live for some seconds
        tell(f"SleepVLM-nano was not started: {refused} Start the demo again.")


# The demo study. Each step first checks what exists, so that a start after an interrupted start
# completes the study.


SLUG = "demo"
HOURS = 2.0
FINISHED, WAITING = "01-09-0001", "01-09-0002"
SEEDS = {FINISHED: 1, WAITING: 2}
EXPERT_SEEDS = {"expert-1": 11, "expert-2": 12}
EPOCHS_BEGUN = 36
RATED_ITEMS = 20
Tell = Callable[[str], object]


def seed_demo(*, tell: Tell, sleepvlm: bool = False) -> None:
    """Create or complete the demo study; with ``sleepvlm`` SleepVLM-nano pre-scores a recording."""
    study = Study.objects.filter(slug=SLUG).first() or create_study(
        slug=SLUG,
        title="Demo study",
        description="Simulated nights and simulated experts, to try the site.",
        guideline="Score every epoch, cite the deciding rule, and name the evidence.",
    )
    people = _people(study)
    if not (RatingStudy.objects.filter(study=study).exists() and _night_begun(study)):
        tell("simulating and importing two nights for the demo, about half a minute")
        _finished_night(study, people)
        _waiting_night(study, people)
    nano = offer_nano(tell=tell)
    if nano and sleepvlm:
        read_by_nano(recording=study.recordings.get(name=FINISHED), bundle=nano, tell=tell)


def _people(study: Study) -> dict[str, User]:
    return {person.username: _person(study, person.username) for person in DEMO_PEOPLE}


def _person(study: Study, username: str) -> User:
    """Create an account without password; only the button of the demo signs in to it."""
    person = next(person for person in DEMO_PEOPLE if person.username == username)
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username, name=person.name)
    add_member(study=study, user=user, role=person.role)
    return user


def _recording(study: Study, night: SimulatedNight) -> Recording:
    known = study.recordings.filter(name=night.subject, state=Recording.State.READY).first()
    if known:
        return known
    with tempfile.TemporaryDirectory() as folder:
        files = write_mass_files(night, Path(folder))
        ingest = receive_recording(
            study=study,
            file=IncomingFile(chunks=[files.psg.read_bytes()], name=files.psg.name),
            subject_code=night.subject,
            decisions=NightDecisions(epoch_start_s=night.grid.epoch0_s),
        )
    Recording.objects.filter(pk=ingest.recording_id).update(is_simulated=True)
    INGESTS.run(ingest.pk)
    return Recording.objects.get(pk=ingest.recording_id)


def _finished_night(study: Study, people: dict[str, User]) -> None:
    night = simulate_night(hours=HOURS, seed=SEEDS[FINISHED], subject=FINISHED)
    recording = _recording(study, night)
    experts = [
        _expert_scoring(recording, people[name], night, scorer_seed=seed)
        for name, seed in EXPERT_SEEDS.items()
    ]
    model = _model_scoring(recording)
    _consensus(recording, night, experts)
    if not study.rating_studies.exists():
        _rating_study(study, people, experts, model)


@transaction.atomic
def _rating_study(
    study: Study, people: dict[str, User], experts: list[Scoring], model: Scoring
) -> None:
    consensus = Scoring.objects.filter(
        recording=model.recording, scorer=consensus_scorer(study=study)
    )
    design = RatingDesign(
        title="Who explains better?",
        arms=equal_arms(
            [("Experts", experts), (model.scorer.label, [model])],
            item_count=RATED_ITEMS,
            control_percent=10,
        ),
        raters=[people["rater"]],
        raters_per_item=1,
        repeat_percent=10,
        seed=1,
        reference=list(consensus),
    )
    drawn = draw_rating_study(study=study, design=design, user=people["lead"])
    launch_rating_study(rating_study=drawn, user=people["lead"])


@transaction.atomic
def _expert_scoring(
    recording: Recording, user: User, night: SimulatedNight, *, scorer_seed: int
) -> Scoring:
    scoring = assign(recording=recording, annotator=user, assigned_by=None)
    contents = expert_contents(night, scorer_seed=scorer_seed, terse=user.username == "expert-2")
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.EDIT, user=user)
    return close_scoring(scoring=scoring)


def _model_scoring(recording: Recording) -> Scoring:
    bundle = find_bundle(BUILT_IN_RULES)
    run = recording.runs.filter(bundle=bundle).first()
    run = run or start_run(recording=recording, bundle=bundle)
    if run.state != PreScoreRun.State.DONE:
        for chunk in run.chunks.all():
            CHUNKS.run(chunk.pk)
    return run.scoring


@transaction.atomic
def _consensus(recording: Recording, night: SimulatedNight, experts: list[Scoring]) -> None:
    """Create the consensus: the stage of both experts, or the simulated stage if they disagree."""
    scorer = consensus_scorer(study=recording.study)
    if Scoring.objects.filter(recording=recording, scorer=scorer).exists():
        return
    first, second = ({s.epoch: s for s in scoring.scores.all()} for scoring in experts)
    contents = []
    for epoch, stage in enumerate(night.stages):
        score = first.get(epoch)
        if score and epoch in second and score.stage == second[epoch].stage:
            contents.append((epoch, ScoreContent(score.stage, score.rules, score.rationale)))
        elif stage:
            contents.append((epoch, ScoreContent(stage)))
    scoring = create_scoring(recording=recording, scorer=scorer)
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.CONSENSUS)
    close_scoring(scoring=scoring)


def _waiting_night(study: Study, people: dict[str, User]) -> None:
    """Create a recording that the annotator has begun and that a worker pre-scores."""
    night = simulate_night(hours=HOURS, seed=SEEDS[WAITING], subject=WAITING)
    recording = _recording(study, night)
    user = people["annotator"]
    scoring = assign(recording=recording, annotator=user, assigned_by=people["lead"])
    begun = [
        (epoch, content)
        for epoch, content in expert_contents(night, scorer_seed=21, terse=True)
        if epoch < EPOCHS_BEGUN
    ]
    add_scores(scoring=scoring, contents=begun, why=EpochRevision.Why.EDIT, user=user)
    if not recording.runs.exists():
        start_run(recording=recording, bundle=find_bundle(BUILT_IN_RULES))
        CHUNKS.send_unsent()


def _night_begun(study: Study) -> bool:
    waiting = study.recordings.filter(name=WAITING, scorings__isnull=False)
    return PreScoreRun.objects.filter(recording__in=waiting).exists()
