"""Who is shown what of a night: every page, for every pair of roles and every mode of scoring.

`Law` says once more, in plain words and without `annotations.visibility`, what a person may be
shown. The walk asks for every address as each person, and looks in the answers for words that
stand for texts, nights and arms. A second walk, after everything hidden from a person has changed,
must bring that person the same answers: so no stage, number, size or hash tells of it either.
"""

import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import reverse

from annotations.adjudication.models import Adjudication
from annotations.exchange.models import Export, MassexImport, ScoringImport
from annotations.rating.models import RatingItem, RatingRater, RatingSlot, RatingStudy
from annotations.releases.models import Release
from annotations.releases.sharing import accept_terms, allow_outsider, end_download
from annotations.scoring.models import EpochComment, Scorer, Scoring
from inference.models import PreScoreRun
from recordings.models import Ingest, IntakeFile, Recording, SignalCorrection
from studies.accounts.signing_in import AccountBackend
from studies.models import Mode, Role, User
from studies.notices.kinds import KINDS
from tests.helpers.leak_walk import Answer, Endpoint, Walk, text_of
from tests.helpers.leak_world import (
    LOCKED_EPOCH,
    MODE_SETS,
    MODES,
    NONE,
    OVERSEERS,
    ROLE_SETS,
    SHOWN_IN,
    UNAIDED,
    WORD,
    LeakWorld,
    Person,
    build_world,
    change_what_is_hidden,
)

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# States of a rating study in which nobody learns the arms.
SEALED = (RatingStudy.State.OPEN, RatingStudy.State.CLOSED)
# Fields that would tell a rater where the text of an item comes from.
TELLING = {"kind", "arm", "source", "scorer", "scoring", "recording", "epoch", "text_sha256"}


class Law:
    """What each person of a world may be shown."""

    def __init__(self, world: LeakWorld) -> None:
        self._world = world
        self._places = {scoring.pk: place for place, scoring in world.sources.items()}
        self._owners = {
            scoring.pk: (person, mode)
            for person in world.people
            for mode, scoring in person.own.items()
        }
        slots = RatingSlot.objects.filter(item__rating_study__state=RatingStudy.State.OPEN)
        self._open_slots = {
            (slot.rater_id, str(slot.code)): slot
            for slot in slots.select_related("item__recording", "rating")
        }

    def may_see(self, person: Person, scoring: int, epoch: int) -> bool:
        """Whether a person may be shown an epoch of a scoring now, except as an item to rate."""
        night, _ = self._place(scoring)
        if self.rates_now(person, night) and not self._owns(person, scoring):
            return False
        return self.has_access(person, scoring, epoch)

    def has_access(self, person: Person, scoring: int, epoch: int) -> bool:
        """Whether an epoch of a scoring was or is shown to a person who rates nothing of it."""
        if self._owns(person, scoring):
            return True
        night, maker = self._place(scoring)
        is_suggested = night in person.modes and maker == SHOWN_IN.get(night, "")
        if self.scores_unaided(person, night):
            return is_suggested and epoch == LOCKED_EPOCH
        return bool(person.roles & OVERSEERS) or is_suggested

    def scores_unaided(self, person: Person, night: str) -> bool:
        return night in person.modes and night in UNAIDED

    def rates_now(self, person: Person, night: str) -> bool:
        recording = self._world.nights[night].pk
        return any(
            rater == person.user.pk and slot.item.recording_id == recording
            for (rater, _), slot in self._open_slots.items()
        )

    def may_rate(self, person: Person, item: RatingItem) -> bool:
        """A rater never had the text, and does not score the night without help."""
        night, _ = self._place(item.source.scoring_id)
        had = self.has_access(person, item.source.scoring_id, item.source.epoch)
        return person.is_rater and not had and not self.scores_unaided(person, night)

    def may_see_night(self, person: Person, night: Recording) -> bool:
        """A rater is told only of nights that they score: others could be behind an item."""
        is_own = night.pk in {scoring.recording_id for scoring in person.own.values()}
        return is_own or not person.is_rater

    def forbidden_in(self, person: Person, answer: Answer) -> set[str]:
        """Return the words in an answer that the person may not be shown."""
        return {word for word in answer.words if not self._may_read(person, answer, word)}

    def _may_read(self, person: Person, answer: Answer, word: str) -> bool:
        if night := self._world.night_words.get(word):
            return self.may_see_night(person, night)
        if word in self._world.arm_words:
            return Role.LEAD in person.roles and not self._is_sealed(answer)
        slot = self._open_slots.get((person.user.pk, str(answer.arguments.get("code"))))
        if slot is not None and word in _words_of(slot):
            return True
        return any(self.may_see(person, *where) for where in self._world.texts[word])

    def _place(self, scoring: int) -> tuple[str, str]:
        """Return the mode of the night, and the maker; none for people's own scorings."""
        if owner := self._owners.get(scoring):
            return owner[1], ""
        return self._places[scoring]

    def _owns(self, person: Person, scoring: int) -> bool:
        return scoring in self._owners and self._owners[scoring][0] == person

    def _is_sealed(self, answer: Answer) -> bool:
        sealed = [self._world.rating_studies[state].pk for state in SEALED]
        return answer.arguments.get("rating_study_id") in sealed


