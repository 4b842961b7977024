"""What a reader answers for a night, read by the parser that pre-scoring uses."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.adapters import Adapter, NightToScore, RawReply
from inference.parsing import FaultKind, ParsedReply, ReplyFault, parse_reply
from psg.stages import UNSCORED_CODE, stage_codes


@dataclass(frozen=True)
class Answer:
    """One reply word for word, and what was read in it."""

    raw: RawReply
    read: ParsedReply | ReplyFault


@dataclass(frozen=True)
class Answers:
    """The answers of one reader for one night, by epoch; epochs not asked for are not in it."""

    epoch_count: int
    by_epoch: Mapping[int, Answer]
    seconds: float
    """Time that all of them took, whatever is measured of the night included."""

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Which epochs were asked for; (n_epochs,)."""
        mask = np.zeros(self.epoch_count, dtype=np.bool_)
        mask[list(self.by_epoch)] = True
        return mask

    @property
    def codes(self) -> NDArray[np.int8]:
        """Stage codes, -1 where no stage was read or none was asked for; (n_epochs,)."""
        codes = np.full(self.epoch_count, UNSCORED_CODE, dtype=np.int8)
        parsed = self.parsed
        codes[list(parsed)] = stage_codes([reply.stage for reply in parsed.values()])
        return codes

    @property
    def parsed(self) -> dict[int, ParsedReply]:
        found = {epoch: answer.read for epoch, answer in self.by_epoch.items()}
        return {epoch: read for epoch, read in found.items() if isinstance(read, ParsedReply)}

    @property
    def faults(self) -> Counter[str]:
        """Replies without a stage, by what was wrong with them."""
        read = (answer.read for answer in self.by_epoch.values())
        return Counter(fault.kind.value for fault in read if isinstance(fault, ReplyFault))


def ask(
    adapter: Adapter, night: NightToScore, epochs: Sequence[int], *, rule_ids: Sequence[str]
) -> Answers:
    """Have a reader answer for some epochs of a night."""
    started = time.perf_counter()
    raw = [reply for group in adapter.replies(night, epochs) for reply in group]
    return Answers(
        night.signals.epoch_count,
        {reply.epoch: Answer(reply, _read(reply, rule_ids)) for reply in raw},
        time.perf_counter() - started,
    )


def _read(raw: RawReply, rule_ids: Sequence[str]) -> ParsedReply | ReplyFault:
    if raw.error:
        return ReplyFault(FaultKind.NO_REPLY, raw.error)
    return parse_reply(raw.text, rule_ids=rule_ids)
