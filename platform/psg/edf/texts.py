"""Which signals of a file hold texts instead of samples: by their label, else by their bytes.

Texts name people, so a signal of texts under a label that nobody foresaw must not be kept as if it
were samples.
"""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import BinaryIO

_LABEL = re.compile(r"[EB]DF[\s+_-]*ANNOTATIONS?[\s_-]*\d*", re.IGNORECASE)
# Labels under which a few letters are enough.
_SAYS_TEXTS = re.compile(
    r"ANN?OT|EVENT|EREIGNIS|EVEN+EMENT|MARKER|NOTE|NOTI[ZC]|NOTA|COMMENT|KOMMENT|COMENT|REMARK"
    r"|BEMERK|TEXT",
    re.IGNORECASE,
)
_TIME = rb"\d+(?:[.,]\d*)?"
# A time, with or without a duration, before the first text of a record.
_FIRST_TAL = re.compile(rb"[+-]" + _TIME + rb"(?:\x15" + _TIME + rb")?\x14[^\x00]*\x14\x00")
# The same as programs write it that do not keep to the standard.
_ODD_TAL = re.compile(_TIME + rb"(?:\x15" + _TIME + rb")?\x14([^\x00-\x1f]{5,})")
_ODD_TAL_BYTES = 32
_PADDING = b"\x00 "
_PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
# So many bytes of a signal are all printable only if it is text; a quiet signal far from 0 has
# printable bytes as well, but the higher byte of its samples then stays the same.
_FEWEST_PRINTABLE, _FEWEST_DIFFERENT = 32, 4
_HEAD_BYTES = 4096
# What is shorter is looked at together with the following records.
_ENOUGH_BYTES = 64
# Of signals that begin with zeros, to find the first records that have more.
_MOST_READS = 200_000

_BYTE_ORDER_MARK = re.compile(rb"\xff\xfe|\xfe\xff|\xef\xbb\xbf")
_BETWEEN_WORDS = re.compile(r"[\s\x00\d,.;:()/'\"!?+-]+")
# Not the letters that bytes of samples look like in Latin-1.
_PLAIN_LETTER = re.compile(r"[A-Za-z]|(?![\x00-\xff])[^\W\d_]")
_FEWEST_LETTERS, _SHORTEST_WORD, _MOSTLY = 5, 3, 0.6
# Letters of a word lie apart; so do not the samples of a slow signal, such as a pulse rate.
_JUMP = 3


def is_annotation_label(label: str) -> bool:
    """Whether a label is that of annotations, however it is spelled: ``EDF ANNOTATIONS``."""
    return _LABEL.fullmatch(" ".join(label.split())) is not None


def holds_texts(record: bytes) -> bool:
    """Whether the bytes of a signal in a record are annotations, or a long plain text."""
    head = record.lstrip(_PADDING)[:_HEAD_BYTES]
    if _FIRST_TAL.match(head + b"\x00"):
        return True
    odd = _ODD_TAL.search(head[:_ODD_TAL_BYTES])
    if odd and _are_words(odd.group(1).decode("latin-1")):
        return True
    text = head.strip(_PADDING)
    if len(text) < _FEWEST_PRINTABLE or not _PRINTABLE.issuperset(text):
        return False
    return min(len(set(text[::2])), len(set(text[1::2]))) >= _FEWEST_DIFFERENT


def holds_words(content: bytes) -> bool:
    """Whether all that several records of a signal hold are words, in whatever code.

    Words are of small letters or capitals, or begin with a capital. What has neither blanks nor
    both kinds of letters may be the samples of a slow signal.
    """
    text = _decoded(content)
    letters = "".join(_BETWEEN_WORDS.split(text))
    if len(letters) < _FEWEST_LETTERS or not _are_words(text):
        return False
    is_sentence = " " in text.strip(" \x00") or not (letters.islower() or letters.isupper())
    codes = [ord(letter) for letter in text if letter != "\x00"]
    jumps = [abs(one - other) for one, other in pairwise(codes)]
    return is_sentence and median(jumps) >= _JUMP


def _are_words(text: str) -> bool:
    words = [word for word in _BETWEEN_WORDS.split(text) if word]
    has_word = any(len(word) >= _SHORTEST_WORD for word in words)
    return has_word and all(map(_is_word, words)) and _is_mostly_letters(text)


def _is_word(word: str) -> bool:
    capitals = sum(letter.isupper() for letter in word)
    return word.isalpha() and (word.isupper() or 3 * capitals <= max(len(word), 3))


def _is_mostly_letters(text: str) -> bool:
    """Whether most of a text is plain letters: bytes of samples are seldom."""
    used = text.replace("\x00", "").replace(" ", "")
    return len(_PLAIN_LETTER.findall(used)) >= _MOSTLY * max(len(used), 1)


def _decoded(content: bytes) -> str:
    """Read bytes as text: of one byte a letter, of several with the others empty, or UTF-8."""
    content = _BYTE_ORDER_MARK.sub(b"", content, count=1).lstrip(b"\x00").rstrip(_PADDING)
    for width in (4, 3, 2):
        if not any(content[place::width].strip(b"\x00") for place in range(1, width)):
            return content[::width].decode("latin-1")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _holds_letters(content: bytes) -> bool:
    """Whether a signal whose label says that it is text holds any."""
    text = _decoded(content)
    return re.search(r"[A-Za-z]{3}", text) is not None and _is_mostly_letters(text)


def find_texts(
    file: BinaryIO, labels: list[str], widths_bytes: list[int], *, begin: int, asked: list[int]
) -> set[int]:
    """Find the signals whose first records with content hold texts.

    Parameters
    ----------
    file
        Open for reading; its place changes.
    labels
        Labels of the signals.
    widths_bytes
        Size of each signal in a record.
    begin
        Where the first record begins.
    asked
        Indices of the signals to look at.
    """
    record_bytes = sum(widths_bytes)
    places = [sum(widths_bytes[:index]) for index in range(len(widths_bytes))]
    seen = {index: b"" for index in asked if widths_bytes[index]}
    left, texts = list(seen), set()
    reads = 0
    while left and reads < _MOST_READS:
        unsure: list[int] = []
        for index in left:
            file.seek(begin + places[index])
            record = _content(file, widths_bytes[index])
            reads += 1
            if record is None:
                unsure = []
                break
            seen[index] += record
            if record and holds_texts(record):
                texts.add(index)
            elif len(seen[index].translate(None, _PADDING)) < _ENOUGH_BYTES:
                unsure.append(index)
        left = unsure
        begin += record_bytes
    return texts | {index for index, content in seen.items() if _is_text(labels[index], content)}


def _is_text(label: str, content: bytes) -> bool:
    return holds_words(content) or (bool(_SAYS_TEXTS.search(label)) and _holds_letters(content))


def _content(file: BinaryIO, width_bytes: int) -> bytes | None:
    """Read the first block with content of a signal in a record; None behind the end."""
    for start in range(0, width_bytes, _HEAD_BYTES):
        block = file.read(min(_HEAD_BYTES, width_bytes - start))
        if not block:
            return None
        if block.strip(_PADDING):
            return block
    return b""
