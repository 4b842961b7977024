"""From the text a model wrote to a typed reply, or to a reason why not. Knows no Django."""

from inference.parsing.reply import FaultKind, ParsedReply, ReplyFault, parse_reply

__all__ = ["FaultKind", "ParsedReply", "ReplyFault", "parse_reply"]
