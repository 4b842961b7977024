"""The network address that a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, or "unknown" (as behind a socket without a proxy's word).

    Anybody can write `X-Forwarded-For`. It is read only if `TRUSTED_PROXIES` says how many
    proxies of the site add to it, and then from its end.
    """
    peer = request.META.get("REMOTE_ADDR") or ""
    proxies = settings.TRUSTED_PROXIES
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(forwarded) >= proxies:
        return _address(forwarded[-proxies]) or _address(peer) or UNKNOWN
    return _address(peer) or UNKNOWN


def _address(text: str) -> str:
    """Return an address without port and brackets, or ""."""
    text = text.strip().partition("%")[0]  # without the interface of a link-local address
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
