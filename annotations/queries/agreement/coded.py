"""What scorings say, as arrays over the night: stages, cited rules, how sure a model was."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.models import EpochScore, Scoring
from annotations.queries.agreement.remembering import keep, kept, key_of
from psg.stages import STAGES

_CODE_OF = {stage.value: code for code, stage in enumerate(STAGES)}
_LETTERS = "01234."  # the last one stands for -1, no stage


@dataclass(frozen=True)
class Coded:
    """One scoring over the grid of its recording."""

    stages: NDArray[np.int8]
    """(n_epochs,) of stage codes, -1 where unscored."""
    rules: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Every rule that is cited anywhere, to (n_epochs,) of whether it is."""
    certainty: NDArray[np.float32] | None = None
    """(n_epochs,) of the probability of the stage given, NaN without one; None throughout."""

    @property
    def scored_count(self) -> int:
        return int((self.stages >= 0).sum())

    def cited(self, rule_ids: Sequence[str]) -> NDArray[np.bool_]:
        """(n_epochs, n_rules) of what is cited."""
        none = np.zeros(len(self.stages), dtype=np.bool_)
        return np.stack([self.rules.get(rule, none) for rule in rule_ids], axis=-1)


def read_coded(scorings: Sequence[Scoring]) -> dict[int, Coded]:
    """Read scorings that carry a `stamp`; what was read at the same stamp before is not again."""
    keys = {scoring.pk: _key(scoring) for scoring in scorings}
    known = kept(list(keys.values()))
    found = {pk: _unpacked(known[key]) for pk, key in keys.items() if key in known}
    fresh = _read([scoring for scoring in scorings if scoring.pk not in found])
    keep({keys[pk]: _packed(coded) for pk, coded in fresh.items()})
    return found | fresh


def _key(scoring: Scoring) -> str:
    # Annotated by the query: the UUID of the last revision, without which no epoch ever changes.
    stamp = scoring.stamp  # type: ignore[attr-defined]
    return key_of("stages", [scoring.pk, stamp, scoring.recording.epoch_count])


def _read(scorings: Sequence[Scoring]) -> dict[int, Coded]:
    rows = EpochScore.objects.filter(scoring__in=[scoring.pk for scoring in scorings])
    names = ("scoring_id", "epoch", "stage", "rules", "probabilities")
    by_scoring: dict[int, list[tuple[Any, ...]]] = {scoring.pk: [] for scoring in scorings}
    for pk, *row in rows.order_by().values_list(*names).iterator(20_000) if scorings else ():
        by_scoring[pk].append(tuple(row))
    return {
        scoring.pk: _coded(by_scoring[scoring.pk], scoring.recording.epoch_count)
        for scoring in scorings
    }


def _coded(rows: Iterable[tuple[Any, ...]], epoch_count: int) -> Coded:
    stages = np.full(epoch_count, -1, dtype=np.int8)
    rules: dict[str, NDArray[np.bool_]] = {}
    certainty = np.full(epoch_count, np.nan, dtype=np.float32)
    for epoch, stage, cited, probabilities in rows:
        if stage is None:
            continue  # what is said of an epoch without a stage is said of no stage
        stages[epoch] = _CODE_OF[stage]
        for rule in cited:
            rules.setdefault(rule, np.zeros(epoch_count, dtype=np.bool_))[epoch] = True
        if probabilities and stage in probabilities:
            certainty[epoch] = probabilities[stage]
    return Coded(stages, rules, None if np.isnan(certainty).all() else certainty)


def _packed(coded: Coded) -> str:
    return json.dumps(
        {
            "stages": "".join(_LETTERS[code] for code in coded.stages),
            "rules": {rule: _text(np.packbits(cited)) for rule, cited in coded.rules.items()},
            "certainty": None if coded.certainty is None else _text(coded.certainty),
        }
    )


def _unpacked(text: str) -> Coded:
    told = json.loads(text)
    codes = np.frombuffer(told["stages"].encode(), dtype=np.uint8).astype(np.int8) - ord("0")
    codes[codes < 0] = -1
    certainty = told["certainty"]
    return Coded(
        stages=codes,
        rules={
            rule: np.unpackbits(_array(packed, np.uint8), count=len(codes)).astype(np.bool_)
            for rule, packed in told["rules"].items()
        },
        certainty=None if certainty is None else _array(certainty, np.float32),
    )


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _array(text: str, dtype: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=dtype)
