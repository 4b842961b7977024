"""Doubts: what a file leaves open, what is assumed, and what a person can say instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from psg.errors import PsgError
from psg.typed_json import JsonObject


@dataclass(frozen=True)
class Choice:
    """An answer to a doubt: its value for programs, and its words for people."""

    value: str
    words: str


@dataclass(frozen=True)
class Doubt:
    """A question that a file leaves open.

    Parameters
    ----------
    code : str
        The kind of doubt in a word, such as ``counting_base``; the key of its answer.
    what : str
        What the file leaves open and what that would change, in a sentence.
    assumed : str
        What is assumed without an answer, in a sentence. Empty where nothing may be assumed: a
        person must answer before anything is kept.
    where : str
        The part of the file concerned, such as labels, texts with counts, or two times.
    choices : tuple of Choice
        What a person can answer; empty where the answer is free, such as a channel map.
    option : str
        The option of the command that gives the answer, with an example.
    quotes_file : bool
        Whether place and option quote texts of the file, which may name a person.
    """

    code: str
    what: str
    assumed: str = ""
    where: str = ""
    choices: tuple[Choice, ...] = ()
    option: str = ""
    quotes_file: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a person must answer before anything is kept."""
        return not self.assumed

    def as_json(self) -> JsonObject:
        return {
            "code": self.code,
            "what": self.what,
            "assumed": self.assumed,
            "where": self.where,
            "choices": [{"value": c.value, "words": c.words} for c in self.choices],
            "option": self.option,
        }

    @property
    def sentence(self) -> str:
        """What the file leaves open, with a full stop or a question mark."""
        return _sentence(self.what)

    @property
    def on_page(self) -> str:
        """The doubt in words, without the option of the shell."""
        place = f" ({self.where})" if self.where else ""
        return " ".join(filter(None, [_sentence(self.what, place), self.assumed]))

    def __str__(self) -> str:
        option = f" In the shell, add {self.option}." if self.option and self.is_open else ""
        return self.on_page + option


def _sentence(what: str, place: str = "") -> str:
    end = "?" if what.endswith("?") else "."
    return f"{what.removesuffix(end)}{place}{end}"


class OpenDoubtsError(PsgError):
    """A file with doubts that a person must settle before it is kept."""

    code = "open_doubts"

    def __init__(self, doubts: Iterable[Doubt]) -> None:
        self.doubts = tuple(doubt for doubt in doubts if doubt.is_open)
        super().__init__(
            " ".join(f"{doubt}" for doubt in self.doubts), advice="Nothing was stored."
        )
        self.more = {"doubts": [doubt.as_json() for doubt in self.doubts]}

    @property
    def on_page(self) -> str:
        """The words without the options of the shell."""
        return " ".join([*(doubt.on_page for doubt in self.doubts), str(self.advice)])

    @property
    def to_keep(self) -> str:
        """The words without what they quote from the file, which is shown and never kept."""
        plain = (
            replace(doubt, where="", option="") if doubt.quotes_file else doubt
            for doubt in self.doubts
        )
        return " ".join([*map(str, plain), str(self.advice)])

    def __reduce__(self) -> tuple[type[OpenDoubtsError], tuple[tuple[Doubt, ...]]]:
        """Travel from the process of a reader as what it was made of."""
        return type(self), (self.doubts,)


def refuse_open(doubts: Iterable[Doubt]) -> None:
    """Refuse what has an open doubt.

    Raises
    ------
    OpenDoubtsError
    """
    open_doubts = [doubt for doubt in doubts if doubt.is_open]
    if open_doubts:
        raise OpenDoubtsError(open_doubts)
