"""A deterministic reader: from measured features to stage, rules, and a written rationale.

It reads a night as the AASM manual asks a person to: measure the epoch, look at its neighbours,
cite the rule, describe its signs and those it lacks. It is not trained and draws no random
number, so the same night always gives the same reading.
"""

from psg.rules.reader.night import Reading, read_night

__all__ = ["Reading", "read_night"]
