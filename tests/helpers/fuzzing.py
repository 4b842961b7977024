"""Random requests: to every address, as everybody, with bodies close to valid ones and far off.

What an address reads is taken from the module of its view: the fields of its forms and serializers,
and the names that it looks up in forms and queries. So a new address needs no line here.
"""

import inspect
import json
import random
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from rest_framework import serializers

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
KINDS = (
    JSON,
    FORM,
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/json; charset=x",
    "",
)
HUGE = (-1, 0, 1, 2**15, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, 10**400)
LOOKED_UP = re.compile(r"(?:POST|GET|query_params|query|data)\.get(?:list)?\(\s*\"(\w+)\"")
DEEP = "@deep@"  # replaced by JSON that is too deep to be written by the usual way
TEXTS = (
    "",
    " ",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "nan",
    "inf",
    "-Infinity",
    "1e400",
    "١٢٣",
    "９",
    "²",
    "9" * 30,
    "9" * 5000,
    "-5",
    "1.5",
    "Größe \U0001f634",
    "\u202e\u200b\ufeff",
    "\ufffd",
    "x" * 70_000,
    "'; DROP TABLE studies_user; --",
    "<script>x()</script>",
    "../../etc/passwd",
    "%s%n{0}{{x}}",
    "2026-02-31",
    "0000-00-00",
    "99999-01-01",
    "24:61:61",
    "\r\nX: y",
    "true",
    "null",
    "[]",
)
SHAPES: tuple[Any, ...] = (
    None,
    True,
    False,
    0.5,
    -0.0,
    1e308,
    -1e-320,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    [None],
    [1, "a", {}],
    {"a": 1},
    {"": {}},
    {"\ud800": 1},
    {"a\0": [1]},
    [[0] * 300],
    DEEP,
)
HEADERS = {
    "HTTP_ACCEPT": ("*/*", "text/html", "application/xml", ";;;", "a" * 5000, "x/y; q=\ud800"),
    "HTTP_REFERER": ("http://testserver/", "http://[", "http://other/", "\0", "/x"),
    "HTTP_HX_REQUEST": ("true", "\ud800"),
    "HTTP_RANGE": ("bytes=0-1", "bytes=9-1", "bytes=-", "x"),
    "HTTP_IF_MODIFIED_SINCE": ("x", "Mon, 99 Foo 0000 99:99:99 GMT"),
    "HTTP_IF_NONE_MATCH": ('"x"', "*", ",,,"),
    "HTTP_COOKIE": ('sessionid="\\000aaaaaaaaaa"', "messages=x", "csrftoken=\xff", "a=b; =; ;"),
    "HTTP_AUTHORIZATION": ("Bearer ", "Bearer x\0", "Bearer \ud800", "Basic ??", "x" * 9000),
    "HTTP_X_FORWARDED_FOR": ("1.2.3.4", "x", "\0", "," * 500),
    "HTTP_HOST": ("testserver", "[::1", "evil.example", "localhost:99999", "a\0b"),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
}


@dataclass(frozen=True)
class Endpoint:
    """An address, the parts of its path, and the fields that its view may read."""

    name: str
    converters: tuple[tuple[str, str], ...]
    fields: dict[str, list[Any]] = field(hash=False)


def endpoints() -> list[Endpoint]:
    """Return all addresses of the site without those of the admin, by name."""
    found = {e.name: e for e in _endpoints(get_resolver().url_patterns)}
    return [found[name] for name in sorted(found)]


def _endpoints(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[Endpoint]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from _endpoints(pattern.url_patterns, space + inner)
        elif pattern.name:
            view = getattr(pattern.callback, "view_class", None) or inspect.unwrap(pattern.callback)
            converters = dict.fromkeys(pattern.pattern.regex.groupindex, "str")  # in any pattern
            kinds = {name: type(kind).__name__ for name, kind in pattern.pattern.converters.items()}
            yield Endpoint(
                name=space + pattern.name,
                converters=tuple({**converters, **kinds}.items()),
                fields=_fields_of(sys.modules[view.__module__]),
            )


def _fields_of(module: Any) -> dict[str, list[Any]]:
    """Return the names that a module may read from a request, each with valid values."""
    fields: dict[str, list[Any]] = {
        name: [] for name in LOOKED_UP.findall(inspect.getsource(module))
    }
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, forms.BaseForm | serializers.Serializer):
            for name, read in _declared(thing).items():
                fields.setdefault(name, []).extend(_valid(read))
    return fields


