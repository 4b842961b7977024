"""Every address that answers GET, filled in from the database, and the words that come back."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pypdf import PdfReader

from annotations.exchange.models import Export
from annotations.rating.models import RatingSlot
from annotations.releases.models import ReleaseFinding
from annotations.scoring.models import EpochComment
from epochwise.desk.plots import PLOTS
from epochwise.desk.recordings_table import RecordingsTable
from inference.models import ModelBundle, PreScoreRun
from recordings.intake.models import IntakeQueue
from studies.models import Membership, Notice, Role
from tests.helpers.leak_world import MAKERS, MODES, NONE, ROLE_SETS, WORD, LeakWorld, Person
from tests.helpers.world import agreement_work

# Of the person who asks and of nobody else, or of accounts.
NOT_OF_A_STUDY = {
    "login", "logout", "livez", "readyz", "healthz", "demo-login", "studies:accept",
    "account_login", "account_logout", "account_inactive", "admin-logout", "admin-password",
    "account_reset_password", "account_reset_password_from_key", "account_change_password",
    "studies:display", "studies:keys", "studies:api-tokens", "studies:api-token-withdraw",
    "notices:choices", "notices:seen", "notices:bell",
    "studies:session-end", "studies:sign-out-elsewhere", "studies:accept-open",
    "help:index", "help:topic", "help:guide", "help:tour",
}  # fmt: skip
# What addresses take in their queries that shows more, or in another way.
EVERY_COLUMN = "&".join(f"column={name}" for name in RecordingsTable.base_columns)
QUERIES = {
    "suggestions": ["first=0&count=6"],
    "candidates": ["first=0&count=6"],
    "claims": ["first=0&count=6"],
    "epochs": ["count=4", "count=1&view=raw"],
    "layout": ["", "view=raw"],
    "recording-scorings": ["", "all"],
    "study-agreement": ["", "{pair}"],
    "recording-agreement": ["open"],
    "study-epochs": ["words=on&open"],
    "recording-epochs": ["words=on&open"],
    "study-pair": ["{pair}"],
    "recording-pair": ["{pair}"],
    "api-study-agreement": ["", "{pair}"],
    "study-agreement-plot": ["", "{pair}"],
    "api-recording-agreement": ["open", "{pair}"],
    "assistance-epochs": ["mode=reveal&number=every", "mode=assisted&number=every"],
    "api-replies": ["", "failed=1"],
    "release": ["", "against=1.0.0"],
    "release-findings": ["", "done"],
    "release-rows": ["", "page=2"],
    "rating-results": ["", "by=arm"],
    "recordings": [EVERY_COLUMN, f"{EVERY_COLUMN}&sort=-kappa&kappa_below=1"],
    "recordings-csv": [EVERY_COLUMN],
    "rating-signals": ["", "view=raw"],
    "adjudication-epochs": ["epochs=0,1,2"],
    "adjudication-comments": ["epoch=0&before=1000000"],
    "adjudication-majority": ["percent=51&least_sides=2&with_models=true"],
}
# Addresses of a scoring that show its texts: asked for every scoring of the own night.
SHOW_TEXTS = {"workbench", "scoring", "scoring-csv", "epoch-history", "comments", "claims"}


@dataclass(frozen=True)
class Endpoint:
    """An address by its name, with the names of its arguments."""

    name: str
    arguments: frozenset[str]

    @property
    def short(self) -> str:
        return self.name.rpartition(":")[2]


def endpoints() -> list[Endpoint]:
    found = _endpoints(get_resolver().url_patterns)
    return [endpoint for endpoint in found if endpoint.name not in NOT_OF_A_STUDY]


def _endpoints(patterns: Iterable[URLPattern | URLResolver], space: str = "") -> Iterator[Endpoint]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            arguments = frozenset(pattern.pattern.converters)
            yield Endpoint(f"{space}{pattern.name}", arguments)
        elif pattern.app_name != "admin":
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _endpoints(pattern.url_patterns, space + inner)


@dataclass(frozen=True)
class Answer:
    """What a person got: every byte of it that can be read as text, headers included."""

    endpoint: Endpoint
    arguments: Mapping[str, Any]
    url: str
    status: int
    text: str

    @property
    def words(self) -> set[str]:
        return set(WORD.findall(self.text))


class Walk:
    """The addresses of a world. Those that refuse GET are left out after the first attempt.

    A person asks as somebody of each of their modes, and nothing twice. Of several queries to an
    address each mode asks one, by turns, unless `every_query` is set. The turn is odd in every
    other mode of the same roles, so all roles ask each query.
    """

    def __init__(self, world: LeakWorld, *, every_query: bool = False) -> None:
        self._world = world
        self._every_query = every_query
        self._endpoints = endpoints()
        self._not_read: set[str] = set()
        self._fixed = _fixed_arguments(world)

    def answers(self, person: Person, *, modes: Iterable[str] = ()) -> Iterator[Answer]:
        """Ask for everything; of many nights and scorings for own ones, and others by turns."""
        client, asked = self._world.client(person), set[str]()
        for mode in modes or person.modes:
            for endpoint, arguments, url in self._addresses(person, mode):
                if url in asked or endpoint.name in self._not_read:
                    continue
                asked.add(url)
                answer = client.get(url)
                if answer.status_code == 405:
                    self._not_read.add(endpoint.name)
                    continue
                yield Answer(endpoint, arguments, url, answer.status_code, text_of(answer))

    def _addresses(
        self, person: Person, mode: str
    ) -> Iterator[tuple[Endpoint, Mapping[str, Any], str]]:
        turn = self._turn(person, mode)
        for endpoint in self._endpoints:
            for arguments in self._arguments(endpoint, person, mode, turn):
                given = {**_rest(endpoint), **arguments}
                url = reverse(
                    endpoint.name, kwargs={name: given[name] for name in endpoint.arguments}
                )
                for query in self._queries(endpoint, turn):
                    asks = f"?{query.format(pair=self._pair)}" if query else ""
                    yield endpoint, arguments, url + asks

    def _turn(self, person: Person, mode: str) -> int:
        people = self._world.people
        roles = people.index(person) % len(ROLE_SETS) if person in people else 0
        return MODES.index(mode) * len(ROLE_SETS) + roles

    def _queries(self, endpoint: Endpoint, turn: int) -> list[str]:
        queries = QUERIES.get(endpoint.short, [""])
        return queries if self._every_query else [queries[turn % len(queries)]]

    @cached_property
    def _pair(self) -> str:
        expert = self._world.sources[NONE, "expert"].scorer_id
        return f"a={expert}&b={self._world.sources[NONE, 'consensus'].scorer_id}"

    def _arguments(
        self, endpoint: Endpoint, person: Person, mode: str, turn: int
    ) -> list[Mapping[str, Any]]:
        wanted = endpoint.arguments
        if not wanted:
            return [{}]
        if wanted == {"rating_study_id", "code"}:
            return self._fixed["items"][: 2 if Role.LEAD in person.roles else 1]
        if "code" in wanted:
            return self._slots(endpoint, person, turn)
        if "scoring_id" in wanted:
            return self._scorings(endpoint, person, mode, turn)
        if "recording_id" in wanted:
            return [{"recording_id": pk} for pk in self._nights(mode, turn)]
        if "run_id" in wanted:
            runs = PreScoreRun.objects.filter(recording__in=self._nights(mode, turn))
            return [{"run_id": pk} for pk in runs.order_by("pk").values_list("pk", flat=True)]
        keys = wanted & self._fixed.keys()
        several = self._fixed[min(keys - {"slug", "release_id"}, default=min(keys))]
        if person.roles in (set(), {Role.LEAD}) or "adjudication_id" in keys:
            return several
        turns = [turn, turn + 1] if Role.LEAD in person.roles else [turn]
        return [several[n] for n in sorted({n % len(several) for n in turns})]

    def _nights(self, mode: str, turn: int) -> list[int]:
        other = MODES[turn % len(MODES)]
        return [self._world.nights[name].pk for name in dict.fromkeys([mode, other])]

    def _scorings(
        self, endpoint: Endpoint, person: Person, mode: str, turn: int
    ) -> list[Mapping[str, Any]]:
        night = [self._world.sources[mode, maker] for maker in MAKERS]
        if endpoint.short not in SHOW_TEXTS:
            night = night[turn % 4 :][:1]
        of_stranger = MODES[1 + turn % 4]
        stranger = next(p for p in self._world.people if of_stranger in p.modes)
        other = self._world.sources[MODES[turn % 5], MAKERS[turn % 4]]
        asked = [*night, person.own.get(mode), stranger.own[of_stranger], other]
        asked = asked[: len(night) + 1 + turn % 3]
        more = {"epoch": turn % 3} if "epoch" in endpoint.arguments else {}
        return [{"scoring_id": scoring.pk, **more} for scoring in asked if scoring is not None]

    def _slots(self, endpoint: Endpoint, person: Person, turn: int) -> list[Mapping[str, Any]]:
        slots = RatingSlot.objects.order_by("pk")
        own = list(slots.filter(rater=person.user))
        others = list(slots.exclude(rater=person.user))
        asked = [*(own[:5] if endpoint.short == "rating-slot" else own[:1])]
        asked.append(others[turn % len(others)])
        return [{"code": slot.code} for slot in asked]


def _rest(endpoint: Endpoint) -> dict[str, Any]:
    """Return the arguments that say nothing of what is shown."""
    rest = {"epoch": 0, "first": 0, "which": "target", "settlement_id": 1}
    return {name: rest[name] for name in endpoint.arguments & rest.keys()}


def _fixed_arguments(world: LeakWorld) -> dict[str, list[Mapping[str, Any]]]:
    """Return the arguments that do not depend on who asks, by the name of the one that counts."""
    slug = {"slug": world.study.slug}
    draft = world.rating_studies["draft"]
    gold = draft.items.filter(phase="calibration")
    findings = {f.release_id: f for f in ReleaseFinding.objects.filter(release__state="draft")}
    bundle = ModelBundle.objects.get(name="rules")
    exports = Export.objects.filter(study=world.study)
    rating_studies = world.rating_studies.values()
    comments = EpochComment.objects.order_by("pk")
    return {
        "slug": [slug],
        "name": [{**slug, "name": name} for name in PLOTS],
        "user_id": [{"user_id": world.people[0].user.pk}],
        "subject_id": [{**slug, "subject_id": world.nights[NONE].subject_id}],
        "items": [{"rating_study_id": draft.pk, "code": item.code} for item in gold],
        "adjudication_id": [{"adjudication_id": a.pk} for a in world.adjudications.values()],
        "rating_study_id": [{"rating_study_id": r.pk} for r in rating_studies],
        "export_id": [{"export_id": export.pk} for export in exports],
        "work_id": [{**slug, "work_id": agreement_work(world.study, world.people[0].user).pk}],
        "release_id": [{"release_id": release.pk} for release in world.releases.values()],
        "finding_id": [{"release_id": r, "finding_id": f.pk} for r, f in findings.items()],
        "bundle_id": [{**slug, "bundle_id": bundle.pk}],
        "comment_id": [{"comment_id": comments[0].pk}],
        "membership_id": [{**slug, "membership_id": Membership.objects.first().pk}],
        "invitation_id": [{**slug, "invitation_id": 1}],
        "import_id": [{"import_id": world.imported.pk}],
        "scoring_import_id": [{"scoring_import_id": world.stage_import.pk}],
        "view_id": [{**slug, "view_id": 1}],
        "queue_id": [_of_the_queue(world)],
        "rule_id": [{**slug, "rule_id": 1}],
        "correction_id": [{"correction_id": 1}],
        "notice_id": [{"notice_id": n.pk} for n in Notice.objects.order_by("pk")[:1]],
        "seat_id": [{"seat_id": world.rating_studies["open"].panel.first().pk}],
    }


def _of_the_queue(world: LeakWorld) -> Mapping[str, Any]:
    """Return a queue of recordings with a night that waits; all that it holds is for leads."""
    queue = IntakeQueue.objects.create(study=world.study)
    file = queue.files.create(name="S01.edf", path="waits.edf", size_bytes=1)
    night = queue.nights.create(file=file)
    return {
        "slug": world.study.slug,
        "queue_id": queue.pk,
        "night_id": night.pk,
        "file_id": file.pk,
        "upload": file.path,
    }


def text_of(answer: HttpResponseBase) -> str:
    """Return headers and content; of archives that of every file in them, of PDFs the text."""
    streamed = getattr(answer, "streaming_content", None)
    content = b"".join(streamed) if streamed is not None else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{headers}\n" + _unpacked(content)


def _unpacked(content: bytes) -> str:
    if content.startswith(b"%PDF-"):  # its streams are compressed, its letters numbers of a font
        document = PdfReader(io.BytesIO(content))
        return "\n".join([f"{document.metadata}", *(p.extract_text() for p in document.pages)])
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{n}\n{_unpacked(archive.read(n))}" for n in archive.namelist())
