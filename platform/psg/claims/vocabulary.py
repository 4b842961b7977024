"""The words of rationales: kinds of events, regions, words that qualify a statement."""

from __future__ import annotations

from functools import lru_cache

from psg.claims.tokens import PhraseTable, Sort, phrase_table
from psg.events import (
    EventKind,
    chin_tone,
    event_kind,
    rapid_eye_movement,
    registry,
    slow_eye_movement,
)
from psg.montage import Derivation, find_derivations

TONE = chin_tone.KIND
"""The kind of the chin: claims state its level as well as its rises."""
LAMF = "lamf"
"""Low-amplitude mixed-frequency activity; judged by its exclusions, without a detector."""
ATONIA = "atonia"
"""Read as low tone."""

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    ATONIA: ("atonia", "muscle atonia", "rem atonia", "chin atonia"),
    LAMF: (
        "low amplitude mixed frequency",
        "low amplitude mixed frequency activity",
        "low amplitude mixed frequency eeg",
        "low voltage mixed frequency",
        "low amplitude and mixed frequency",
        "mixed frequency",
        "mixed frequency activity",
        "lamf",
        "lamf activity",
    ),
}
_PAIRS = (
    ("rapid or slow eye movement", (rapid_eye_movement.KIND, slow_eye_movement.KIND)),
    ("slow or rapid eye movement", (slow_eye_movement.KIND, rapid_eye_movement.KIND)),
)
_BANDS = tuple(
    f"{wave} {word}"
    for wave in ("alpha", "delta", "theta", "sigma", "spindle", "slow wave")
    for word in ("range", "band", "frequency", "power", "frequency range", "frequency band")
)
# Stages, rules and traits of a sleeper whose names contain the name of a kind.
_NO_KINDS = (
    *_BANDS,
    "rem sleep",
    "stage rem",
    "nrem",
    "rem stage",
    "rem epoch",
    "rem period",
    "rem latency",
    "rem rule",
    "slow wave sleep",
    "delta sleep",
    "alpha producer",
    "alpha non producer",
    "alpha generator",
    "movement time",
    "spindle criterion",
    "arousal index",
    "arousal criterion",
)


def kind_phrases() -> PhraseTable[tuple[str, ...]]:
    """The names of all kinds with the kinds that each means; none for a name of something else."""
    return _kind_phrases(registry.EVENT_KINDS)


@lru_cache(maxsize=4)
def _kind_phrases(kinds: tuple[EventKind, ...]) -> PhraseTable[tuple[str, ...]]:
    phrases: list[tuple[str, tuple[str, ...]]] = [
        *((name, (kind.id,)) for kind in kinds for name in kind.names),
        *((name, (kind_id,)) for kind_id, names in _OTHER_NAMES.items() for name in names),
        *_PAIRS,
        *((words, ()) for words in _NO_KINDS),
    ]
    return phrase_table(phrases)


def is_rhythm(kind_id: str) -> bool:
    """Whether a rationale may state how much of the epoch a kind fills."""
    kind = event_kind(kind_id)
    return kind_id == LAMF or bool(kind and kind.is_rhythm)


# "REM" alone is the stage as often as the movement; these words before it make it the movement.
REM_AS_MOVEMENT = frozenset(
    {"a", "an", "any", "no", "without", "single", "one", "isolated", "phasic", "each"}
)
REM = rapid_eye_movement.KIND


_F4, _C4, _O2 = Derivation.F4, Derivation.C4, Derivation.O2
_EYES = (Derivation.E1, Derivation.E2)

REGIONS = phrase_table(
    [
        ("frontal", (_F4,)),
        ("frontally", (_F4,)),
        ("fronto central", (_F4, _C4)),
        ("frontocentral", (_F4, _C4)),
        ("frontocentrally", (_F4, _C4)),
        ("central", (_C4,)),
        ("centrally", (_C4,)),
        ("vertex", (_C4,)),
        ("occipital", (_O2,)),
        ("occipitally", (_O2,)),
        ("posterior", (_O2,)),
        ("posteriorly", (_O2,)),
        ("occiput", (_O2,)),
        ("eog", _EYES),
        ("eye channel", _EYES),
        ("eye derivation", _EYES),
        ("both eyes", _EYES),
        ("left eye", (Derivation.E1,)),
        ("right eye", (Derivation.E2,)),
    ]
)


@lru_cache(maxsize=256)
def derivation_of(label: str) -> Derivation | None:
    """The derivation of a channel label; electrodes of the other side count as well."""
    sources = find_derivations([label]).sources
    return next(iter(sources), None)


OTHER_EPOCH = "It is about another epoch."
WHOLE_NIGHT = "It is about the whole recording."
DETECTION = "It is about the detection, not about the signal."
NOT_CERTAIN = "It is put as a possibility or a condition."
RELATED = "It is named in comparison or relation, not as seen here."
TOO_FEW = "It compares with the amount that a rule requires."
GIVES_WAY = "It describes a change over time."

