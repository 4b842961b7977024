"""What people write, at the edge of the API: any script, and nothing that is no text."""

import unicodedata
from typing import Any

from rest_framework import serializers

from studies.storable import why_unstorable


class WordsField(serializers.CharField):
    """Text as it was written, up to `limit` characters, without control characters."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})
        self.limit = limit

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if len(text) > self.limit:
            raise serializers.ValidationError(
                f"{len(text):,} characters are too many: at most {self.limit:,} can be kept."
            )
        return without_controls(text)


def without_controls(text: str) -> str:
    """Refuse characters that no keyboard types and that databases or viewers choke on."""
    bad = sorted({c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"})
    if bad:
        names = ", ".join(f"U+{ord(c):04X}" for c in bad)
        raise serializers.ValidationError(f"Control characters ({names}) are not text.")
    return text


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON can carry and the database cannot keep."""
    if why := why_unstorable(value):
        raise serializers.ValidationError(f"This cannot be kept: {why}.")
    return value