def _declared(thing: type) -> dict[str, Any]:
    if issubclass(thing, forms.BaseForm):
        return getattr(thing, "base_fields", {})
    return {**thing._declared_fields, **_made(thing)}


def _made(thing: type) -> dict[str, Any]:
    try:
        return dict(thing().fields)
    except Exception:  # a serializer may need a context to make its fields
        return {}


def _valid(read: Any) -> list[Any]:
    """Return values that a field of a form or serializer accepts, as far as its type tells."""
    if choices := getattr(read, "choices", None):
        return [value for value in _flat(choices) if isinstance(value, str | int)][:20]
    if isinstance(read, serializers.ListField | serializers.ListSerializer):
        child = {name: (_valid(part) or ["x"])[0] for name, part in _parts(read.child).items()}
        return [[], [child] if child else _valid(read.child)[:1]]
    return next((values for kind, values in VALID if isinstance(read, kind)), ["x"])


def _parts(child: Any) -> dict[str, Any]:
    return dict(child.fields) if isinstance(child, serializers.Serializer) else {}


def _flat(choices: Any) -> list[Any]:
    pairs = choices.items() if isinstance(choices, dict) else choices
    return [pair[0] if isinstance(pair, tuple | list) else pair for pair in pairs]


VALID: tuple[tuple[Any, list[Any]], ...] = (
    ((forms.UUIDField, serializers.UUIDField), [str(uuid.UUID(int=7)), str(uuid.UUID(int=8))]),
    ((forms.BooleanField, serializers.BooleanField), [True, False]),
    ((forms.IntegerField, serializers.IntegerField), [0, 1, 2, 3, 5, 20]),
    ((serializers.FloatField,), [0, 1.5, 30]),
    ((serializers.DictField,), [{}, {"a": 1}]),
    ((forms.DateField,), ["2026-12-01"]),
    ((forms.EmailField,), ["x@example.org"]),
)


@dataclass(frozen=True)
class Call:
    """A request, as `Client.generic` sends it."""

    endpoint: str
    person: str
    method: str
    path: str
    body: bytes
    kind: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        body = self.body if len(self.body) < 700 else self.body[:700] + b"..."
        return (
            f"{self.person}: {self.method} {self.path[:300]} [{self.kind}] {body!r} {self.headers}"
        )


