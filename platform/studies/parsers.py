"""What the API reads: JSON and forms of uploads, as far as the database can store them."""

import codecs
import json
from typing import Any, NoReturn

from django.http import QueryDict
from rest_framework import parsers, serializers
from rest_framework.parsers import DataAndFiles

from studies.storable import UnreadableError, why_no_text, why_no_texts, why_unstorable

# What Django puts in place of bytes of a form that are not UTF-8.
REPLACED = "\N{REPLACEMENT CHARACTER}"


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8 without NaN, lone surrogates, NUL, huge integers and bottomless nesting."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            text = codecs.decode(stream.read().removeprefix(codecs.BOM_UTF8), "utf-8")
            value = json.loads(text, parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            raise UnreadableError(f"The request is not UTF-8 ({error.reason})") from error
        except RecursionError as error:
            raise UnreadableError("The JSON of the request is nested too deep") from error
        except ValueError as error:
            raise UnreadableError(f"The request is not valid JSON ({error})") from error
        if why := why_unstorable(value):
            raise UnreadableError(
                f"The JSON of the request cannot be stored: {why}", fields=_fields(value)
            )
        return value


def _fields(value: object) -> dict[str, list[str]]:
    """Return the reasons by field, as far as the fields can be named."""
    fields = value if isinstance(value, dict) else {}
    whys = {name: why_unstorable(part, depth=1) for name, part in fields.items()}
    return {name: [why] for name, why in whys.items() if why and not why_no_text(name)}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


class UploadParser(parsers.MultiPartParser):
    """A form with files, with the same demands on its fields."""

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> "DataAndFiles[Any, Any]":
        form = super().parse(stream, media_type, parser_context)
        refuse_unreadable_form(form.data)
        return form


def refuse_unreadable_form(form: QueryDict) -> None:
    """Refuse a form or query of which a name or a value cannot be stored, or was not UTF-8.

    Raises
    ------
    UnreadableError
    """
    texts = [text for name, values in form.lists() for text in (name, *map(str, values))]
    if why := why_no_texts(texts):
        raise UnreadableError(f"A field of the form cannot be stored: {why}")
    if any(REPLACED in text for text in texts):
        raise UnreadableError("A field of the form has a character that is not UTF-8")


class FiniteField(serializers.FloatField):
    """A number; texts such as "nan", which Python reads as one, are refused."""

    def to_internal_value(self, data: Any) -> float:
        number: float = super().to_internal_value(data)
        if why_unstorable(number):
            self.fail("invalid")
        return number
