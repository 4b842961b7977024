"""Which of several replies to an epoch is kept: measurements and the rules of an edition decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inference.adapters.protocol import NightToScore
from inference.parsing import ParsedReply, ReplyFault, parse_reply
from psg.claims import (
    ClaimOutcome,
    MeasuredEpoch,
    MeasuredNight,
    check_epoch,
    measure_night,
    read_claims,
)
from psg.events.measures import EpochMeasures
from psg.night import measured_form
from psg.rules.editions import RuleEdition
from psg.stages import Stage


@dataclass(frozen=True, order=True)
class ReplyFaults:
    """What speaks against a reply, the weightiest first; the smallest is kept.

    ``rule_faults`` are cited rules that do not exist or cannot support the stage, and 1 where none
    is cited. Claims that measurements support count against the fault: they are below 0.
    """

    is_unread: bool
    has_another_stage: bool
    rule_faults: int
    contradicted: int
    minus_supported: int


def faults_of(
    reply: ParsedReply | ReplyFault,
    epoch: MeasuredEpoch,
    edition: RuleEdition,
    *,
    stage: Stage | None,
) -> ReplyFaults:
    """Return what speaks against a reply to an epoch that is to have this stage."""
    if isinstance(reply, ReplyFault):
        return ReplyFaults(True, False, 0, 0, 0)
    unfit = sum(not edition.rule(rule).can_support(reply.stage) for rule in reply.rules)
    outcomes = Counter(
        check_epoch(claim, epoch).outcome for claim in read_claims(reply.rationale).claims
    )
    return ReplyFaults(
        is_unread=False,
        has_another_stage=reply.stage != stage,
        rule_faults=unfit + len(reply.unknown_rules) + (not reply.rules),
        contradicted=outcomes[ClaimOutcome.CONTRADICTED],
        minus_supported=-outcomes[ClaimOutcome.SUPPORTED],
    )


def best_reply(texts: Sequence[str], epoch: MeasuredEpoch, edition: RuleEdition) -> int:
    """Return the place of the best reply to an epoch; of equal replies the first.

    The stage is that of the first reply with a stage, which is the most probable reply: claims are
    of events, and drawn replies are more often wrong about the stage.
    """
    replies = [parse_reply(text, rule_ids=edition.rule_ids) for text in texts]
    stage = next((reply.stage for reply in replies if isinstance(reply, ParsedReply)), None)
    faults = [faults_of(reply, epoch, edition, stage=stage) for reply in replies]
    return faults.index(min(faults))


class Judge:
    """Measures the current night once, and compares replies with it."""

    def __init__(self, edition: RuleEdition) -> None:
        self._edition = edition
        self._key = ""
        self._measures: tuple[EpochMeasures, ...] = ()

    def best(self, night: NightToScore, epoch: int, texts: Sequence[str]) -> int:
        """Return the place of the best reply to an epoch of a night."""
        return best_reply(texts, self._measured(night).epoch(epoch), self._edition)

    def _measured(self, night: NightToScore) -> MeasuredNight:
        if night.key != self._key:
            self._measures = measure_night(night.signals).measures
            self._key = night.key
        # The file of the signals may be another one at each call.
        return MeasuredNight(measured_form(night.signals), self._measures, night.is_simulated)
