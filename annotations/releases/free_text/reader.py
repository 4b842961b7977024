"""Going through all free text of a release: rationales, comments, guidelines, names."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.exports.massex import Table
from annotations.models import ReleaseFinding, Scorer, Scoring
from annotations.releases.free_text.scanner import Hit, Scanner
from annotations.releases.nights import Night
from annotations.releases.ratings import COLUMNS

Where = ReleaseFinding.Where


@dataclass
class Found:
    """Something in a text, where it stood first, and how often the text came."""

    text: str
    hit: Hit
    where: Where
    place: str
    score_id: int | None
    places: int = 1


class TextReader:
    """Texts go in as they are read, findings come out; only texts with findings are kept."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._found: dict[str, list[Found]] = {}
        self._short: set[str] = set()
        self.texts = 0

    @property
    def found(self) -> list[Found]:
        return [one for group in self._found.values() for one in group]

    def read_night(self, night: Night) -> None:
        for kept in night.rows:
            row, place = kept.row, f"{night.entry.key}, epoch {kept.row.epoch + 1}"
            if kept.is_kept and row.rationale:
                self.read(row.rationale, Where.RATIONALE, place, row.pk)
            self._read_once(row.source_text, Where.STAGE_TEXT, place, row.pk)

    def read_scorings(self, scorings: Sequence[Scoring]) -> None:
        """Read the guidelines they were made under, and the names that files take."""
        for scoring in scorings:
            self._read_once(scoring.guideline, Where.GUIDELINE, "guideline")
            if scoring.scorer.kind != Scorer.Kind.HUMAN:  # people go by numbers
                self._read_once(scoring.scorer.label, Where.SCORER, "name of a scorer")

    def read_ratings(self, ratings: Table) -> None:
        column = {name: place for place, name in enumerate(COLUMNS)}
        for row in ratings.rows:
            place = f"{row[column['recording']]}, epoch {int(row[column['epoch']]) + 1}"
            self._read_once(str(row[column["study"]]), Where.RATING_STUDY, "title")
            if comment := str(row[column["comment"]]):
                self.read(comment, Where.COMMENT, place)

    def read(self, text: str, where: Where, place: str, score_id: int | None = None) -> None:
        self.texts += 1
        if group := self._found.get(text):
            for one in group:
                one.places += 1
        elif hits := self._scanner.hits(text):
            self._found[text] = [Found(text, hit, where, place, score_id) for hit in hits]

    def _read_once(self, text: str, where: Where, place: str, score_id: int | None = None) -> None:
        """Read what repeats from row to row."""
        if text and text not in self._short:
            self._short.add(text)
            self.read(text, where, place, score_id)
