"""A licence as programs name it, where it is one of Creative Commons."""

import re

_CREATIVE_COMMONS = re.compile(r"CC[ -]?(?P<kind>0|BY(?:-[A-Z]{2})*)[ -](?P<version>\d\.\d)")


def licence_id(text: str) -> str | None:
    """Return such as ``cc-by-nc-4.0``; None for a licence of another kind."""
    if not (found := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    kind = "cc0" if found["kind"] == "0" else f"cc-{found['kind'].lower()}"
    return f"{kind}-{found['version']}"


def licence_url(text: str) -> str | None:
    """Return where Creative Commons has its text; None for a licence of another kind."""
    if not (found := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    if found["kind"] == "0":
        return f"https://creativecommons.org/publicdomain/zero/{found['version']}/"
    return f"https://creativecommons.org/licenses/{found['kind'].lower()}/{found['version']}/"
