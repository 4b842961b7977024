"""What beat notes in Redis, without models and kinds of work, so that its process stays small."""

import time

from jobs.workers import BEAT_LASTS_S, connect

SENT_AT = "sent_at"
"""Header of every message: when it was sent, in seconds of the sender's clock."""

BEAT_KEY = "epochwise:beat"
BEAT_OWNER_KEY = "epochwise:beat-owner"


def note_beat(owner: str) -> bool:
    """Note a tick of beat; False if another beat ticks, which then sends the messages.

    Raises
    ------
    redis.RedisError
    """
    client = connect()
    client.set(BEAT_OWNER_KEY, owner, nx=True, ex=BEAT_LASTS_S)
    if client.get(BEAT_OWNER_KEY) != owner:
        return False
    client.expire(BEAT_OWNER_KEY, BEAT_LASTS_S)
    client.set(BEAT_KEY, time.time())
    return True


def forget_beat(owner: str) -> None:
    """Let another beat take over at once."""
    client = connect()
    if client.get(BEAT_OWNER_KEY) == owner:
        client.delete(BEAT_OWNER_KEY)


def last_beat() -> float | None:
    """Return when beat ticked last, in seconds since 1970; None if it never did.

    Raises
    ------
    redis.RedisError
    """
    at = connect().get(BEAT_KEY)
    return None if at is None else float(at)
