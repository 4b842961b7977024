"""JavaScript has no list of its own of what the server registers: an entry there is enough."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotations.rating import words
from annotations.rating.words import DIMENSION_WORDS
from annotations.scoring.models import Flag
from annotations.templatetags.registries import registries_for_browser
from psg.events import registry
from psg.events.registry import EVENT_KINDS, EventKind
from psg.montage import Derivation
from psg.stages import STAGES
from tests.helpers.node import run_node

JS = Path(__file__).resolve().parents[2] / "static/js"
LISTS = {
    "kinds of events": {kind_id for kind in EVENT_KINDS for kind_id in (kind.id, *kind.former_ids)},
    "dimensions": set(DIMENSION_WORDS),
    "stages": {stage.value for stage in STAGES},
    "flags": {flag.value for flag in Flag},
}
TWINKLE = EventKind(
    "twinkle",
    "twinkle",
    names=("twinkle", "cortical twinkle"),
    derivations=(Derivation.O2,),
    letter="Z",
    measures=("frequency", "size"),
    former_ids=("glimmer",),
)
MARK = {
    "kind": "twinkle",
    "derivation": "C4-M1",
    "start_s": 3,
    "end_s": 4,
    "values": {"frequency_hz": 9, "peak_to_peak_uv": 50},
}


def evaluated(module: str, expression: str) -> Any:
    """The value of an expression in JavaScript, with what the module exports as `m`."""
    script = (
        f'const m = await import("{(JS / module).as_uri()}");'
        f"console.log(JSON.stringify({expression}));"
    )
    run = run_node("--input-type=module", "-e", script, registries=registries_for_browser())
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("registered", LISTS)
def test_no_module_lists_what_the_server_registers(registered):
    """A statement may name an entry for what is special of it; more of them are a list."""
    ids = LISTS[registered]
    names = "|".join(map(re.escape, ids))
    entry = re.compile(rf"""["'`](?:\w+:)?({names})["'`]|\b({names}):""")
    most = min(2, len(ids) - 1)
    listing = {
        f"{path.relative_to(JS)}: {statement.strip()[:80]}"
        for path in sorted(JS.rglob("*.js"))
        for statement in path.read_text().split(";")
        if len(set(entry.findall(statement))) > most
    }
    assert listing == set()


@pytest.fixture
def twinkle(monkeypatch):
    monkeypatch.setattr(registry, "EVENT_KINDS", (*EVENT_KINDS, TWINKLE))


@pytest.mark.usefixtures("twinkle")
def test_a_new_kind_is_known_to_marks_and_their_phrases():
    last = "m.MARKED_KINDS.map(({ letter, label }) => `${letter} ${label}`).at(-1)"
    assert evaluated("signals/evidence.js", last) == "Z twinkle"
    phrase = evaluated("signals/evidence.js", f"m.phraseOf({json.dumps(MARK)})")
    assert phrase == "Twinkle in C4-M1 at 3.0-4.0 s, 9.0 Hz, 50 µV."
    assert evaluated("signals/evidence.js", 'm.currentKind("glimmer")') == "twinkle"


@pytest.mark.usefixtures("twinkle")
def test_a_new_kind_is_recognized_in_a_rationale():
    score = json.dumps({"rationale": "Cortical twinkle at 3.0 s.", "evidence": [MARK]})
    assert evaluated("signals/evidence.js", f"m.cited({score}).length") == 1
    places = evaluated("rating/text.js", 'm.piecesOf("Twinkles at 5.1 s.")')
    assert [piece["place"]["derivations"] for piece in places if piece["place"]] == [["O2-M1"]]


def test_a_new_dimension_is_required_in_a_rating(monkeypatch):
    wit = replace(DIMENSION_WORDS["logical_coherence"], name="wit", title="Wit", short="wit")
    monkeypatch.setattr(words, "DIMENSION_WORDS", {**DIMENSION_WORDS, "wit": wit})
    assert evaluated("rating/form.js", "m.missingOf(m.emptyRating())") == [*DIMENSION_WORDS, "wit"]


def test_stages_and_flags_have_keys():
    keys = evaluated("keys/tables.js", "m.BINDINGS.map(({ action, keys }) => [action, keys])")
    of_stages = {action: keys for action, keys in keys if action.startswith("stage:")}
    assert of_stages == {
        "stage:W": ["W", "0"],
        "stage:N1": ["1"],
        "stage:N2": ["2"],
        "stage:N3": ["3"],
        "stage:R": ["R"],
    }
    of_flags = {action: keys for action, keys in keys if action.startswith("flag:")}
    assert of_flags == {"flag:artefact": ["F"], "flag:unsure": ["Shift+F"]}
