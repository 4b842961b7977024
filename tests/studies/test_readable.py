"""Text and JSON that cannot be stored: refused with a sentence, wherever a request carries it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from studies.models import Preferences
from studies.storable import DEEPEST

HALF = '"\\ud800"'  # a lone surrogate, as JSON writes it
DISPLAY = reverse("studies:display")


@pytest.fixture
def client(client_of, lead) -> Client:
    return client_of(lead)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a": ' + HALF.encode() + b"}", "half a character"),
        (b"{" + HALF.encode() + b": 1}", "half a character"),
        (b'{"a": [{"b": "x\\u0000"}]}', "NUL"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'{"a": NaN}', "not a number"),
        (b'{"a": -Infinity}', "not a number"),
        (b'{"a": 1e400}', "not finite"),
        (b'{"a": 9223372036854775808}', "64 bits"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b"[" * 200_000, "too deep"),
        (b'{"a":' * 50_000, "too deep"),
        (b"[" * DEEPEST + b"[]" + b"]" * DEEPEST, "levels deep"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b"{'a': 1}", "not valid JSON"),
    ],
)
def test_json_that_cannot_be_stored_is_refused_with_the_reason(client, body, why):
    response = client.generic("PUT", DISPLAY, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "unreadable")
    assert why in response.json()["detail"]
    assert not Preferences.objects.exists()


def test_json_as_deep_and_large_as_allowed_is_kept(client):
    deep: object = "Größe \U0001f634"
    for _ in range(DEEPEST - 2):
        deep = [deep]
    value = {"deep": deep, "large": 2**63 - 1, "small": -(2**63), "number": 0.5}
    assert client.put(DISPLAY, value, content_type="application/json").status_code == 200
    assert client.get(DISPLAY).json() == value


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape", "idna", "latin-1"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_no_other_charset_is_read(client, charset, kind):
    for url in (DISPLAY, reverse("login") + "?next=x"):
        for method in ("GET", "PUT", "POST"):
            response = client.generic(method, url, "x", content_type=f"{kind}; charset={charset}")
            assert response.status_code == 400
            assert "UTF-8" in response.content.decode()


def test_utf_8_may_be_said(client):
    kind = "application/json; charset=UTF-8"
    assert client.generic("PUT", DISPLAY, "{}", content_type=kind).status_code == 200


@pytest.mark.parametrize("query", ["a=%00", "%00=1", "a=%FF", "a=%ED%A0%80", "a=1&b=x%00y"])
def test_a_query_that_cannot_be_read_is_refused(client, query):
    for url in (DISPLAY, "/", reverse("login"), "/admin/"):
        response = client.get(f"{url}?{query}")
        assert response.status_code == 400
        assert "A field of the form" in response.content.decode()


@pytest.mark.parametrize("value", ["x\0y", "\ud800"])
def test_forms_of_pages_are_refused_with_the_page(client, study, value):
    forms = {
        "application/x-www-form-urlencoded": b"title=%00" if "\0" in value else b"title=%ED%A0%80",
        "multipart/form-data; boundary=x": (
            b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n'
            + value.encode("utf-8", "surrogatepass")
            + b"\r\n--x--\r\n"
        ),
    }
    for kind, body in forms.items():
        for url in (reverse("studies:protocol", args=[study.slug]), reverse("login")):
            response = client.generic("POST", url, body, content_type=kind)
            assert response.status_code == 400
            assert "Refused" in response.content.decode()


def test_names_of_fields_and_files_are_read_too(client, study):
    url = reverse("recordings:upload", args=[study.slug])
    for name in (b"subject\0", b"\xed\xa0\x80"):
        body = b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\nv\r\n--x--\r\n'
        response = client.generic("POST", url, body, content_type="multipart/form-data; boundary=x")
        assert response.status_code == 400
        assert response.json()["code"] in {"unreadable", "not_understood"}


@pytest.mark.parametrize("header", ["Authorization", "Referer", "HX-Request", "X-CSRFToken"])
def test_headers_are_read_too(client, header):
    for value in ("x\0", "\ud800"):
        assert client.get("/", headers={header: value}).status_code == 400


def test_a_cookie_that_cannot_be_read_is_refused(client):
    """A quoted cookie may write any character as three figures."""
    for name in ("sessionid", "csrftoken", "other"):
        response = Client().get("/", headers={"cookie": f'{name}="\\000aaaaaaaaaaaa"'})
        assert response.status_code == 400


@pytest.mark.parametrize("path", ["/studies/a%00b/", "/invitations/%00/", "/%00", "/static/%00"])
def test_a_path_that_cannot_be_read_leads_nowhere(client, path):
    assert client.get(path).status_code == 404


def test_a_form_of_too_many_fields_is_refused(client, study):
    url = reverse("studies:protocol", args=[study.slug])
    body = "&".join(f"a{n}=1" for n in range(2000))
    kind = "application/x-www-form-urlencoded"
    assert client.generic("POST", url, body, content_type=kind).status_code == 400
    too_large = client.generic("POST", url, "a=" + "x" * 5 * 2**20, content_type=kind)
    assert too_large.status_code == 413
    assert "too large" in too_large.content.decode()


def test_every_answer_of_the_api_that_refuses_has_a_code(client, study):
    answers = {
        "not_authenticated": Client().get(DISPLAY),
        "method_not_allowed": client.delete(DISPLAY),
        "not_found": client.get(reverse("recordings:api-recording", args=[2**70])),
        "unsupported_media_type": client.generic("PUT", DISPLAY, "a", content_type="text/plain"),
        "not_acceptable": client.get(DISPLAY, headers={"accept": "application/xml"}),
    }
    assert {code: answer.json()["code"] for code, answer in answers.items()} == {
        code: code for code in answers
    }
    assert all(json.loads(answer.content)["detail"] for answer in answers.values())


def test_an_unreadable_content_type_is_not_an_error_of_the_server(db):
    """The request of Django reads it before any middleware could refuse."""
    from epochwise.wsgi import application

    answers: list[str] = []
    for kind in ("charset*=bogus''x", "charset=hex", "charset=rot13", "charset=nonsense"):
        environ = {**Client()._base_environ(), "CONTENT_TYPE": f"text/plain; {kind}"}
        environ |= {"PATH_INFO": DISPLAY, "HTTP_HOST": "localhost", "QUERY_STRING": "a=b"}
        list(application(environ, lambda status, headers, *_: answers.append(status)))
    assert {answer[:3] for answer in answers} == {"401"}
