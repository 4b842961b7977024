"""Every endpoint against every role, of the same study and of another, and against strangers.

The list of endpoints comes from the URL configuration: one without a line in EXPECTED fails,
so nothing new slips in unguarded. `own` in a line means: only the person it belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from studies.models import Role
from tests.helpers.world import PEOPLE, World

pytestmark = pytest.mark.django_db

LEAD = frozenset({"lead"})
OVERSEERS = frozenset({"lead", "adjudicator", "viewer"})
MEMBERS = frozenset({*PEOPLE, "owner"})
NOBODY: frozenset[str] = frozenset()  # of a study; the owner of the site is no member
# A rater gets through the rating all that it needs, and opens no recording.
READERS = MEMBERS - {"rater"}
ADJUDICATOR = frozenset({"adjudicator"})
RATER = frozenset({"rater"})  # the one whose queue it is
SITE = frozenset({"site"})  # a lead of the site, who has no role in any study
OWNER = frozenset({"owner"})  # the annotator whose scoring it is
GUEST = frozenset({"guest"})  # no member, whom a lead lets download the frozen release


@dataclass(frozen=True)
class Line:
    """Who may call one endpoint with one method, and what a member who may not is told."""

    method: str
    allowed: frozenset[str]
    refused_with: frozenset[int] = frozenset({403, 404})


# Open to everybody, signed in or not; nothing of a study is in them.
PUBLIC = {
    *("login", "logout", "livez", "readyz", "healthz", "demo-login", "home"),
    *("account_login", "account_logout", "account_inactive", "admin-logout", "admin-password"),
    *("account_reset_password", "account_reset_password_from_key"),
    *("studies:accept", "studies:accept-open"),
    *("help:index", "help:topic", "help:guide"),
}
# About the person who asks and nobody else: signed in is enough, of any study or none.
PERSONAL = {
    *("studies:display", "studies:keys", "studies:api-tokens", "studies:api-token-withdraw"),
    *("studies:account", "studies:session-end", "studies:sign-out-elsewhere"),
    *("notices:inbox", "notices:choices", "notices:open", "notices:seen"),
    "desk:studies",
    "account_change_password",
    "help:tour",
}
PREFERENCES = ("studies:display", "studies:keys")
# Asked for by a part of a page, which a redirect to the sign-in page would replace.
PARTS = {"notices:bell"}

EXPECTED: dict[str, list[Line]] = {
    "study": [Line("get", MEMBERS)],
    "site": [Line("get", NOBODY)],
    "site-audit": [Line("get", NOBODY)],
    "site-audit-csv": [Line("get", NOBODY)],
    "audit": [Line("get", LEAD)],
    "audit-csv": [Line("get", LEAD)],
    "studies:members": [Line("get", LEAD), Line("post", LEAD)],
    "studies:protocol": [Line("get", LEAD), Line("post", LEAD)],
    "studies:remove": [Line("post", LEAD)],
    "studies:withdraw": [Line("post", LEAD)],
    "studies:people": [Line("get", SITE)],
    "studies:person": [Line("get", SITE)],
    "studies:reset-link": [Line("post", SITE)],
    "studies:deactivate": [Line("post", SITE)],
    "studies:reactivate": [Line("post", SITE)],
    "studies:allow-studies": [Line("post", NOBODY)],
    # The lead of this world is allowed to manage studies; without that it is refused.
    "desk:new-study": [Line("get", LEAD), Line("post", LEAD)],
    "desk:settings": [Line("get", LEAD)],
    "desk:clone": [Line("get", LEAD), Line("post", LEAD)],
    "desk:archive": [Line("get", LEAD), Line("post", LEAD)],
    "desk:restore": [Line("get", LEAD), Line("post", LEAD)],
    "desk:needs": [Line("get", OVERSEERS)],
    "desk:plot": [Line("get", OVERSEERS)],
    "desk:give-role": [Line("get", LEAD), Line("post", LEAD)],
    "desk:removal": [Line("get", LEAD)],
    "studies:phrases": [Line("get", LEAD), Line("post", LEAD)],
    "studies:montages": [Line("get", MEMBERS), Line("put", LEAD)],
    "annotations:workbench": [Line("get", OVERSEERS | OWNER)],
    "annotations:assign": [Line("post", LEAD)],
    "annotations:scoring": [Line("get", OVERSEERS | OWNER)],
    "annotations:epoch-score": [Line("put", OWNER)],
    "annotations:submit": [Line("post", OWNER)],
    "annotations:scored-events": [Line("get", OVERSEERS | OWNER)],
    "annotations:scoring-edf": [Line("get", OVERSEERS | OWNER)],
    "annotations:scoring-csv": [Line("get", OVERSEERS | OWNER)],
    "annotations:scoring-tsv": [Line("get", OVERSEERS | OWNER)],
    "annotations:findings": [Line("get", OVERSEERS | OWNER)],
    "annotations:lights": [Line("get", OVERSEERS | OWNER), Line("put", OWNER)],
    "annotations:epoch-history": [Line("get", OVERSEERS | OWNER)],
    **{
        f"recordings:{tab}": [Line("get", READERS)]  # of scorings what each may see
        for tab in ("recording", "channels", "intake-record", "history", "signals")
    },
    "annotations:night-report": [Line("get", READERS)],  # likewise
    "annotations:night-report-pdf": [Line("get", READERS)],
    "recordings:remove": [Line("post", LEAD)],
    "recordings:lights": [Line("post", LEAD)],
    "recordings:upload": [Line("post", LEAD)],
    "recordings:intake": [Line("get", LEAD)],
    "recordings:intake-queue-page": [Line("get", LEAD)],
    "recordings:api-intake": [Line("get", LEAD), Line("post", LEAD)],
    "recordings:api-intake-queue": [
        Line("get", LEAD),
        Line("patch", LEAD),
        Line("delete", LEAD),
    ],
    "recordings:api-intake-pattern": [Line("post", LEAD)],
    "recordings:api-intake-uploads": [Line("post", LEAD), Line("options", LEAD)],
    "recordings:api-intake-upload": [
        Line("head", LEAD),
        Line("patch", LEAD),
        Line("delete", LEAD),
    ],
    "recordings:api-intake-file": [Line("patch", LEAD), Line("delete", LEAD)],
    "recordings:api-intake-night": [
        Line("get", LEAD),
        Line("patch", LEAD),
        Line("delete", LEAD),
    ],
    "recordings:api-intake-answers": [Line("post", LEAD)],
    "recordings:api-intake-channels": [Line("post", LEAD)],
    "recordings:api-intake-signals": [Line("get", LEAD)],
    "recordings:api-intake-import": [Line("post", LEAD)],
    "recordings:api-intake-rules": [Line("get", LEAD)],
    "recordings:api-intake-rule": [Line("delete", LEAD)],
    "desk:recordings": [Line("get", READERS)],  # of scorings what each may see
    "desk:recordings-csv": [Line("get", READERS)],
    "desk:recordings-view": [Line("post", READERS)],
    **{
        f"desk:recordings-{what}": [Line("post", LEAD)]
        for what in ("assign", "prescore", "due", "remind", "export")
    },
    "desk:scorings": [Line("get", LEAD)],
    "desk:scorings-csv": [Line("get", LEAD)],
    "desk:scorings-view": [Line("post", LEAD)],
    **{f"desk:scorings-{what}": [Line("post", LEAD)] for what in ("due", "remind")},
    "desk:view-remove": [Line("post", LEAD)],  # an own view, or a shared one
    "lifecycle:erase-recording": [Line("get", LEAD), Line("post", LEAD)],
    "lifecycle:erase-subject": [Line("get", LEAD), Line("post", LEAD)],
    "lifecycle:erase-person": [Line("get", NOBODY), Line("post", NOBODY)],  # the site's owner
    "lifecycle:correct": [Line("get", LEAD), Line("post", LEAD)],
    "lifecycle:correct-signals": [Line("get", LEAD), Line("post", LEAD)],
    "lifecycle:correction": [Line("get", READERS)],
    "lifecycle:api-corrections": [Line("get", LEAD), Line("post", LEAD)],
    "lifecycle:api-correction-preview": [Line("post", LEAD)],
    "recordings:api-recording": [Line("get", READERS)],
    "recordings:layout": [Line("get", READERS)],
    "recordings:epochs": [Line("get", READERS)],
    "recordings:envelope": [Line("get", READERS)],
    "recordings:spectrogram": [Line("get", READERS)],
    "annotations:recording-scorings": [Line("get", READERS | OWNER)],  # of what each may see
    "annotations:recording-agreement": [Line("get", READERS | OWNER)],  # likewise
    "annotations:recording-pair": [Line("get", READERS | OWNER)],
    "annotations:recording-epochs": [Line("get", READERS | OWNER)],
    "annotations:api-recording-agreement": [Line("get", READERS | OWNER)],
    "annotations:study-agreement": [Line("get", OVERSEERS)],
    "annotations:study-pair": [Line("get", OVERSEERS)],
    "annotations:study-epochs": [Line("get", OVERSEERS)],
    "annotations:api-study-agreement": [Line("get", OVERSEERS)],
    "annotations:study-agreement-plot": [Line("get", OVERSEERS)],
    "annotations:study-agreement-work": [Line("get", OVERSEERS), Line("post", OVERSEERS)],
    "annotations:doubtful": [Line("get", OVERSEERS)],
    "annotations:assistance": [Line("get", LEAD)],  # about single people
    "annotations:assistance-epochs": [Line("get", LEAD)],
    "annotations:api-assistance": [Line("get", LEAD)],
    "annotations:comments": [
        Line("get", OVERSEERS | OWNER),
        Line("post", OVERSEERS | OWNER),
    ],
    "annotations:comment-resolve": [Line("post", OVERSEERS | OWNER)],
    "annotations:scoring-page": [Line("get", LEAD | OWNER)],
    "annotations:ask": [Line("post", OWNER)],
    "annotations:decline": [Line("post", LEAD)],
    "annotations:reopen": [Line("post", LEAD)],
    "annotations:withdraw": [Line("post", LEAD)],
    "annotations:give-back": [Line("post", LEAD)],
    "annotations:reschedule": [Line("post", LEAD)],
    "annotations:reassign": [Line("post", LEAD)],
    "annotations:suggestions": [Line("get", OWNER)],
    "annotations:suggested-stages": [Line("get", OWNER)],
    "annotations:candidates": [Line("get", OWNER)],
    "annotations:claims": [Line("get", OVERSEERS | OWNER)],
    "annotations:lock": [Line("post", OWNER)],
    "annotations:adjudicate": [Line("get", ADJUDICATOR), Line("post", ADJUDICATOR)],
    "annotations:adjudication": [Line("get", ADJUDICATOR)],
    "annotations:api-adjudication": [Line("get", ADJUDICATOR)],
    "annotations:decision": [Line("put", ADJUDICATOR)],
    "annotations:adjudication-epochs": [Line("get", ADJUDICATOR)],
    "annotations:adjudication-majority": [Line("get", ADJUDICATOR), Line("post", ADJUDICATOR)],
    "annotations:adjudication-majority-withdraw": [Line("post", ADJUDICATOR)],
    "annotations:adjudication-comments": [Line("get", ADJUDICATOR), Line("post", ADJUDICATOR)],
    "annotations:adjudication-finish": [Line("post", ADJUDICATOR)],
    "annotations:adjudication-discard": [Line("post", ADJUDICATOR | LEAD)],
    "annotations:rate": [Line("get", RATER)],
    "annotations:rating-queue": [Line("get", RATER)],
    "annotations:rating-slot": [Line("get", RATER), Line("put", RATER)],
    "annotations:rating-image": [Line("get", RATER)],
    "annotations:rating-signals": [Line("get", RATER)],
    "annotations:rating-raw": [Line("get", RATER)],
    "annotations:rating-own-stage": [Line("put", RATER)],
    "annotations:rating-slot-gold": [Line("post", RATER)],
    "annotations:rating-studies": [Line("get", LEAD)],
    "annotations:rating-study-new": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:rating-design": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:rating-plan": [Line("get", LEAD)],
    "annotations:rating-gold": [Line("get", LEAD)],
    "annotations:rating-gold-save": [Line("post", LEAD)],
    "annotations:rating-gold-image": [Line("get", LEAD)],
    "annotations:rating-launch": [Line("post", LEAD)],
    "annotations:rating-launch-progress": [Line("get", LEAD)],
    "annotations:rating-discard": [Line("post", LEAD)],
    "annotations:rating-results": [Line("get", LEAD)],
    "annotations:rating-raters": [Line("get", LEAD)],
    "annotations:rating-admit": [Line("post", LEAD)],
    "annotations:rating-close": [Line("post", LEAD)],
    "annotations:rating-unblind": [Line("post", LEAD)],
    "annotations:ratings-csv": [Line("get", LEAD)],
    "annotations:rating-items": [Line("get", LEAD)],
    "annotations:rating-items-csv": [Line("get", LEAD)],
    "annotations:rating-results-csv": [Line("get", LEAD)],
    "annotations:rating-results-json": [Line("get", LEAD)],
    "annotations:massex-imports": [Line("get", LEAD)],
    "annotations:massex-import": [Line("get", LEAD)],
    "annotations:massex-import-progress": [Line("get", LEAD)],
    "annotations:massex-import-again": [Line("post", LEAD)],
    "annotations:massex-import-confirm": [Line("post", LEAD)],
    "annotations:massex-import-discard": [Line("post", LEAD)],
    "annotations:api-massex-imports": [Line("post", LEAD)],
    "annotations:import-scoring": [Line("get", LEAD)],
    "annotations:scoring-imports": [Line("get", LEAD)],
    "annotations:scoring-import": [Line("get", LEAD)],
    "annotations:scoring-import-progress": [Line("get", LEAD)],
    "annotations:scoring-import-again": [Line("post", LEAD)],
    "annotations:scoring-import-answer": [Line("post", LEAD)],
    "annotations:scoring-import-confirm": [Line("post", LEAD)],
    "annotations:scoring-import-discard": [Line("post", LEAD)],
    "annotations:api-scoring-imports": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:api-scoring-import": [
        Line("get", LEAD),
        Line("patch", LEAD),
        Line("delete", LEAD),
    ],
    "annotations:api-scoring-import-confirm": [Line("post", LEAD)],
    "annotations:exports": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:export-row": [Line("get", LEAD)],
    "annotations:export-download": [Line("get", LEAD)],
    "annotations:releases": [Line("get", LEAD)],
    "annotations:release-new": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:release-terms": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:release": [Line("get", LEAD)],
    "annotations:release-compose": [Line("get", LEAD), Line("post", LEAD)],
    "annotations:release-rows": [Line("get", LEAD)],
    "annotations:release-progress": [Line("get", LEAD)],
    "annotations:release-findings": [Line("get", LEAD)],
    "annotations:release-harmless": [Line("post", LEAD)],
    "annotations:release-correct": [Line("post", LEAD)],
    "annotations:release-wait": [Line("post", LEAD)],
    "annotations:release-freeze": [Line("post", LEAD)],
    "annotations:release-withdraw": [Line("post", LEAD)],
    "annotations:release-discard": [Line("post", LEAD)],
    # Members, too, when a lead lets them: tests/releases/test_sharing.py.
    "annotations:release-download": [Line("get", LEAD | GUEST)],
    "annotations:release-data": [Line("get", LEAD | GUEST)],
    "annotations:release-accept": [Line("post", GUEST)],
    "annotations:release-people": [Line("post", LEAD)],
    "annotations:release-outsider": [Line("get", LEAD), Line("post", LEAD)],
    "inference:runs": [Line("get", OVERSEERS)],
    "inference:start": [Line("post", LEAD)],
    "inference:models-compare": [Line("get", OVERSEERS)],
    "inference:add-model": [Line("get", NOBODY), Line("post", NOBODY)],  # owners of the site
    "inference:models": [Line("get", OVERSEERS)],
    "inference:check": [Line("post", LEAD)],
    "inference:promote": [Line("post", LEAD)],
    "inference:api-check": [Line("post", LEAD)],
    "inference:recording-runs": [Line("get", READERS | OWNER)],  # empty for those it is not for
    "inference:run": [Line("get", OVERSEERS)],
    "inference:cancel": [Line("post", LEAD)],
    "inference:pause": [Line("post", LEAD)],
    "inference:priority": [Line("post", LEAD)],
    "inference:resume": [Line("post", LEAD)],
    "inference:retry": [Line("post", LEAD)],
    "inference:api-runs": [Line("get", OVERSEERS), Line("post", LEAD)],
    "inference:api-bundles": [Line("get", OVERSEERS)],
    "inference:api-run": [Line("get", OVERSEERS)],
    "inference:api-replies": [Line("get", OVERSEERS)],
    "inference:api-cancel": [Line("post", LEAD)],
    "inference:api-pause": [Line("post", LEAD)],
    "inference:api-priority": [Line("post", LEAD)],
    "inference:api-resume": [Line("post", LEAD)],
    "inference:api-retry": [Line("post", LEAD)],
}


def endpoint_names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from endpoint_names(pattern.url_patterns, space + inner)
        else:
            yield space + (pattern.name or str(pattern.pattern))


ENDPOINTS = sorted(set(endpoint_names(get_resolver().url_patterns)) - PUBLIC - PERSONAL - PARTS)
CASES = [(name, line) for name in ENDPOINTS for line in EXPECTED.get(name, [])]


@pytest.fixture
def world(db, media) -> World:
    return World.build()


def test_every_endpoint_has_a_line():
    assert set(ENDPOINTS) == set(EXPECTED)


def call(world: World, client, name: str, method: str) -> int:
    url = reverse(name, kwargs=world.arguments[name])
    send = getattr(client, method)
    if method == "get":
        return send(url).status_code
    return send(url, world.bodies.get(name, {}), content_type=world.content_type(name)).status_code


def called_and_taken_back(world: World, person: str, name: str, method: str) -> int:
    """Call as a person; whatever it changed is undone, so that one world serves all calls."""
    point = transaction.savepoint()
    try:
        return call(world, world.client(person), name, method)
    finally:
        transaction.savepoint_rollback(point)
        transaction.savepoint_commit(point)  # otherwise each is nested in the one before


def is_as_it_should(line: Line, person: str, status: int) -> bool:
    if person in line.allowed:
        return status not in {401, 403, 404, 405, 500}
    return status in line.refused_with


MATRIX_PEOPLE = [*PEOPLE, "owner", "site", "guest"]


OF_ANOTHER_STUDY = [f"other-{role}" for role in Role]


@pytest.mark.long
def test_each_role_reaches_what_it_may_and_nothing_else(world):
    for person in MATRIX_PEOPLE:
        world.client(person)  # signed in before anything is taken back
    wrong = {
        (person, name, line.method): status
        for name, line in CASES
        for person in MATRIX_PEOPLE
        if not is_as_it_should(
            line, person, status := called_and_taken_back(world, person, name, line.method)
        )
    }
    assert wrong == {}


# Refused calls change nothing, so one world serves them all.


@pytest.mark.long
def test_members_of_another_study_find_nothing(world):
    found = {
        (person, name, line.method): status
        for person in OF_ANOTHER_STUDY
        for name, line in CASES
        if (status := call(world, world.client(person), name, line.method)) != 404
    }
    assert found == {}


def test_strangers_are_asked_to_sign_in(world):
    let_through = {
        (name, line.method): status
        for name, line in CASES
        if (status := call(world, world.client(None), name, line.method)) not in {302, 401}
    }
    assert let_through == {}


@pytest.mark.parametrize("name", sorted(PERSONAL - set(PREFERENCES)))
def test_strangers_have_no_account_page(client, name):
    arguments = {
        "studies:api-token-withdraw": [1],
        "studies:session-end": [1],
        "help:tour": ["home"],
        "notices:open": [1],
    }
    answer = client.post(reverse(name, args=arguments.get(name)))
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/login/")


@pytest.mark.parametrize("name", PREFERENCES)
def test_strangers_have_no_preferences(client, name):
    assert client.get(reverse(name)).status_code == 401
    assert client.put(reverse(name), {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize("name", sorted(PARTS))
def test_strangers_get_no_part_of_a_page(client, name):
    assert client.get(reverse(name)).status_code == 401


def test_only_staff_reach_the_admin(world):
    for person in PEOPLE:
        assert world.client(person).get("/admin/").status_code == 302
