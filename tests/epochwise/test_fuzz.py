"""Random requests to every address as everybody: no error of the server, and refusals of one form.

Each run makes the same requests. To look further, or to repeat what was found:
`EPOCHWISE_FUZZ_SEED=7 EPOCHWISE_FUZZ_REQUESTS=20000 pytest tests/epochwise/test_fuzz.py -s`.
"""

import os
import traceback
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from studies.authentication import make_api_token
from studies.models import User
from tests.epochwise.test_permission_matrix import EXPECTED
from tests.helpers.fuzzing import Call, Fuzzer
from tests.helpers.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]
SEED = int(os.environ.get("EPOCHWISE_FUZZ_SEED", "1"))
REQUESTS = int(os.environ.get("EPOCHWISE_FUZZ_REQUESTS", "2000"))
STRANGER, TOKEN, SUPERUSER = "stranger", "token", "superuser"


@pytest.fixture
def world(media) -> World:
    world = World.build()
    world.people[SUPERUSER] = User.objects.create(username=SUPERUSER, is_superuser=True)
    return world


@pytest.fixture
def fuzzer(world: World) -> Fuzzer:
    return Fuzzer(
        seed=SEED,
        people=[*world.people, STRANGER, TOKEN],
        arguments=world.arguments,
        bodies=world.bodies,
        allowed={
            name: [
                (line.method.upper(), sorted(line.allowed & world.people.keys()) or [SUPERUSER])
                for line in lines
            ]
            for name, lines in EXPECTED.items()
        },
    )


def clients_of(world: World, people: list[str]) -> dict[str, Client]:
    clients = {name: world.client(None if name in (STRANGER, TOKEN) else name) for name in people}
    _, token = make_api_token(user=world.people["lead"], name="fuzz", days=1)
    clients[TOKEN] = Client(headers={"authorization": f"Bearer {token}"})
    for client in clients.values():
        client.raise_request_exception = False
    return clients


def answer_to(call: Call, client: Client) -> Any:
    """Send a call, read the whole answer, and take back what it changed."""
    cookies = dict(client.cookies)
    point = transaction.savepoint()
    try:
        headers: dict[str, Any] = dict(call.headers)
        response = client.generic(call.method, call.path, call.body, call.kind, **headers)
        if response.streaming:
            list(response.streaming_content)
        return response
    finally:
        transaction.savepoint_rollback(point)
        transaction.savepoint_commit(point)  # otherwise each is nested in the one before
        client.cookies.clear()
        client.cookies.update(cookies)


def what_is_wrong(response: Any) -> str:
    if response.status_code >= 500:
        error = response.exc_info[1] if response.exc_info else None
        where = traceback.extract_tb(error.__traceback__)[-1] if error else ""
        return f"{response.status_code}: {error!r:.300} {where}"
    is_json = response.headers.get("Content-Type") == "application/json"
    if response.status_code >= 400 and is_json and "/api/" in response.request["PATH_INFO"]:
        stated = response.json() if response.content else {"detail": "", "code": ""}  # HEAD
        if not (isinstance(stated, dict) and {"detail", "code"} <= stated.keys()):
            return f"{response.status_code}: not a refusal: {response.content[:200]!r}"
    return ""


def test_no_request_is_an_error_of_the_server(world: World, fuzzer: Fuzzer):
    print(f"seed {SEED}, {REQUESTS} requests")
    clients = clients_of(world, fuzzer.people)
    wrong: dict[str, str] = {}
    seen: dict[int, int] = {}
    for call in fuzzer.calls(REQUESTS):
        response = answer_to(call, clients[call.person])
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
        if why := what_is_wrong(response):
            wrong.setdefault(f"{call.endpoint} {why}", str(call))
    print(dict(sorted(seen.items())))
    assert wrong == {}, f"seed {SEED}: " + "\n\n".join(f"{why}\n  {c}" for why, c in wrong.items())
