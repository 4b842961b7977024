"""Log lines: each has the id of its request, and none has a secret.

Links that let somebody in (invitations, resets of passwords), tokens, passwords and cookies are
replaced when a line is written, whatever part of the program wrote it, tracebacks included.
"""

import logging
import re
from contextvars import ContextVar

HIDDEN = "[hidden]"
LINE = "{asctime} {levelname} {name} [{request_id}]: {message}"

# The id of the present request; "-" outside of requests.
request_id: ContextVar[str] = ContextVar("request_id", default="-")

_SECRET_WORDS = (
    r"[\w.-]*(?:token|passw(?:or)?d|secret|signature|sessionid|session_key|api[_-]?key)[\w.-]*"
)
_QUERY_WORDS = r"key|code|otp|pw|auth|sig"
_SLASH = r"(?:/|%2f)"
# A pattern and what replaces it; \1 is the part that stays.
_SECRETS = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in [
        # Links: /invitations/TOKEN/, /reset/UID/TOKEN/, /accounts/password/reset/key/UID-TOKEN/.
        (rf"({_SLASH}invitations?{_SLASH})[^/\s?#\"'&%]+", rf"\1{HIDDEN}"),
        (rf"({_SLASH}(?:key|reset|confirm-email|confirm){_SLASH})[^\s?#\"'&]+", rf"\1{HIDDEN}"),
        (r"epw_[\w-]+", HIDDEN),
        (r"((?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)[^\r\n'\",;]+", rf"\1{HIDDEN}"),
        (r"\b((?:bearer|basic)\s+)(?!\[)[\w.~+/=-]{8,}", rf"\1{HIDDEN}"),
        (r"((?:set-)?cookie['\"]?\s*:\s*['\"]?)[^\r\n]+", rf"\1{HIDDEN}"),
        # name=value, "name": "value", name: value.
        (rf"(\b{_SECRET_WORDS}['\"]?\s*[=:]\s*\[?)(['\"])(?:\\.|(?!\2).)*\2", rf"\1\2{HIDDEN}\2"),
        (rf"(\b{_SECRET_WORDS}\s*=\s*)(?!['\"\[])[^\s&;,\"')}}\]]+", rf"\1{HIDDEN}"),
        (rf"(\b{_SECRET_WORDS}:\s*)(?!['\"\[])[^\s&;,\"')}}\]]+", rf"\1{HIDDEN}"),
        (rf"([?&](?:{_QUERY_WORDS})=)[^\s&;\"']+", rf"\1{HIDDEN}"),
        # The password in the address of a server.
        (r"(\w+://[^\s:/@]*:)[^\s@/]+(@)", rf"\1{HIDDEN}\2"),
    ]
]


def without_secrets(text: str) -> str:
    """Return the text with every token, password and secret link replaced."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class SafeFormatter(logging.Formatter):
    """Adds the id of the request to a line, and removes secrets from it and its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get()
        return without_secrets(super().format(record))
