"""A study in which every text is unique, and people of every pair of roles and every mode.

Each night is scored by an expert, a model, a file and a consensus. Whatever is written about an
epoch holds a word that occurs nowhere else, so that a page tells by that word what it shows.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from annotations.adjudication.lifecycle import start_adjudication
from annotations.adjudication.models import Adjudication
from annotations.assistance.suggestions import lock_epoch
from annotations.exchange.exports import EXPORTS, make_export, request_export
from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import GivenFile, request_import, request_scoring_import
from annotations.exchange.models import MassexImport, ScoringImport
from annotations.exchange.plan import Counting, ImportOptions
from annotations.exchange.stage_plan import StageImportOptions
from annotations.exchange.stage_work import SCORING_IMPORTS
from annotations.rating.design import RatingDesign, equal_arms
from annotations.rating.drafts import draw_rating_study, set_gold
from annotations.rating.lifecycle import close_rating_study, launch_rating_study, unblind
from annotations.rating.models import DIMENSIONS, Rating, RatingSlot, RatingStudy
from annotations.releases.composition import Composition
from annotations.releases.lifecycle import change_release, create_release
from annotations.releases.models import Release
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochComment, EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import (
    close_scoring,
    consensus_scorer,
    create_scoring,
    imported_scorer,
    scorer_of_user,
)
from inference.models import ModelBundle, PreScoreRun, Reply
from inference.registry.bundles import find_bundle
from psg.events.measures import DETECTORS_VERSION
from psg.montage import DERIVATIONS
from recordings.models import EpochCandidates, Recording, Subject
from studies.members import create_study
from studies.models import Membership, Mode, Notice, Role, Study, User
from tests.helpers.early import assigned_early
from tests.helpers.massex_tables import night_csv
from tests.helpers.prescoring import write_store
from tests.helpers.releases import freeze

EPOCHS = 6
NONE = "none"
MODES = (NONE, *(mode.value for mode in Mode))
ROLE_SETS = [(role,) for role in Role] + list(combinations(Role, 2))
OVERSEERS = frozenset({Role.LEAD, Role.ADJUDICATOR, Role.VIEWER})
STAGES = ("W", "N1", "N2", "N3", "R", "N2")
RULES = {"W": "W.1", "N1": "N1.1", "N2": "N2.1", "N3": "N3.1", "R": "R.1"}
# Whose scoring is shown to people of a mode.
SHOWN_IN = {Mode.REVEAL: "expert", Mode.ASSISTED: "model", Mode.REVIEW: "import"}
UNAIDED = (Mode.BLIND, Mode.REVEAL)
# The modes of the open scorings of a person, each of another night. Nights of UNAIDED are closed to
# their scorers and those of other modes are not, so a person has both of one kind and none of the
# other: then no mode hides what another would show.
MODE_SETS: tuple[tuple[str, ...], ...] = ((NONE,), UNAIDED, (Mode.ASSISTED, Mode.REVIEW))
MAKERS = ("expert", "model", "import", "consensus")
LOCKED_EPOCH = 1
COMMENTED_EPOCH = 2
WORD = re.compile(r"mk[a-z]{8}zz")

ScoringAt = tuple[int, int]
"""A scoring and an epoch of it."""


def word_for(*what: object) -> str:
    """Return a word of letters that is found as it is in any text, file or address."""
    digest = hashlib.sha256(repr(what).encode()).digest()
    return "mk" + "".join(chr(ord("a") + byte % 26) for byte in digest[:8]) + "zz"


@dataclass(frozen=True)
class Person:
    """A member of the study, with their own open scorings by mode."""

    user: User
    roles: frozenset[Role]
    own: Mapping[str, Scoring] = field(hash=False)

    @property
    def name(self) -> str:
        return self.user.username

    @property
    def modes(self) -> tuple[str, ...]:
        return tuple(self.own) or (NONE,)

    @property
    def is_rater(self) -> bool:
        return Role.RATER in self.roles and not self.roles & OVERSEERS


@dataclass
class LeakWorld:
    """Everything of the study, and what each word stands for."""

    study: Study
    people: list[Person] = field(default_factory=list)
    nights: dict[str, Recording] = field(default_factory=dict)
    sources: dict[tuple[str, str], Scoring] = field(default_factory=dict)
    """By mode of the night, and by maker."""
    texts: dict[str, set[ScoringAt]] = field(default_factory=lambda: defaultdict(set))
    night_words: dict[str, Recording] = field(default_factory=dict)
    arm_words: set[str] = field(default_factory=set)
    rating_studies: dict[str, RatingStudy] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    adjudications: dict[str, Adjudication] = field(default_factory=dict)
    imported: MassexImport | None = None
    stage_import: ScoringImport | None = None

    def text(self, scoring: Scoring, epoch: int, what: str) -> str:
        word = word_for(scoring.pk, epoch, what)
        self.texts[word].add((scoring.pk, epoch))
        return word

    def meaning(self, word: str) -> str:
        """Say in words what a word stands for."""
        if night := self.night_words.get(word):
            return f"night {night.pk}"
        places = {scoring.pk: place for place, scoring in self.sources.items()}
        named = [f"{places.get(scoring, scoring)} epoch {n}" for scoring, n in self.texts[word]]
        return "; ".join(sorted(named)) or "an arm"

    def client(self, person: Person) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(person.user)
        return client


def build_world() -> LeakWorld:
    study = create_study(slug="night-study", title="Night study")
    study.licence, study.may_release_words, study.may_train_models = "CC BY 4.0", True, True
    study.save()
    world = LeakWorld(study)
    _make_nights(world)
    _make_people(world)
    _talk(world)
    for state in ("draft", "open", "closed", "unblinded"):
        world.rating_studies[state] = _rating_study(world, state)
    for mode in (NONE, Mode.BLIND):
        sides = [world.sources[mode, "import"], world.sources[mode, "model"]]
        world.adjudications[mode] = start_adjudication(scorings=sides, user=None)
    _bring_in(world)
    _take_away(world)
    Notice.objects.update(seen_at=timezone.now())  # opening them changes the number on all pages
    return world


def _make_nights(world: LeakWorld) -> None:
    expert = User.objects.create(username="ottoexpert", name="Otto Expert")
    Membership.objects.create(study=world.study, user=expert, role=Role.ANNOTATOR)
    bundle = find_bundle("rules")
    scorers = (
        scorer_of_user(user=expert),
        bundle.scorer,
        imported_scorer(study=world.study, label="Imported file", provenance={}),
        consensus_scorer(study=world.study),
    )
    signals = _noise()
    for mode in MODES:
        name = word_for("night", mode)
        night = world.nights[mode] = _make_night(world.study, name, signals)
        world.night_words[name] = night
        EpochCandidates.objects.bulk_create(
            EpochCandidates(recording=night, epoch=n, detectors_version=DETECTORS_VERSION)
            for n in range(EPOCHS)
        )
        for shift, (maker, scorer) in enumerate(zip(MAKERS, scorers, strict=True)):
            scoring = create_scoring(recording=night, scorer=scorer)
            world.sources[mode, maker] = _explained(world, scoring, shift)
        _carry_a_text(world.sources[mode, "expert"], world.sources[mode, "consensus"], world)
        _run(world, bundle, world.sources[mode, "model"])


def _noise() -> bytes:
    noise = np.random.default_rng(7).normal(0, 20, (EPOCHS, len(DERIVATIONS), 3000))
    with TemporaryDirectory() as folder:
        return write_store(Path(folder) / "s.epw", noise)


def _make_night(study: Study, name: str, signals: bytes) -> Recording:
    night = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code=name),
        name=name,
        state=Recording.State.READY,
        epoch_count=EPOCHS,
        duration_s=30.0 * EPOCHS,
    )
    night.signals_file.save(f"{night.pk}.epw", ContentFile(signals))
    return night


def _explained(world: LeakWorld, scoring: Scoring, shift: int) -> Scoring:
    contents = []
    for epoch in range(EPOCHS):
        stage = STAGES[(epoch + shift) % EPOCHS]
        rationale = f"Alpha rhythm and {world.text(scoring, epoch, 'rationale')}, Anna."
        evidence = [{"kind": world.text(scoring, epoch, "evidence"), "derivation": "C4-M1"}]
        content = ScoreContent(stage, [RULES[stage]], rationale, ["unsure"], evidence)
        contents.append((epoch, content))
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT)
    return close_scoring(scoring=scoring)


def _carry_a_text(source: Scoring, consensus: Scoring, world: LeakWorld) -> None:
    """Let the consensus say of epoch 0 what the expert said."""
    text = source.scores.get(epoch=0).rationale
    consensus.scores.filter(epoch=0).update(rationale=text)
    world.texts[WORD.search(text).group()].add((consensus.pk, 0))


def _run(world: LeakWorld, bundle: ModelBundle, scoring: Scoring) -> None:
    run = PreScoreRun.objects.create(
        recording=scoring.recording,
        bundle=bundle,
        scoring=scoring,
        state=PreScoreRun.State.DONE,
        total=EPOCHS,
        done=EPOCHS,
    )
    Reply.objects.bulk_create(
        Reply(run=run, epoch=n, text=world.text(scoring, n, "reply"), fault="no stage")
        for n in range(EPOCHS)
    )


def _make_people(world: LeakWorld) -> None:
    for modes in MODE_SETS:
        for roles in ROLE_SETS:
            user = User.objects.create(username="-".join((*modes, *roles)))
            Membership.objects.bulk_create(
                Membership(study=world.study, user=user, role=role) for role in roles
            )
            own = {mode: _own_scoring(world, user, mode) for mode in modes if mode != NONE}
            world.people.append(Person(user, frozenset(roles), own))


def _own_scoring(world: LeakWorld, user: User, mode: str) -> Scoring:
    source = world.sources[mode, SHOWN_IN[Mode(mode)]] if mode in SHOWN_IN else None
    if mode in UNAIDED:
        scoring = assigned_early(world.nights[mode], user, mode, source)
    else:
        scoring = assign(
            recording=world.nights[mode],
            annotator=user,
            assigned_by=None,
            mode=Mode(mode),
            suggestion=source,
        )
    if mode == Mode.REVIEW:
        assert source is not None
        for score in source.scores.all():
            world.texts[WORD.search(score.rationale).group()].add((scoring.pk, score.epoch))
            evidence = score.evidence[0]["kind"]
            world.texts[evidence].add((scoring.pk, score.epoch))
        return scoring
    words = world.text(scoring, LOCKED_EPOCH, "own")
    content = ScoreContent("W", ["W.1"], words)
    add_scores(scoring=scoring, contents=[(LOCKED_EPOCH, content)], why=EpochRevision.Why.EDIT)
    if mode == Mode.REVEAL:
        lock_epoch(scoring=scoring, epoch=LOCKED_EPOCH, seen_version=1)
    return scoring


def _talk(world: LeakWorld) -> None:
    """Comment on each expert's scoring, and name people in it."""
    expert = User.objects.get(username="ottoexpert")
    for mode in MODES:
        scoring = world.sources[mode, "expert"]
        text = f"Look, {world.text(scoring, COMMENTED_EPOCH, 'comment')}"
        comment = EpochComment.objects.create(
            scoring=scoring, epoch=COMMENTED_EPOCH, author=expert, text=text
        )
        comment.mentions.set(p.user for p in world.people if not p.is_rater)


