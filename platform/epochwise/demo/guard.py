"""The demo signs people in without a password, so it runs on its own computer only."""

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

LOOPBACK_NAMES = {"localhost", ".localhost", ""}
# Headers in which proxies and tunnels name the sender of a request. Without them, a program on this
# computer that forwards requests cannot be distinguished from a person at this computer.
_FORWARDED = re.compile(
    r"HTTP_(?:FORWARDED|X_FORWARDED|X_REAL|VIA|CF_|CDN_|CLOUDFRONT_|FASTLY_|FLY_|TRUE_CLIENT_IP"
    r"|CLIENT_IP|X_CLIENT_IP|X_CLUSTER_CLIENT_IP|X_REMOTE_(?:IP|ADDR)|REMOTE_(?:IP|ADDR)"
    r"|X_ORIGINAL_|X_ORIGINATING_IP|X_PROXY|PROXY_|X_HOST|X_SCHEME|X_ENVOY_|X_AMZN_|X_AMZ_CF"
    r"|X_APPENGINE_|X_AZURE_|X_ARR_|X_NGINX_|X_SSL|X_HTTPS|FRONT_END_HTTPS|MAX_FORWARDS|NGROK_"
    r"|TAILSCALE_|X_VERCEL_|X_NF_|X_TUNNEL|X_ACCEL_|SSL_CLIENT_)"
)
_BIND_OPTION = re.compile(r"(?:--bind=?|-b=?)(.*)", re.DOTALL)


class RefuseForwarded:
    """Middleware: while the demo runs, refuse what was forwarded or comes from elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.DEMO and (_was_forwarded(request) or not _is_from_here(request)):
            return HttpResponse(
                "The demo answers only to a browser on the same computer, and this request came "
                "from another one, or through a proxy or a tunnel. For other people, start the "
                "site without the demo.\n",
                status=403,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


def _was_forwarded(request: HttpRequest) -> bool:
    return any(_FORWARDED.match(name) for name in request.META)


def _is_from_here(request: HttpRequest) -> bool:
    """Return whether the other end of the connection is this computer; a socket has no address."""
    peer = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return not peer
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:127.0.0.1
    return (mapped or address).is_loopback


def why_no_demo(
    environ: Mapping[str, str] = os.environ, arguments: Sequence[str] = tuple(sys.argv)
) -> str | None:
    """Return why the demo must not start here, with what to do; None if it may."""
    reason = _reason(environ, arguments)
    if reason is None:
        return None
    return (
        f"the demo signs everybody in without a password, but {reason}: unset it, or start the "
        "site without the demo (EPOCHWISE_DEMO, --demo)"
    )


def _reason(environ: Mapping[str, str], arguments: Sequence[str]) -> str | None:
    if environ.get("HTTPS", "0") not in {"", "0"}:
        return "HTTPS is set, so the site is open to others"
    if environ.get("DATABASE_URL"):
        return "DATABASE_URL is set, so this is a deployment"
    hosts = environ.get("ALLOWED_HOSTS", "").split(",")
    if public := _first_public(host.strip() for host in hosts):
        return f"ALLOWED_HOSTS has {public}, which is not this computer"
    for name in ("CSRF_TRUSTED_ORIGINS", "SITE_URL"):
        origins = [urlsplit(text.strip()).netloc for text in environ.get(name, "").split(",")]
        if public := _first_public(origins):
            return f"{name} has {public}, which is not this computer"
    if public := _first_public(_binds(environ, arguments)):
        return f"the server listens at {public}, so others can reach it"
    return None


def _first_public(hosts: Iterable[str]) -> str | None:
    return next((host for host in hosts if not _is_loopback(host)), None)


def _is_loopback(host: str) -> bool:
    """Return whether a host, with or without a port, is this computer."""
    if host.startswith(("unix:", "fd://")):
        return True
    name = host.lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name in LOOPBACK_NAMES:
        return not host.startswith(":")  # ":8000" means every address
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.isdigit() and name == host  # a port alone, as for runserver


def _binds(environ: Mapping[str, str], arguments: Sequence[str]) -> Iterator[str]:
    """Yield the addresses at which this command would listen."""
    yield from _bind_options(shlex.split(environ.get("GUNICORN_CMD_ARGS", "")))
    if arguments and "gunicorn" in arguments[0]:
        binds = list(_bind_options(arguments[1:]))
        yield from binds
        if not binds and environ.get("PORT"):
            yield f"0.0.0.0:{environ['PORT']}"  # what gunicorn makes of PORT
    if "runserver" in arguments:
        after = arguments[arguments.index("runserver") + 1 :]
        yield from filter(re.compile(r"(?:\S*:)?\d+").fullmatch, after)


def _bind_options(words: Sequence[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        option = _BIND_OPTION.fullmatch(word)
        if option and (option[1] or place + 1 < len(words)):
            yield option[1] or words[place + 1]