_WORDS: dict[tuple[Sort, str | None], str] = {
    (Sort.NOT, None): "no|not|without|none|neither|never|cannot see|lack of|lack|lacking|absence of"
    "|free of|devoid of|isn't|aren't|doesn't|don't|no evidence of|no sign of|no trace of"
    "|no longer|fail to|no clear|no definite|hardly any",
    (Sort.SEEN, None): "seen|visible|present|observed|detected|identified|evident|found|noted"
    "|recorded|apparent|discernible|detectable|recognisable|recognizable|there|occur|appear|exist"
    "|occurring",
    (Sort.GONE, None): "is absent|are absent|absent|is missing|are missing|is gone|are gone|gone"
    "|is lacking|are lacking|disappeared|has disappeared|have disappeared|is lost|nowhere",
    (Sort.HEDGE, NOT_CERTAIN): "possible|possibly|probable|probably|likely|perhaps|maybe|suspected"
    "|questionable|equivocal|suggest|suggesting|suggestive of|presumed|doubtful|apparently"
    "|a hint of|hint of|if any",
    (Sort.HEDGE, RELATED): "tied to|associated with|related to|linked to|due to|resembling"
    "|resemble|typical of|typical for|characteristic of|consistent with|compatible with|criterion"
    "|criteria for|criterion for|rather than|instead of|similar to|mimicking|indicative of"
    "|indicating|definition of|as in|other|further|additional|as opposed to|threshold of|no other"
    "|no further|no additional|in keeping with|in line with|associated",
    (Sort.BLOCK, OTHER_EPOCH): "epoch before|epoch after|epoch that follow|previous epoch"
    "|preceding epoch|prior epoch|next epoch|following epoch|subsequent epoch|last epoch"
    "|neighbouring epoch|neighboring epoch|adjacent epoch|surrounding epoch|epoch n - 1"
    "|epoch n + 1"
    "|earlier epoch|later epoch|the one before|the one after"
    "|epoch of n1|epoch of n2|epoch of n3|epoch of w|epoch of r|previous one|preceding one",
    (Sort.BLOCK, WHOLE_NIGHT): "in this recording|this sleeper make|of this subject|in this sleeper"
    "|throughout the night|all night|whole night|of the recording|epoch of the night",
    (Sort.BLOCK, DETECTION): "the detection of|the measurements behind|check by eye",
    (Sort.BLOCK, NOT_CERTAIN): "cannot|can't|can not|could|would|might|may|may be|if|unless"
    "|whether|?|hard to|difficult to|unclear|uncertain|not sure|not certain|should",
    (Sort.CHANGE, GIVES_WAY): "give way to|giving way to|gave way to|replaced by|evolve into"
    "|evolving into|changing to|change to|transition to|transitioning to|attenuate|attenuated"
    "|attenuating|fading|fade|followed by attenuation of|disappear|disappearing|drop out|diminish"
    "|diminishing",
    (Sort.HEDGE, TOO_FEW): "not enough|too few|too little|insufficient|enough|sufficient",
    (Sort.STAGE, None): "n1|n2|n3|stage w|stage r|wake|wakefulness|rem sleep|stage 1|stage 2"
    "|stage 3|neither w",
    (Sort.DOUBT, NOT_CERTAIN): "like",
    (
        Sort.GLUE,
        None,
    ): "not met|not fulfilled|not satisfied|train of|burst of|run of|series of|episode of"
    "|group of|stretch of|bout of",
    (Sort.AND, None): "and|&|plus|as well as",
    (Sort.WITH, None): "with|together with|along with|accompanied by",
    (Sort.OR, None): "or|nor|/|and / or",
    (Sort.COMMA, None): ",",
    (Sort.CLAUSE, None): "but|while|whereas|although|though|however|yet|except|;",
    (Sort.SENTENCE, None): ".|!|\n",
    (Sort.OPEN, None): "(|[",
    (Sort.CLOSE, None): ")|]",
    (
        Sort.LINK,
        None,
    ): "lasting|in|over|on|at|from|across|of|for|between|around|by|during|within|into|near",
    (Sort.VERB, None): "show|has|have|contain|display|exhibit|reveal|demonstrate|fill|occupy"
    "|run|cover|add up to|sum to|is|are|was|were|exceed|last|remain|stay|become"
    "|lie|make up|comprise|dominate|account for|persist|reach|amount to|take",
    (Sort.LEVEL, "low"): "low|lowest|reduced|minimal|atonic|hypotonic|suppressed|decreased"
    "|low amplitude|low level|at its lowest|quiet|flat",
    (Sort.LEVEL, "high"): "high|higher|elevated|raised|increased|normal|normal or high"
    "|high or normal|active|tonic|sustained|preserved|maintained|well maintained|prominent"
    "|high amplitude|high level",
    (
        Sort.LEVEL,
        "rise",
    ): "rise|rising|rose|increase|increasing|go up|rise in|rise of|increase in|increase of",
    (
        Sort.LEVEL,
        "between",
    ): "moderate|intermediate|medium|variable|fluctuating|lower|low to moderate",
}

MEANINGS = phrase_table(
    (words, meaning) for meaning, wording in _WORDS.items() for words in wording.split("|")
)