def _rating_study(world: LeakWorld, state: str) -> RatingStudy:
    arms = []
    for maker in ("expert", "model"):
        label = word_for("arm", state, maker)
        world.arm_words.add(label)
        arms.append((label, [world.sources[mode, maker] for mode in MODES]))
    design = RatingDesign(
        title=f"Ratings, {state}",
        arms=equal_arms(arms, item_count=20 if state == "open" else 10, control_percent=0),
        raters=[person.user for person in world.people if person.is_rater],
        raters_per_item=3,
        repeat_percent=0,
        seed=4,
        calibration_count=4 if state == "draft" else 0,
        reference=[world.sources[mode, "consensus"] for mode in MODES],
    )
    made = draw_rating_study(study=world.study, design=design, user=None)
    if state == "draft":
        for item in made.items.filter(phase="calibration").select_related("source"):
            words = world.text(item.source.scoring, item.source.epoch, "gold")
            set_gold(item=item, scores=dict.fromkeys(DIMENSIONS, 3), feedback=words, user=None)
        return made
    made = launch_rating_study(rating_study=made, user=None)
    _rate(world, made)
    lead = next(p.user for p in world.people if p.roles == {Role.LEAD} and not p.own)
    if state == "closed":
        return close_rating_study(rating_study=made, user=lead)
    return unblind(rating_study=made, user=lead, reason="Done") if state == "unblinded" else made


