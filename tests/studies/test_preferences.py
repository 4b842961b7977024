"""Preferences belong to a user and are the same on every computer."""

import pytest

pytestmark = pytest.mark.django_db
DISPLAY = "/api/v1/me/display/"


def put(client, value, url=DISPLAY):
    return client.put(url, value, content_type="application/json")


def test_settings_come_back_as_they_were_kept(client_of, annotator):
    client = client_of(annotator)
    assert client.get(DISPLAY).json() == {}
    assert put(client, {"pageS": 60, "rows": [{"name": "µV <b>"}]}).status_code == 200
    put(client, {"stage:W": ["X", r"\u0000"]}, "/api/v1/me/keys/")
    assert client_of(annotator).get(DISPLAY).json() == {"pageS": 60, "rows": [{"name": "µV <b>"}]}
    assert client.get("/api/v1/me/keys/").json() == {"stage:W": ["X", r"\u0000"]}


def test_nobody_sees_the_settings_of_another(client_of, annotator, lead):
    put(client_of(annotator), {"pageS": 60})
    assert client_of(lead).get(DISPLAY).json() == {}


@pytest.mark.parametrize(
    "value",
    [
        [1],
        "text",
        {"rows": "x" * 40_000},
        {"name": "\u0000"},
        {"rows": [{"\0": 1}]},
        {"a": "\ud800"},
    ],
)
def test_what_cannot_be_settings_is_refused(client_of, annotator, value):
    assert put(client_of(annotator), value).status_code == 400
