"""Guided replies: request the published form, and test whether a server supports it.

Servers without support often accept the request and ignore the guidance. So each server is tested:
it has to write, under guidance, a random word that no model would write otherwise.
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
_GAP = r"[ \n]{0,6}"  # without a limit a model may write blanks endlessly


def guidance_for(spec: BundleSpec, client: ChatClient, model: str) -> tuple[str, Guidance]:
    """Return the first kind of guidance that a server supports, and the fields that request it.

    A pattern (vLLM) is tried first: it includes the code fence of the published replies. A JSON
    schema, which more servers support, gives the object without fence.
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
        return client.complete(body).text.strip().strip('"').lower() == word
    except NoReplyError:
        return False


def by_grammar(grammar: str) -> Guidance:
    """Return the fields that request a reply under a Lark grammar (vLLM with llguidance)."""
    return {"structured_outputs": {"grammar": grammar}}


def obeys_grammar(client: ChatClient, model: str) -> bool:
    """Test whether a server writes under a grammar with the features that bound replies use."""

    def probe(word: str) -> Guidance:
        return by_grammar(f'start: /(?i:p)/ rest\nrest: "{word[1:]}"')

    return _obeys(client, model, probe)


def _by_pattern(pattern: str) -> Guidance:
    return {"structured_outputs": {"regex": pattern}}


def _by_schema(schema: JsonObject) -> Guidance:
    form: JsonValue = {"name": "epoch", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def reply_schema(spec: BundleSpec) -> JsonObject:
    """Form of a reply as JSON schema, with the keys in the order of the prompt."""
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
    """Form of a reply as regular expression, with a code fence if the prompt has it."""
    rule = _any_of(spec.edition.rule_ids)
    kinds = {
        RATIONALE_KEY: r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])+"',
        RULES_KEY: rf"\[{_GAP}{rule}(?:,{_GAP}{rule})*{_GAP}\]",
        STAGE_KEY: _any_of([stage.value for stage in STAGES]),
    }
    fields = [rf"{re.escape(json.dumps(key))}: ?{kinds[key]}" for key in _keys(spec)]
    body = rf"\{{{_GAP}{f',{_GAP}'.join(fields)}{_GAP}\}}"
    return rf"```json\n{body}\n```" if spec.prompt.fence else body


def _any_of(words: list[str] | tuple[str, ...]) -> str:
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
