"""Randomly worded sentences with known content, to test the reader of claims."""

from __future__ import annotations

import random
from math import inf

from psg.claims import Claim, Range, Span
from psg.montage import Derivation

NOUNS = {
    "spindle": (("sleep spindle", "sleep spindles"), ("spindle", "spindles")),
    "k_complex": (("K complex", "K complexes"), ("K-complex", "K-complexes")),
    "slow_wave": (("slow wave", "slow waves"), ("delta wave", "delta waves")),
    "alpha": (("alpha rhythm", "alpha rhythm"), ("alpha activity", "alpha activity")),
    "theta": (("theta activity", "theta activity"),),
    "vertex_wave": (("vertex sharp wave", "vertex sharp waves"),),
    "sawtooth": (("train of sawtooth waves", "trains of sawtooth waves"),),
    "rem": (("rapid eye movement", "rapid eye movements"), ("rapid eye movement", "REMs")),
    "sem": (("slow eye movement", "slow eye movements"), ("SEM", "SEMs")),
    "blink": (("eye blink", "eye blinks"), ("blink", "blinks")),
    "arousal": (("arousal", "arousals"),),
    "movement": (("body movement", "body movements"),),
}
PLACES = {
    Derivation.F4: ("F4-M1", "F4", "the frontal derivation", "F4‑A1"),
    Derivation.C4: ("C4-M1", "C4", "the central derivation", "C4/M1"),
    Derivation.O2: ("O2-M1", "O2", "the occipital channel", "O2:A1"),
}
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six")
NONE = ("No {}", "There is no {}", "No clear {} is seen", "Absence of {}", "The epoch has no {}")


def written(claim: Claim, rng: random.Random) -> str:
    """Return a sentence that states a claim with all its facts."""
    single, many = rng.choice(NOUNS[claim.kind])
    if claim.absent:
        return rng.choice(NONE).format(single) + _place(claim, rng) + _times(claim, rng) + "."
    is_plural = bool(claim.count and claim.count.low > 1) or len(claim.spans) > 1
    tail = [_length(claim, rng), _share(claim, rng)]
    parts = [_place(claim, rng), _times(claim, rng)]
    rng.shuffle(parts)
    values = [text for text in (_frequency(claim, rng), _amplitude(claim, rng)) if text]
    rng.shuffle(values)
    noun = many if is_plural else single
    if values and rng.random() < 0.3:
        head = f"{_number(claim, rng)}{values.pop(0)} {noun}"
    else:
        head = f"{_number(claim, rng)}{noun}"
    facts = "".join(parts) + (f" ({', '.join(values)})" if values else "") + "".join(tail)
    return f"{head[:1].upper()}{head[1:]}{facts}."


def claim_at_random(kind: str, rng: random.Random) -> Claim:
    """Return a random claim with facts that this kind of event can have."""
    if rng.random() < 0.2:
        return Claim(kind, absent=True)
    is_lasting = kind in ("alpha", "theta", "slow_wave")
    fields: dict = {}
    if rng.random() < 0.5 and kind not in ("rem", "sem", "blink", "arousal", "movement"):
        fields["derivations"] = (rng.choice(list(PLACES)),)
    if rng.random() < 0.7:
        fields["spans"] = _some_spans(is_lasting, rng)
    if rng.random() < 0.4 and kind in ("spindle", "alpha", "theta", "slow_wave", "sawtooth"):
        fields["frequency_hz"] = _some_range(rng, 1, 16, 1)
    if rng.random() < 0.4 and kind not in ("arousal", "movement"):
        fields["amplitude_uv"] = _some_range(rng, 15, 250, 0)
    if is_lasting and rng.random() < 0.3:
        fields["share"] = _some_share(rng)
    elif is_lasting and rng.random() < 0.3:
        fields["length_s"] = _exactly(round(rng.uniform(1, 29), 1))
    if not is_lasting and "spans" not in fields and rng.random() < 0.5:
        count = rng.randint(1, 6)
        fields["count"] = Range(count, count)
    return Claim(kind, **fields)


