"""Store replies: text, score and progress in a single transaction, under the lease."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.scoring.scores import ScoreContent, Why, add_scores
from inference.adapters import Grounding, RawReply
from inference.models import PreScoreRun, Reply, RunChunk
from inference.parsing import FaultKind, ParsedReply, ReplyFault, parse_reply
from inference.runs.lifecycle import back_again, locked
from jobs.models import LeaseLostError
from psg.rules.editions import get_edition


def epochs_left(chunk: RunChunk) -> list[int]:
    """Return the epochs of a chunk without a current reply."""
    answered = set(
        Reply.objects.filter(
            run=chunk.run_id, epoch__in=list(chunk.epochs), superseded=False
        ).values_list("epoch", flat=True)
    )
    return [epoch for epoch in chunk.epochs if epoch not in answered]


def hold(chunk: RunChunk) -> PreScoreRun:
    """Lock a claimed chunk and its run, and return the run. Call inside a transaction.

    Replies that are finished while the run is being paused are still stored.

    Raises
    ------
    LeaseLostError
    """
    run = locked(chunk.run_id)
    if not run.is_unfinished:
        raise LeaseLostError
    chunk.hold()
    return run


@transaction.atomic
def store_replies(*, chunk: RunChunk, raw_replies: Sequence[RawReply]) -> PreScoreRun:
    """Store a group of replies and the score of each readable reply; return the run.

    Raises
    ------
    LeaseLostError
        When another worker holds the chunk. Then nothing is stored.
    """
    run = hold(chunk)
    add_replies(run=run, raw_replies=raw_replies)
    return run


def add_replies(*, run: PreScoreRun, raw_replies: Sequence[RawReply]) -> None:
    """Add replies and scores to a run that the caller has locked or made."""
    rule_ids = get_edition(run.scoring.rule_edition).rule_ids
    read = [(raw, _read(raw, rule_ids)) for raw in raw_replies]
    _write(run, [_reply(run, raw, outcome) for raw, outcome in read])
    add_scores(
        scoring=run.scoring,
        contents=[
            (raw.epoch, _content(outcome, raw))
            for raw, outcome in read
            if isinstance(outcome, ParsedReply)
        ],
        why=Why.MODEL,
        probabilities={
            raw.epoch: dict(raw.probabilities) for raw in raw_replies if raw.probabilities
        },
        groundings={
            raw.epoch: raw.grounding for raw in raw_replies if raw.grounding is not Grounding.FREE
        },
    )


def settle_unanswered(*, run: PreScoreRun, chunk: RunChunk, error: str) -> None:
    """Settle the rest of a chunk as failed, so that every epoch of a run has an answer."""
    fault = ReplyFault(FaultKind.GAVE_UP, error)
    raw = [RawReply(epoch=epoch, text="") for epoch in epochs_left(chunk)]
    _write(run, [_reply(run, reply, fault) for reply in raw])


def _read(raw: RawReply, rule_ids: Sequence[str]) -> ParsedReply | ReplyFault:
    if raw.error:
        return ReplyFault(FaultKind.NO_REPLY, raw.error)
    return parse_reply(raw.text, rule_ids=rule_ids)


def _write(run: PreScoreRun, replies: list[Reply]) -> None:
    Reply.objects.bulk_create(replies)
    run.done = F("done") + len(replies)
    run.failed_count = F("failed_count") + sum(1 for reply in replies if reply.fault)
    run.heartbeat_at = timezone.now()
    run.save(update_fields=["done", "failed_count", "heartbeat_at"])
    if run.away_since:
        back_again(run)
    run.refresh_from_db(fields=["done", "failed_count"])


def _reply(run: PreScoreRun, raw: RawReply, outcome: ParsedReply | ReplyFault) -> Reply:
    fault = outcome if isinstance(outcome, ReplyFault) else None
    return Reply(
        run=run,
        epoch=raw.epoch,
        attempt=run.attempt,
        text=raw.text.replace("\x00", "\ufffd"),
        fault=fault.kind if fault else "",
        fault_detail=fault.detail if fault else "",
        notes=list(outcome.notes) if isinstance(outcome, ParsedReply) else [],
        pixel_sha256=list(raw.pixel_sha256),
        edge=raw.edge,
        duration_s=raw.duration_s,
        best_of=raw.best_of,
        grounding=raw.grounding,
        contradicted=[words.replace("\x00", "\ufffd") for words in raw.contradicted],
        grounding_note=raw.grounding_note.replace("\x00", "\ufffd"),
    )


def _content(reply: ParsedReply, raw: RawReply) -> ScoreContent:
    return ScoreContent(
        stage=reply.stage,
        rules=reply.rules,
        rationale=reply.rationale,
        evidence=[dict(item) for item in raw.evidence],
    )
