"""Grammar of the replies to an epoch that keep to what was measured in it, in the form of Lark.

A rationale is a row of sentences of words. A sentence that names none of the limited kinds is free,
and so is the rest of one that has named another epoch. In all others, a kind is named as present or
as absent only as permitted, and numbers after its name are those measured. So the grammar is
narrower than the reading of claims: it knows no "spindles are absent", only "no spindles".

Its words are those of the free reply, of the rules and of the names of kinds: a model that is kept
from a word would else make up others. Everything is a plain word, number or sign and no expression
over whole sentences, which would be too large for the limits of llguidance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from inference.adapters.grounding import BoundForm
from inference.parsing.reply import RULES_KEY, STAGE_KEY
from inference.prompts import Prompt
from psg.claims import PermittedKind
from psg.events import EventKind, registry

_NO = ("no", "without", "neither", "lack", "lacks", "lacking", "absence")
_DENIALS = {*_NO, "not", "none", "never", "nor", "absent", "missing", "gone", "free", "devoid"}
_AT = ("at", "from", "around", "near", "between")
_COMMON = {"a", "and", "at", "for", "in", "is", "no", "of", "the", "with"}
_EYE = {"eye", "ocular"}  # else "slow eye movement" would be a word and a movement of the body
_BESIDE = "before after previous preceding prior next following subsequent neighbouring adjacent"
_FILL = "fill|fills|filling|cover|covers|occupy|occupies"
_BEFORE_TIMES = '(gap AT " " | " (" | ": ")'
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9']*")

_PIECES = rf"""
WS: /[ \n\r\t]{{1,40}}/
STOP: /[.!?]/
MARK: /[^A-Za-z0-9 "\\.!?\x00-\x1f]/ | /\\["\\\/]/
gap: " " | MARK " "? | " " MARK " "?
JOIN: /[ \-\u2010\u2011]/
NUMBER: /[0-9]+/
OR: /(?i:or|nor)/
NO: /(?i:{"|".join(_NO)})/
AT: /(?i:{"|".join(_AT)})/
EPOCH: /(?i:epochs?)/
BESIDE: /(?i:{_BESIDE.replace(" ", "|")})/
OF: /(?i:of|about|approximately|with)/
FILL: /(?i:{_FILL})/
UNIT_S: "s"
UNIT_HZ: "Hz"
UNIT_UV: /[\u00b5\u03bcu]V/
MORE: "more"
between: ", " | " and " | ", and " | " or " | " to " | "-" | "\u2013"
"""


def bound_grammar(prompt: Prompt, form: BoundForm) -> str:
    """Return the grammar of a reply with this form. The code fence is optional."""
    fields = {RULES_KEY: "rules", STAGE_KEY: json.dumps(json.dumps(form.stage.value))}
    pairs = [
        f'{json.dumps(json.dumps(key))} WS? ":" WS? {fields.get(key, "rationale")}'
        for key in prompt.keys
    ]
    body = ' WS? "," WS? '.join(pairs)
    lines = [
        f"start: {'fenced | object' if prompt.fence else 'object'}",
        r'fenced: "```json\n" object /\n?/ "```" /\n?/',
        f'object: "{{" WS? {body} WS? "}}"',
        *_rules(form.rules),
        _PIECES,
        *_words(form),
        *_rationale(form.kinds),
    ]
    return "\n".join(lines)


def _rules(ids: Sequence[str]) -> list[str]:
    """Return an array of rules; of none where no rule may be cited."""
    if not ids:
        return ['rules: "[" WS? "]"']
    rule = " | ".join(json.dumps(json.dumps(rule)) for rule in ids)
    return ['rules: "[" WS? (rule (WS? "," WS? rule)*)? WS? "]"', f"rule: {rule}"]


def _words(form: BoundForm) -> list[str]:
    """Return words that are no part of a claim, and those that a claim may hold besides."""
    names = [word for kind in registry.EVENT_KINDS for name in kind.names for word in name.split()]
    own = {word.lower() for word in _WORD.findall(form.words)} | _COMMON
    free = own.difference(_key_words(form.kinds), _plurals(_key_words(form.kinds)))
    plain = free.difference(_DENIALS, _EYE, _AT)
    return [
        f"ANYWORD: {_one_of({*own, *names, *_plurals(names)})}",
        f"WORD: {_one_of(free)}",
        f"PLAIN: {_one_of(plain)}",
    ]


def _plurals(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (f"{word}s", f"{word}es")


def _one_of(words: Iterable[str]) -> str:
    return f"/(?i:{'|'.join(sorted(words))})/"


def _key_words(kinds: Iterable[PermittedKind]) -> Iterable[str]:
    """Yield the last word of each name: no free word is one, so no free words make a name."""
    for its in kinds:
        for name in _shortest(its.kind):
            yield name[-1]


def _shortest(kind: EventKind) -> list[tuple[str, ...]]:
    """Return the names of a kind as words, without those that only add words to another."""
    names = sorted({tuple(name.split(" ")) for name in kind.names}, key=len)
    return [
        name
        for name in names
        if not any(name != other and name[: len(other)] == other for other in names)
    ]


def _rationale(kinds: Sequence[PermittedKind]) -> list[str]:
    present = [its for its in kinds if its.present]
    absent = [its for its in kinds if its.absent]
    clauses = [f"present_{its.kind.id}" for its in present] + ["absent"] * bool(absent)
    limited = {its.kind.id for its in kinds}
    others = [
        kind
        for kind in registry.EVENT_KINDS
        if kind.names and not limited.intersection((kind.id, *kind.parts))
    ]
    sentences = [
        "(gap? (free gap)* beside (ANYWORD | NUMBER | gap)* STOP)",
        "(gap? (free gap)* free? STOP)",
        *(["(gap? (plain gap)* clause (gap clause)* gap? STOP)"] if clauses else []),
    ]
    lines = [
        r'rationale: "\"" sentence (" " sentence)* "\""',
        f"sentence: {' | '.join(sentences)}",
        "beside: EPOCH gap BESIDE | BESIDE gap EPOCH",
        "free: WORD | NUMBER WORD? | other",
        "plain: PLAIN | other",
        f"other: {' | '.join(_names(kind) for kind in others)}",
    ]
    if clauses:
        lines.append(f"clause: {' | '.join(clauses)}")
    if absent:
        lines += [
            "absent: NO gap (listed gap)* none (gap (listed gap)* none)* (gap plain)*",
            "listed: plain | OR",
            f"none: {' | '.join(_names(its.kind) for its in absent)}",
        ]
    return lines + [line for its in present for line in _present(its)]


def _present(its: PermittedKind) -> list[str]:
    """Return the rules of a kind that is stated as present, with the numbers that may follow."""
    kind_id = its.kind.id
    if not its.is_trusted:
        return [f"present_{kind_id}: ({_names(its.kind)}) (gap (plain | NUMBER))*"]
    measured, terminals = _numbers(its)
    rest = " | ".join(["(gap (PLAIN | other))", *measured])
    return [f"present_{kind_id}: ({_names(its.kind)}) ({rest})*", *terminals]


def _numbers(its: PermittedKind) -> tuple[list[str], list[str]]:
    """Return what may follow a name, and its rules: times, seconds filled, share, Hz, size."""
    name = its.kind.id.upper()
    # Anywhere else "to 12" could only go on as "to 120 uV", where 12 s are not measured.
    aside = '(gap OF " " | ", " | " (" | " ~")'
    forms = {
        "FILLED": (its.filled_whole_s, "gap", '" " UNIT_S'),
        "PERCENT": (its.filled_percent, f'({aside} | gap FILL " ")', '" "? "%"'),
        "HERTZ": (its.hertz, aside, '" "? UNIT_HZ'),
        "SIZE": (its.microvolts, aside, '" "? UNIT_UV'),
    }
    given = {form: its for form, its in forms.items() if its[0]}
    lines = [f"{form}_{name}: /{_either(its[0])}/" for form, its in given.items()]
    measured = [f"({before} {form}_{name} {unit})" for form, (_, before, unit) in given.items()]
    if its.events:
        rows = _rows(its)
        rest = ""
        if len(its.events) > 1:
            lines.append(f"REST_{name}: /{_either(range(1, len(its.events)))}/")
            rest = f'(" and " REST_{name} " " MORE)?'
        measured.append(f'({_BEFORE_TIMES} after_{its.kind.id}_0 " " UNIT_S {rest})')
        lines += rows
    return measured, lines


def _rows(its: PermittedKind) -> list[str]:
    """Return rules of rows of times, a single time for each event, in the order of events."""
    kind_id, last = its.kind.id, len(its.seconds_of_events) - 1
    lines = []
    for n, seconds in enumerate(its.seconds_of_events):
        following = f" (between after_{kind_id}_{n + 1})?" if n < last else ""
        later = f" | after_{kind_id}_{n + 1}" if n < last else ""
        lines += [
            f"TIME_{kind_id.upper()}_{n}: /{_either(seconds)}/",
            f"row_{kind_id}_{n}: TIME_{kind_id.upper()}_{n}{following}",
            f"after_{kind_id}_{n}: row_{kind_id}_{n}{later}",
        ]
    return lines


def _names(kind: EventKind) -> str:
    """Return the names of a kind in singular and plural, their words joined by blank or hyphen."""
    return " | ".join(" JOIN ".join(_name(words)) for words in _shortest(kind))


def _name(words: Sequence[str]) -> list[str]:
    *first, last = (re.escape(word) for word in words)
    return [*(f"/(?i:{word})/" for word in first), f"/(?i:{last}(s|es)?)/"]


def _either(numbers: Iterable[int]) -> str:
    return "|".join(map(str, numbers))


def _any_of(patterns: Iterable[str]) -> str:
    return "(" + "|".join(patterns) + ")"