def _words_of(slot: RatingSlot) -> set[str]:
    rating = getattr(slot, "rating", None)
    return set(WORD.findall(f"{slot.item.words} {rating.comment if rating else ''}"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leaks")


@pytest.fixture(autouse=True)
def media(settings, folder: Path) -> Path:
    """Let all tests of this file read the files of one world."""
    settings.MEDIA_ROOT = folder
    return folder


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, folder: Path) -> Iterator[LeakWorld]:
    """One world for all tests, taken back after the last; each test takes back what it changed."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder),
        transaction.atomic(),
    ):
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def light(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave out of each of the thousands of requests what tells nothing of a night.

    Sessions are kept in memory, rows of users are read once, and refusals are not logged.
    """
    known: dict[int, User | None] = {}

    def get_user(backend: AccountBackend, user_id: int) -> User | None:
        if user_id not in known:
            known[user_id] = User.objects.filter(pk=user_id).first()
        return deepcopy(known[user_id])

    monkeypatch.setattr(AccountBackend, "get_user", get_user)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def test_every_pair_of_roles_and_every_mode_is_asked(world: LeakWorld) -> None:
    asked = {(person.roles, mode) for person in world.people for mode in person.modes}
    assert asked == {(frozenset(roles), mode) for roles in ROLE_SETS for mode in MODES}


@pytest.mark.parametrize("modes", MODE_SETS, ids="-".join)
def test_nobody_is_shown_what_they_may_not_see(world: LeakWorld, modes: tuple[str, ...]) -> None:
    law, walk = Law(world), Walk(world)
    leaks: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, set[str]] = defaultdict(set)
    own = set(modes) - {NONE}
    for person in (person for person in world.people if person.own.keys() == own):
        for answer in walk.answers(person):
            assert answer.status < 500, answer.url
            for word in law.forbidden_in(person, answer):
                leaks[f"{person.name} at {answer.url}"].add(world.meaning(word))
            shown[answer.endpoint.short] |= answer.words - law.forbidden_in(person, answer)
    assert dict(leaks) == {}
    # The walk is blind itself unless it finds what may be seen.
    silent = {name for name in SHOWN_SOMEWHERE if not shown[name] & world.texts.keys()}
    assert silent <= NOT_SHOWN_TO.get(modes, set())


@pytest.mark.parametrize("more", ["", " דוד"], ids=["plain", "shaped"])
def test_the_walk_reads_the_text_of_a_pdf(world: LeakWorld, more: str) -> None:
    lead = next(p for p in world.people if p.roles == {Role.LEAD} and not p.own)
    night, client = world.nights[NONE], world.client(lead)
    Recording.objects.filter(pk=night.pk).update(name=night.name + more)
    Scorer.objects.filter(pk=world.sources[NONE, "import"].scorer_id).update(
        label=f"mkscorerabzz{more}"
    )
    answer = client.get(reverse("annotations:night-report-pdf", args=[night.pk]))
    assert night.name.encode() not in answer.content  # what a walk without a reader looked at
    text = text_of(answer)
    assert night.name in text
    assert "mkscorerabzz" in text
    assert all(letter in text for letter in more)


