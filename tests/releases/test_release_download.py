"""Taking a release away: whole, in parts, after it broke off; who took it is kept once."""

import base64
import hashlib
from datetime import timedelta

import pytest

from annotations.releases.models import ReleaseEvent
from studies.authentication import make_api_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(settled, frozen):
    settled("01-0001")
    return frozen("1.0.0")


@pytest.fixture
def take(client_of, lead, release):
    """Ask for the file: `take(Range="bytes=5-")`."""
    client = client_of(lead)

    def ask(method: str = "get", **headers: str):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(client, method)(f"/releases/{release.pk}/download/", headers=headers)

    return ask


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def downloads() -> int:
    return ReleaseEvent.objects.filter(kind="downloaded").count()


def test_a_download_that_broke_off_goes_on_and_is_kept_once(take, release, lead):
    whole = take()
    blocks = iter(whole.streaming_content)
    got = next(blocks)[:1000]  # and then the line was lost
    rest = take(Range=f"bytes={len(got)}-", If_Range=whole["ETag"])
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 1000-{release.size - 1}/{release.size}"
    assert rest["Content-Length"] == str(release.size - 1000)
    data = got + body(rest)
    assert hashlib.sha256(data).hexdigest() == release.sha256
    for answer in (whole, rest):
        assert answer["Accept-Ranges"] == "bytes"
        assert answer["ETag"] == f'"{release.sha256}"'
        digest = answer["Repr-Digest"].removeprefix("sha-256=:").removesuffix(":")
        assert base64.b64decode(digest).hex() == release.sha256
    assert downloads() == 1
    assert whole["Content-Disposition"] == f'attachment; filename="{release.file_name}"'


def test_parts_without_a_beginning_and_another_day_are_kept_too(take, release):
    body(take(Range="bytes=10-"))
    body(take(Range="bytes=0-9"))
    assert downloads() == 1
    event = ReleaseEvent.objects.get(kind="downloaded")
    event.at -= timedelta(days=2)
    event.save()
    body(take(Range="bytes=20-"))
    body(take())
    assert downloads() == 3
    assert take("head")["Content-Length"] == str(release.size)
    assert downloads() == 3


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=-7", -7, None), ("bytes=3-99999999", 3, None)],
)
def test_any_part_of_the_file_can_be_asked_for(take, release, asked, first, last):
    with open(release.file.path, "rb") as file:
        data = file.read()
    expected = data[first:] if last is None else data[first : last + 1]
    answer = take(Range=asked)
    assert answer.status_code == 206
    assert body(answer) == expected


def test_what_lies_outside_is_refused_and_what_cannot_be_read_is_answered_whole(take, release):
    for asked in (f"bytes={release.size}-", "bytes=-0"):
        answer = take(Range=asked)
        assert answer.status_code == 416
        assert answer["Content-Range"] == f"bytes */{release.size}"
    assert downloads() == 0
    other = f'"{"0" * 64}"'
    for headers in (
        {"Range": "bytes=5-", "If_Range": other},
        {"Range": "bytes=9-5"},
        {"Range": "bytes=0-1,5-6"},
        {"Range": "epochs=1-2"},
        {"Range": "bytes=-"},
    ):
        answer = take(**headers)
        assert (answer.status_code, len(body(answer))) == (200, release.size)


def test_a_program_takes_it_with_the_token_of_a_lead_alone(client, release, lead, annotator):
    address = f"/releases/{release.pk}/download/"

    def take_with(token: str):
        return client.get(address, headers={"authorization": f"Bearer {token}"})

    _, of_lead = make_api_token(user=lead, name="GPU box", days=1)
    _, of_annotator = make_api_token(user=annotator, name="laptop", days=1)
    assert hashlib.sha256(body(take_with(of_lead))).hexdigest() == release.sha256
    assert ReleaseEvent.objects.get(kind="downloaded").user == lead
    assert take_with(of_annotator).status_code == 404
    assert take_with("epw_made-up").status_code == 401
    assert client.get(address).status_code == 302  # nobody has been signed in by it