@dataclass
class Fuzzer:
    """Draws calls. By address: valid `arguments` and `bodies`, and who is `allowed` to call how."""

    seed: int
    people: list[str]
    arguments: dict[str, Any]
    bodies: dict[str, Any]
    allowed: dict[str, list[tuple[str, list[str]]]]
    endpoints: list[Endpoint] = field(default_factory=endpoints)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def calls(self, count: int) -> Iterator[Call]:
        """Yield calls: all addresses in turn, each time with somebody and something else."""
        for number in range(count):
            yield self._call(self.endpoints[number % len(self.endpoints)])

    def _call(self, endpoint: Endpoint) -> Call:
        method, people = self._drawn_line(endpoint)
        person = self.draw.choice(people if self._once_in(1.4) else self.people)
        method = self.draw.choice(METHODS) if self._once_in(5) else method
        values = self._values(endpoint) if self._once_in(1.2) else self._value_of_any_shape()
        kind, body = "", b""
        if method not in ("GET", "HEAD", "OPTIONS") or self._once_in(10):
            kind = self.draw.choice(KINDS) if self._once_in(8) else self._usual_kind(endpoint)
            body = self._body(values, kind)
        return Call(
            endpoint=endpoint.name,
            person=person,
            method=method,
            path=self._path(endpoint) + self._query(endpoint),
            body=body,
            kind=kind,
            headers=self._headers(),
        )

    def _drawn_line(self, endpoint: Endpoint) -> tuple[str, list[str]]:
        lines = self.allowed.get(endpoint.name)
        return self.draw.choice(lines) if lines else (self.draw.choice(METHODS[:3]), self.people)

    def _usual_kind(self, endpoint: Endpoint) -> str:
        return JSON if "/api/" in self._valid_path(endpoint) else FORM

    def _once_in(self, times: float) -> bool:
        return self.draw.random() < 1 / times

    # Paths and queries

    def _path(self, endpoint: Endpoint) -> str:
        path = self._valid_path(endpoint)
        if not self._once_in(6):
            return path
        if self._once_in(4):
            return path + self.draw.choice(["%00", "%ff", "%ED%A0%80", "x", "/", "%2e%2e/"])
        arguments = {name: self._part(kind) for name, kind in endpoint.converters}
        try:
            return reverse(
                endpoint.name, kwargs={**self.arguments.get(endpoint.name, {}), **arguments}
            )
        except NoReverseMatch:
            return path

    def _valid_path(self, endpoint: Endpoint) -> str:
        known = self.arguments.get(endpoint.name, {})
        usual = {"IntConverter": 1, "SlugConverter": "ours", "UUIDConverter": uuid.UUID(int=7)}
        parts = {name: known.get(name, usual.get(kind, "x")) for name, kind in endpoint.converters}
        return reverse(endpoint.name, kwargs=parts)

    def _part(self, kind: str) -> Any:
        match kind:
            case "IntConverter":
                return abs(self.draw.choice(HUGE))
            case "SlugConverter":
                return self.draw.choice(["ours", "theirs", "x" * 300, "-", "1", "next"])
            case "UUIDConverter":
                return uuid.UUID(int=self.draw.getrandbits(128))
        return self.draw.choice(["x", "x" * 5000, "é", "a b", "\t"])

    def _query(self, endpoint: Endpoint) -> str:
        if not self._once_in(3):
            return ""
        names = [*endpoint.fields, "page", "count", "first", "view", "next", "q", "order"]
        drawn = self.draw.choices(names, k=self.draw.randint(1, 4))
        return "?" + _urlencoded({name: self._text(endpoint.fields.get(name)) for name in drawn})

    # Values

    def _values(self, endpoint: Endpoint) -> dict[str, Any]:
        """Return a body as the view reads it, with up to three fields spoiled or missing."""
        body = {
            name: self.draw.choice(valid) if valid else self.draw.choice(["x", "1", "W", ""])
            for name, valid in endpoint.fields.items()
        }
        if isinstance(known := self.bodies.get(endpoint.name), dict):
            body = {**known}
        for name in self.draw.sample(sorted(body), min(len(body), self.draw.randint(0, 3))):
            if self._once_in(6):
                del body[name]
            elif isinstance(body[name], list) and body[name] and self._once_in(2):
                body[name] = [self._spoiled_within(part) for part in body[name]]
            else:
                body[name] = self._value_of_any_shape()
        if self._once_in(10):
            body[self.draw.choice(TEXTS)[:200]] = self._value_of_any_shape()
        return body

    def _spoiled_within(self, part: Any) -> Any:
        if not isinstance(part, dict) or not part:
            return self._value_of_any_shape()
        return {**part, self.draw.choice(sorted(part)): self._value_of_any_shape()}

    def _value_of_any_shape(self) -> Any:
        return self.draw.choice([*TEXTS, *SHAPES, *HUGE])

    def _text(self, valid: list[Any] | None) -> str:
        value = (
            self.draw.choice(valid) if valid and self._once_in(2) else self._value_of_any_shape()
        )
        return value if isinstance(value, str) else str(value)[:5000]

    def _body(self, values: Any, kind: str) -> bytes:
        if self._once_in(25):
            return self.draw.choice(
                [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"x"', b"a=%00&b=%ff"]
            )
        if kind.startswith(JSON):
            text = json.dumps(values).replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000)
            return text.encode()
        pairs = values if isinstance(values, dict) else {"x": values}
        if kind.startswith("multipart"):
            return _multipart(pairs, with_file=self._once_in(2))
        return _urlencoded(pairs).encode()

    def _headers(self) -> dict[str, str]:
        if not self._once_in(8):
            return {}
        name = self.draw.choice(sorted(HEADERS))
        return {name: self.draw.choice(HEADERS[name])}


def _texts_of(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return ["on" if part is True else str(part) for part in values if part not in (None, False)]


def _urlencoded(pairs: dict[str, Any]) -> str:
    """Return names and values of a form; lone surrogates become bytes that are no UTF-8."""
    return "&".join(
        f"{_quoted(name)}={_quoted(text)}"
        for name, value in pairs.items()
        for text in _texts_of(value)
    )


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass")[:100_000])


def _multipart(pairs: dict[str, Any], *, with_file: bool) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, value in pairs.items()
        for text in _texts_of(value)
    ]
    if with_file:
        head = '--x\r\nContent-Disposition: form-data; name="file"; filename="../&#xD800;\0x.edf"'
        parts.append(f"{head}\r\n\r\n0       Lovelace\r\n")
    return "".join([*parts, "--x--\r\n"]).encode("utf-8", "surrogatepass")
