"""Scorings as arrays, read from the database in a few rows each, and cached."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import FloatField, Func, QuerySet
from django.db.models.functions import Cast
from numpy.typing import NDArray

from annotations.agreement.caching import key_of, load, store
from annotations.scoring.models import EpochScore, Scoring
from psg.stages import STAGES

_CODE_OF = {stage.value: code for code, stage in enumerate(STAGES)}
_LETTERS = "01234."  # the last stands for code -1, no stage
READ_AT_ONCE = 500
"""Scorings, so that memory holds few epochs as objects."""


@dataclass(frozen=True)
class Coded:
    """A scoring over the grid of its recording."""

    stages: NDArray[np.int8]
    """(n_epochs,) of stage codes, -1 where unscored."""
    rules: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """(n_epochs,) of whether an epoch cites the rule, by every rule that is cited anywhere."""
    certainty: NDArray[np.float32] | None = None
    """(n_epochs,) of the probability of the given stage, or NaN; None without any probability."""

    @property
    def scored_count(self) -> int:
        return int((self.stages >= 0).sum())

    def cited(self, rule_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Return (n_epochs, n_rules) of whether an epoch cites a rule."""
        none = np.zeros(len(self.stages), dtype=np.bool_)
        return np.stack([self.rules.get(rule, none) for rule in rule_ids], axis=-1)


def read_coded(scorings: Sequence[Scoring]) -> dict[int, Coded]:
    """Return scorings as arrays by their key, cached where possible.

    The scorings carry a `stamp` from `sheet_of`, which changes with every revision.
    """
    keys = {scoring.pk: _key(scoring) for scoring in scorings}
    texts = load(list(keys.values()))
    cached = {pk: _unpacked(texts[key]) for pk, key in keys.items() if key in texts}
    fresh = _read([scoring for scoring in scorings if scoring.pk not in cached])
    store({keys[pk]: _packed(coded) for pk, coded in fresh.items()})
    return cached | fresh


def _key(scoring: Scoring) -> str:
    # Annotated by the query: the UUID of the last revision, without which no epoch ever changes.
    stamp = scoring.stamp  # type: ignore[attr-defined]
    return key_of("stages", [scoring.pk, stamp, scoring.recording.epoch_count])


def _read(scorings: Sequence[Scoring]) -> dict[int, Coded]:
    coded: dict[int, Coded] = {}
    for first in range(0, len(scorings), READ_AT_ONCE):
        group = scorings[first : first + READ_AT_ONCE]
        coded |= _read_group({scoring.pk: scoring.recording.epoch_count for scoring in group})
    return coded


def _read_group(epoch_counts: Mapping[int, int]) -> dict[int, Coded]:
    """Read scorings with as many epochs as given: a row for all epochs that have the same label.

    Epoch by epoch, most of the time would go into making rows of Python.
    """
    staged = EpochScore.objects.filter(scoring__in=list(epoch_counts), stage__isnull=False)
    labels = staged.order_by().values_list("scoring_id", "stage", "rules")
    by_scoring: dict[int, list[tuple[str, list[str], list[int]]]] = defaultdict(list)
    for pk, *label in labels.annotate(epochs=ArrayAgg("epoch")):
        by_scoring[pk].append(tuple(label))
    certainties = _certainties(staged, epoch_counts)
    return {
        pk: _coded(by_scoring[pk], epoch_count, certainties.get(pk))
        for pk, epoch_count in epoch_counts.items()
    }


def _certainties(
    staged: "QuerySet[EpochScore]", epoch_counts: Mapping[int, int]
) -> dict[int, NDArray[np.float32]]:
    """Return the probabilities of the given stages by scoring, where a scoring has any."""
    given = Func("probabilities", "stage", function="jsonb_extract_path_text")
    rows = (
        staged.filter(probabilities__isnull=False)
        .annotate(certainty=Cast(given, FloatField()))
        .filter(certainty__isnull=False)
        .order_by()
        .values_list("scoring_id")
        .annotate(
            epochs=ArrayAgg("epoch", order_by="epoch"),
            values=ArrayAgg("certainty", order_by="epoch"),
        )
    )
    found = {}
    for pk, epochs, values in rows:
        found[pk] = np.full(epoch_counts[pk], np.nan, dtype=np.float32)
        found[pk][epochs] = values
    return found


def _coded(
    labels: Iterable[tuple[str, list[str], list[int]]],
    epoch_count: int,
    certainty: NDArray[np.float32] | None,
) -> Coded:
    stages = np.full(epoch_count, -1, dtype=np.int8)
    rules: dict[str, NDArray[np.bool_]] = {}
    for stage, cited, epochs in labels:
        stages[epochs] = _CODE_OF[stage]
        for rule in cited:
            rules.setdefault(rule, np.zeros(epoch_count, dtype=np.bool_))[epochs] = True
    return Coded(stages, rules, certainty)


def _packed(coded: Coded) -> str:
    return json.dumps(
        {
            "stages": "".join(_LETTERS[code] for code in coded.stages),
            "rules": {rule: _text(np.packbits(cited)) for rule, cited in coded.rules.items()},
            "certainty": None if coded.certainty is None else _text(coded.certainty),
        }
    )


def _unpacked(text: str) -> Coded:
    packed = json.loads(text)
    codes = np.frombuffer(packed["stages"].encode(), dtype=np.uint8).astype(np.int8) - ord("0")
    codes[codes < 0] = -1
    certainty = packed["certainty"]
    return Coded(
        stages=codes,
        rules={
            rule: np.unpackbits(_array(bits, np.uint8), count=len(codes)).astype(np.bool_)
            for rule, bits in packed["rules"].items()
        },
        certainty=None if certainty is None else _array(certainty, np.float32),
    )


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _array(text: str, dtype: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=dtype)