def test_a_person_outside_reads_the_release_they_may_download_and_nothing_else(
    world: LeakWorld,
) -> None:
    guest = Person(User.objects.create(username="guest"), frozenset(), {})
    lead = next(p.user for p in world.people if p.roles == {Role.LEAD} and not p.own)
    release = world.releases["one frozen"]
    accept_terms(access=allow_outsider(release=release, person=guest.user, until=None, user=lead))
    source = world.sources[NONE, "consensus"].pk
    released = {word for word, where in world.texts.items() if source in dict(where)}
    released |= {word for word, night in world.night_words.items() if night == world.nights[NONE]}
    opened: dict[str, set[str]] = defaultdict(set)
    walk = Walk(world)
    for answer in walk.answers(guest):
        assert answer.status < 500, answer.url
        if answer.status == 200:
            opened[answer.endpoint.short] |= answer.words
    assert opened.keys() == {
        "home", "studies", "account", "inbox", "release-data", "release-download",
    }  # fmt: skip
    assert {name for name, words in opened.items() if words} == {"release-data", "release-download"}
    assert opened["release-download"] <= released
    assert opened["release-data"] & world.texts.keys()
    end_download(access=release.accesses.get(), user=lead)
    shown = [a.url for a in walk.answers(guest) if a.status == 200 and a.words]
    assert shown == []


def test_a_notice_says_no_more_than_the_page_it_leads_to(world: LeakWorld) -> None:
    law, inbox = Law(world), Endpoint("notices:inbox", frozenset())
    ids = {topic: list(rows.values_list("pk", flat=True)) for topic, rows in TOLD_OF.items()}
    kinds = {kind.topic: kind for kind in KINDS.values()}
    assert ids.keys() == kinds.keys()
    leaks, shut, told = set(), set(), set()
    for count, person in enumerate(world.people[::2]):
        able = {t: k for t, k in kinds.items() if k.role is None or k.role in person.roles}
        for topic, kind in able.items():
            things = list(kind.read(person.user, ids[topic]).values())
            text = " ".join(f"{thing.name} {thing.detail}" for thing in things)
            answer = Answer(inbox, {}, topic, 200, text)
            leaks |= {(person.name, topic, word) for word in law.forbidden_in(person, answer)}
            told |= {topic} if things else set()
            for thing in things[count % 5 :: 60]:
                if world.client(person).get(thing.address).status_code != 200:
                    shut.add((person.name, topic, thing.address))
    assert (leaks, shut) == (set(), set())
    # Of a topic of which nobody learns anything, nothing was tested.
    assert kinds.keys() - told == {"intake", "ingest", "correction"}


TOLD_OF = {
    "assignment": Scoring.objects.all(),
    "request": Scoring.objects.all(),
    "comment": EpochComment.objects.all(),
    "comparison": Recording.objects.all(),
    "adjudication": Adjudication.objects.all(),
    "rating": RatingStudy.objects.all(),
    "held": RatingRater.objects.all(),
    "launch": RatingStudy.objects.all(),
    "export": Export.objects.all(),
    "massex_import": MassexImport.objects.all(),
    "scoring_import": ScoringImport.objects.all(),
    "release": Release.objects.all(),
    "intake": IntakeFile.objects.all(),
    "ingest": Ingest.objects.all(),
    "correction": SignalCorrection.objects.all(),
    "run": PreScoreRun.objects.all(),
}


# Addresses at which somebody may read a text.
SHOWN_SOMEWHERE = {
    "api-adjudication", "api-replies", "comments", "epoch-history",
    "export-download", "home", "massex-import", "rating-gold", "rating-items", "rating-slot",
    "ratings-csv", "recording-epochs", "release-download", "release-findings", "release-rows",
    "run", "scoring", "study-epochs", "suggestions", "claims",
}  # fmt: skip
# People who score all nights unaided are shown no text of others in these; who has suggestions is
# shown texts in every address.
NOT_SHOWN_TO: dict[tuple[str, ...], set[str]] = {
    (NONE,): {"suggestions"},
    UNAIDED: {"export-download", "massex-import", "rating-gold", "rating-items", "ratings-csv"},
}


