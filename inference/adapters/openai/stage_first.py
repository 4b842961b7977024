"""Ask a server for the stage before any word: a short request beside that of the reply.

The server continues the beginning of a reply, and names the likeliest tokens at each place. On the
way of its own answer probabilities are exact. A beginning that leads elsewhere, such as ``N``
beside ``W``, is shared equally by the answers that begin so and stand for a single stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from inference.adapters.openai.chat import ChatClient, NoReplyError, TokenPlace
from inference.adapters.protocol import JsonObject
from inference.prompts.stage_first import StageQuestion

UNKNOWN = "none: the server names no likely tokens"
_MOST_TOKENS = 8
_LIKELIEST = 20
"""The most that the protocol allows."""


def gives_tokens(client: ChatClient, model: str) -> bool:
    """Return whether a server continues a beginning and names likely tokens."""
    begun: JsonObject = {
        "model": model,
        "messages": [{"role": "user", "content": "Say good morning."}],
    }
    try:
        return bool(client.complete(_continued(begun, "Good")).tokens)
    except NoReplyError:
        return False


def ask_stage(
    client: ChatClient, window: JsonObject, question: StageQuestion
) -> dict[str, float] | None:
    """Return the probabilities of the stages of a window; None where the server gives none.

    ``window`` is the request for the reply; what guides the reply is left out.
    """
    plain = {key: window[key] for key in ("model", "messages", "temperature")}
    try:
        places = client.complete(_continued(plain, question.opening)).tokens
    except NoReplyError:
        return None
    shares = answer_shares(places, question)
    return question.by_stage(shares) if sum(shares.values()) > 0 else None


def _continued(request: JsonObject, beginning: str) -> JsonObject:
    messages = request["messages"]
    assert isinstance(messages, list)
    return {
        **request,
        "messages": [*messages, {"role": "assistant", "content": beginning}],
        "continue_final_message": True,
        "add_generation_prompt": False,
        "max_tokens": _MOST_TOKENS,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": _LIKELIEST,
    }


def answer_shares(places: Sequence[TokenPlace], question: StageQuestion) -> dict[str, float]:
    """Return the share of each answer, from the likeliest tokens at each place."""
    shares = dict.fromkeys(question.answers, 0.0)
    begun, left = "", 1.0
    for place in places:
        weights = {
            token: exp(log_probability)
            for token, log_probability in place.likeliest.items()
            if _fitting(begun + token, question)
        }
        if place.written not in weights or len(_fitting(begun, question)) == 1:
            break
        whole = sum(weights.values())
        for token, weight in weights.items():
            if token != place.written:
                _share_out(shares, begun + token, left * weight / whole, question)
        left *= weights[place.written] / whole
        begun += place.written
    if begun:
        _share_out(shares, begun, left, question)
    return shares


def _fitting(begun: str, question: StageQuestion) -> list[str]:
    """Return the answers that begin so, or after which the text goes on."""
    return [a for a in question.answers if a.startswith(begun) or begun.startswith(a)]


def _share_out(shares: dict[str, float], begun: str, share: float, question: StageQuestion) -> None:
    fitting = _fitting(begun, question)
    certain = [answer for answer in fitting if len(question.answers[answer]) == 1] or fitting
    for answer in certain:
        shares[answer] += share / len(certain)
