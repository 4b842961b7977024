"""Replies bound to the published form: how to request them, and whether a server can.

Servers that cannot often take the request and ignore the wish, so a server is believed only
when it writes, under guidance, something no model would write by itself.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable

from pydantic import JsonValue

from inference.adapters.openai.chat import ChatClient, NoReplyError
from inference.adapters.protocol import JsonObject
from inference.bundles import BundleError, BundleSpec
from inference.parsing.reply import RATIONALE_KEY, RULES_KEY, STAGE_KEY
from psg.stages import STAGES

Guidance = JsonObject
NONE = "none"
_GAP = r"[ \n]{0,6}"  # on one line or indented; without a bound a model may write blanks for ever


def guidance_for(spec: BundleSpec, client: ChatClient, model: str) -> tuple[str, Guidance]:
    """Return the name of the first way that works with a server, and the fields that request it.

    A pattern comes first, as vLLM takes it: it keeps the fence that the published replies
    have. A schema, which more servers know, gives the bare object.
    """
    schema, pattern = reply_schema(spec), reply_pattern(spec)
    ways: list[tuple[str, Callable[[str], Guidance], Guidance]] = [
        ("pattern", lambda word: _by_pattern(re.escape(word)), _by_pattern(pattern)),
        ("schema", lambda word: _by_schema({"type": "string", "enum": [word]}), _by_schema(schema)),
    ]
    for name, probe, fields in ways:
        if _obeys(client, model, probe):
            return name, fields
    return NONE, {}


def _obeys(client: ChatClient, model: str, probe: Callable[[str], Guidance]) -> bool:
    word = f"probe{secrets.token_hex(4)}"
    body: JsonObject = {
        "model": model,
        "messages": [{"role": "user", "content": "Say good morning."}],
        "max_tokens": 24,
        "temperature": 0,
        **probe(word),
    }
    try:
        return client.complete(body).text.strip().strip('"') == word
    except NoReplyError:
        return False


def _by_pattern(pattern: str) -> Guidance:
    return {"structured_outputs": {"regex": pattern}}


def _by_schema(schema: JsonObject) -> Guidance:
    form: JsonValue = {"name": "epoch", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def reply_schema(spec: BundleSpec) -> JsonObject:
    """The form of a reply as JSON schema, its keys in the order of the prompt."""
    kinds: dict[str, JsonValue] = {
        RATIONALE_KEY: {"type": "string"},
        RULES_KEY: {"type": "array", "items": {"enum": list(spec.edition.rule_ids)}},
        STAGE_KEY: {"enum": [stage.value for stage in STAGES]},
    }
    return {
        "type": "object",
        "properties": {key: kinds[key] for key in _keys(spec)},
        "required": list(_keys(spec)),
        "additionalProperties": False,
    }


def reply_pattern(spec: BundleSpec) -> str:
    """The same form as a regular expression, with its fence where the prompt has one."""
    rule = _one_of(spec.edition.rule_ids)
    kinds = {
        RATIONALE_KEY: r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])+"',
        RULES_KEY: rf"\[{_GAP}{rule}(?:,{_GAP}{rule})*{_GAP}\]",
        STAGE_KEY: _one_of([stage.value for stage in STAGES]),
    }
    fields = [rf"{re.escape(json.dumps(key))}: ?{kinds[key]}" for key in _keys(spec)]
    body = rf"\{{{_GAP}{f',{_GAP}'.join(fields)}{_GAP}\}}"
    return rf"```json\n{body}\n```" if spec.prompt.fence else body


def _one_of(words: list[str] | tuple[str, ...]) -> str:
    return '"(?:' + "|".join(re.escape(word) for word in words) + ')"'


def _keys(spec: BundleSpec) -> tuple[str, ...]:
    known = {RATIONALE_KEY, RULES_KEY, STAGE_KEY}
    if unknown := set(spec.prompt.keys) - known:
        raise BundleError(
            "Replies with other keys cannot be guided: " + ", ".join(sorted(unknown)),
            where=spec.name,
            advice="Set guided = false under [server].",
        )
    return spec.prompt.keys