def _exactly(value: float) -> Range:
    return Range(value, value)


def _some_spans(is_lasting: bool, rng: random.Random) -> tuple[Span, ...]:
    if is_lasting or rng.random() < 0.4:
        start_s = round(rng.uniform(0, 25), 1)
        return (Span(start_s, round(start_s + rng.uniform(0.5, 5), 1)),)
    times = sorted({round(rng.uniform(0, 30), 1) for _ in range(rng.randint(1, 4))})
    return tuple(Span(time_s, time_s) for time_s in times)


def _some_range(rng: random.Random, low: float, high: float, digits: int) -> Range:
    first = round(rng.uniform(low, high), digits)
    choice = rng.random()
    if choice < 0.2:
        return Range(low=first)
    if choice < 0.3:
        return Range(high=first)
    if choice < 0.6:
        return Range(first, round(first * rng.uniform(1.1, 1.6) + 1, digits))
    return Range(first, first)


def _some_share(rng: random.Random) -> Range:
    share = round(rng.randint(2, 9) / 10, 1)
    return rng.choice([Range(share, share), Range(low=share), Range(high=share)])


def _number(claim: Claim, rng: random.Random) -> str:
    if claim.count is None:
        return "" if len(claim.spans) > 1 or claim.kind in ("alpha", "theta") else "a "
    count = int(claim.count.low)
    return f"{rng.choice([str(count), NUMBER_WORDS[count]])} "


def _place(claim: Claim, rng: random.Random) -> str:
    if not claim.derivations:
        return ""
    names = [rng.choice(PLACES[name]) for name in claim.derivations]
    return f" {rng.choice(['in', 'over', 'on'])} {' and '.join(names)}"


def _times(claim: Claim, rng: random.Random) -> str:
    if not claim.spans:
        return ""
    if claim.spans[0].duration_s:
        low, high = claim.spans[0].start_s, claim.spans[0].end_s
        forms = ["at {}-{} s", "from {} to {} s", "between {} and {} s", "in {}–{} s"]
        return " " + rng.choice(forms).format(f"{low:g}", f"{high:g}")
    times = [f"{span.start_s:g}" for span in claim.spans]
    listed = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
    return rng.choice([" at {} s", " at {} seconds", " around {} s"]).format(listed)


def _ranged(wanted: Range, unit: str, rng: random.Random) -> str:
    if wanted.high == inf:
        return rng.choice(["above {}{}", "> {}{}", "at least {}{}", "more than {}{}"]).format(
            f"{wanted.low:g}", unit
        )
    if wanted.low == -inf:
        return rng.choice(["below {}{}", "< {}{}", "at most {}{}"]).format(f"{wanted.high:g}", unit)
    if wanted.low == wanted.high:
        return f"{wanted.low:g}{unit}"
    return rng.choice(["{}-{}{}", "{} to {}{}", "{}–{}{}"]).format(
        f"{wanted.low:g}", f"{wanted.high:g}", unit
    )


def _frequency(claim: Claim, rng: random.Random) -> str:
    unit = rng.choice([" Hz", "Hz"])
    return _ranged(claim.frequency_hz, unit, rng) if claim.frequency_hz else ""


def _amplitude(claim: Claim, rng: random.Random) -> str:
    unit = rng.choice([" µV", " uV", "µV", " microvolts", " μV"])
    return _ranged(claim.amplitude_uv, unit, rng) if claim.amplitude_uv else ""


def _length(claim: Claim, rng: random.Random) -> str:
    if claim.length_s is None:
        return ""
    verb = rng.choice([" for", " lasting", " for a total of"])
    return f"{verb} {_ranged(claim.length_s, ' s', rng)}"


def _share(claim: Claim, rng: random.Random) -> str:
    if claim.share is None:
        return ""
    percent = Range(claim.share.low * 100, claim.share.high * 100)
    words = _ranged(percent, rng.choice([" %", "%", " percent"]), rng)
    return f"{rng.choice([' in', ' filling', ' occupying'])} {words} of the epoch"