def test_nobody_rates_what_they_were_shown(world: LeakWorld) -> None:
    law = Law(world)
    people = {person.user.pk: person for person in world.people}
    slots = RatingSlot.objects.select_related("item__source", "item__rating_study")
    wrong = {
        (people[slot.rater_id].name, world.meaning(WORD.search(slot.item.words).group()))
        for slot in slots
        if not law.may_rate(people[slot.rater_id], slot.item)
    }
    assert wrong == set()
    raters = {mode for slot in slots for mode in people[slot.rater_id].modes}
    assert raters == set(MODES)


def test_raters_get_no_field_that_tells_a_source(world: LeakWorld) -> None:
    found = set()
    slots = RatingSlot.objects.filter(item__rating_study__state="open")
    for slot in slots.order_by("rater_id", "pk").distinct("rater_id"):
        person = next(p for p in world.people if p.user.pk == slot.rater_id)
        client = world.client(person)
        told = client.get(f"/api/v1/rating/{slot.code}/")
        queue = client.get(f"/api/v1/rating-studies/{slot.item.rating_study_id}/queue/")
        for answer in (told, queue):
            assert answer.status_code == 200
            found |= TELLING & set(_names_in(json.loads(answer.content)))
    assert found == set()


def _names_in(value: object) -> Iterator[str]:
    """Yield the names of all fields, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names_in(inner)


# What differs between two answers to the same question.
VOLATILE = re.compile(
    r'csrfmiddlewaretoken"[^>]*>|csrf-token"[^>]*>|name="seed"[^>]*>|nonce="[^"]*"|nonce-[^\']*'
    r"|Expires: .*|Content-Length: .*|X-Request-ID: .*"
    r"|\d{1,2} \w{3} 20\d\d, \d\d:\d\d|20\d\d-\d\d-\d\dT[\d:.+Z]*"
)


@pytest.mark.parametrize(
    ("mode", "roles"),
    [
        (Mode.BLIND, {Role.LEAD, Role.ANNOTATOR}),
        (Mode.REVEAL, {Role.ANNOTATOR, Role.ADJUDICATOR}),
        (Mode.BLIND, {Role.ANNOTATOR, Role.RATER}),
    ],
)
def test_nothing_hidden_changes_what_a_person_gets(
    world: LeakWorld, mode: Mode, roles: set[Role]
) -> None:
    """Stages, agreement, counts, sizes and hashes of a night tell of its scorings, too."""
    walk = Walk(world, every_query=True)
    person = next(p for p in world.people if mode in p.modes and p.roles == roles)
    before = _told(walk, person, mode)
    change_what_is_hidden(world, world.nights[mode])
    after = _told(walk, person, mode)
    assert {url for url, text in before.items() if after[url] != text} == set()


def test_what_may_be_seen_does_change(world: LeakWorld) -> None:
    lead = next(p for p in world.people if not p.own and p.roles == {Role.LEAD})
    client, night = world.client(lead), world.nights[NONE]
    pages = [f"/recordings/{night.pk}/agreement/", f"/releases/{world.releases['all draft'].pk}/"]
    before = [text_of(client.get(page)) for page in pages]
    change_what_is_hidden(world, night)
    after = [text_of(client.get(page)) for page in pages]
    changed = [a != b for a, b in zip(before, after, strict=True)]
    assert all(changed)


# Images of rating have a random length; the walk itself adds to what people did.
CHANGED_BY_WALK = {"rating-image", "account", "audit", "audit-csv"}


def _told(walk: Walk, person: Person, mode: Mode) -> dict[str, str]:
    return {
        f"{answer.url} {count}": VOLATILE.sub("", answer.text)
        for count, answer in enumerate(walk.answers(person, modes=[mode]))
        if answer.endpoint.short not in CHANGED_BY_WALK
    }