def _rate(world: LeakWorld, rating_study: RatingStudy) -> None:
    """Rate the first look of each item, with a comment about its text."""
    slots = RatingSlot.objects.filter(item__rating_study=rating_study).order_by("item_id", "pk")
    first = slots.distinct("item_id").select_related("item__source__scoring")
    Rating.objects.bulk_create(
        Rating(
            slot=slot,
            **dict.fromkeys(DIMENSIONS, 2),
            comment=world.text(slot.item.source.scoring, slot.item.source.epoch, "opinion"),
            complete=True,
        )
        for slot in first
    )


def change_what_is_hidden(world: LeakWorld, night: Recording) -> None:
    """Give other stages and texts to the sources of a night, and to releases made of them."""
    for (mode, maker), scoring in world.sources.items():
        if world.nights[mode] != night:
            continue
        scores = scoring.scores.all()
        if (mode, maker) == (Mode.REVEAL, SHOWN_IN[Mode.REVEAL]):
            scores = scores.exclude(epoch=LOCKED_EPOCH)
        scores.update(stage="R", rationale="Changed.", version=2, flags=[], evidence=[])
        EpochRevision.objects.create(scoring=scoring, epoch=0, version=2, after={})
        Scoring.objects.filter(pk=scoring.pk).update(lights_off_s=30.0, lights_version=1)
    for name in ("all", "one"):
        draft = world.releases[f"{name} draft"]
        changed = change_release(
            release=draft,
            title=draft.title,
            composition=Composition.from_json(draft.composition),
            user=None,
        )
        frozen = Release.objects.filter(pk=world.releases[f"{name} frozen"].pk)
        frozen.update(preview=changed.preview)


def _bring_in(world: LeakWorld) -> None:
    """Preview files with other stages for the imported scoring of each night."""
    tables = [
        (night.name, night_csv(night.name, STAGES).encode()) for night in world.nights.values()
    ]
    made = request_import(
        study=world.study,
        files=[GivenFile(f"{name}.csv", len(data), [data]) for name, data in tables],
        options=ImportOptions(scorer="Imported file", counting=Counting.EPOCHS),
        user=None,
    )
    IMPORTS.run(made.pk)
    world.imported = made
    made = request_scoring_import(
        study=world.study,
        files=[
            GivenFile(f"{night.name}.txt", len(text), [text.encode()])
            for night in world.nights.values()
            if (text := "".join(f"{stage}\n" for stage in STAGES))
        ],
        options=StageImportOptions(scorer="Stage file"),
        user=None,
    )
    SCORING_IMPORTS.run(made.pk)
    world.stage_import = made


def _take_away(world: LeakWorld) -> None:
    """Make exports, and releases as drafts and frozen, of all nights and of one."""
    for maker in ("expert", "model"):
        scorer = world.sources[NONE, maker].scorer
        made = request_export(
            study=world.study, scorer=scorer, include_open=True, requested_by=None
        )
        make_export(EXPORTS.claim(made.pk))
    one_night = Composition(recordings=(world.nights[NONE].name,))
    for name, composition in {"all": Composition(), "one": one_night}.items():
        for state in ("draft", "frozen"):
            release = create_release(
                study=world.study, title=f"{name} {state}", composition=composition, user=None
            )
            if state == "frozen":
                release = freeze(release, {"all": "1.0.0", "one": "2.0.0"}[name])
            world.releases[f"{name} {state}"] = release
